// What every neuron does while a network reads a text; forward passes only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "stepper.hpp"

namespace songrnn {

// Which quantities are kept besides the hidden states.
struct Kept {
    bool log_probabilities, cell, gates;
};

// Values after each of T characters; arrays row-major. What is not kept is empty.
struct Trace {
    std::vector<float> log_probabilities;   // [T][V]: of the next character
    std::vector<float> hidden;              // [T][L][H]
    std::vector<float> cell;                // [T][L][H]; an LSTM only
    std::vector<std::vector<float>> gates;  // [G] of [T][L][H], in the order of the weights' rows; none for a plain RNN

    void reserve(std::size_t characters, const Shape& shape, const Kept& kept);
    // Adds what the last step did in a slot. The stepper must keep its gates if they are.
    void append(const Stepper& stepper, std::size_t slot, const Shape& shape, const Kernel& kernel, const Kept& kept);
};

Trace trace(std::shared_ptr<const Image> image, const Kernel& kernel, Interventions changes,
            const std::vector<std::int32_t>& ids);

}  // namespace songrnn
