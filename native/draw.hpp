// What the network says -> which character comes next: songrnn.engines.filters, in the same order.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel.hpp"
#include "philox.hpp"

namespace songrnn {

// songrnn.engines.settings.SamplingSettings; the ranges are checked there.
struct Sampling {
    float temperature = 1.0f;
    std::uint32_t top_k = 0;
    float top_p = 1.0f;
    float min_p = 0.0f;
    std::vector<std::uint8_t> allowed;  // [V]: 0 for ids that may never be drawn; empty: all may
};

// Draws ids; keeps the memory for it.
class Drawer {
public:
    Drawer(const Kernel& kernel, std::size_t vocabulary_size);

    // An id, by one random number; -1 if none that may be drawn has any probability. log_probabilities: [V].
    // allowed: [V], 0 for ids that may not be drawn; null: all may.
    std::int32_t draw(const float* log_probabilities, const Sampling& sampling, const std::uint8_t* allowed,
                      Philox& random);

    // The probability, before any filter, of all ids that are not allowed.
    float removed(const float* log_probabilities, const std::uint8_t* allowed);

    // [V] for whoever works out what is allowed.
    std::uint8_t* mask() { return mask_.data(); }

private:
    std::int32_t likeliest() const;
    void keep_top_k(std::size_t k);
    void keep_top_p(float p);

    const Kernel& kernel_;
    const std::size_t size_;              // V
    std::vector<float> values_, powers_;  // V, rounded up to whole vectors
    std::vector<float> sorted_;
    std::vector<std::int32_t> order_;
    std::vector<std::uint8_t> mask_;
};

}  // namespace songrnn
