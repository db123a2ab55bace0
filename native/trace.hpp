// What every neuron does while a network reads a text; forward passes only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "image.hpp"
#include "kernel.hpp"

namespace songrnn {

// Values after each of T characters; arrays row-major.
struct Trace {
    std::vector<float> log_probabilities;  // [T][V]: of the next character
    std::vector<float> hidden;             // [T][L][H]
    std::vector<float> cell;               // [T][L][H]; an LSTM only
    std::vector<std::vector<float>> gates; // [G] of [T][L][H], in the order of the weights' rows; none for a plain RNN
};

Trace trace(std::shared_ptr<const Image> image, const Kernel& kernel, const std::vector<std::int32_t>& ids);

}  // namespace songrnn
