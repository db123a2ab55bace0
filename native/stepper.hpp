// Advances up to `slots` tunes by one character at a time: matrix by matrix, so that all of them share each read of the
// weights. A slot's numbers do not depend on the other slots, nor on how many there are.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "image.hpp"
#include "kernel.hpp"

namespace songrnn {

// What the network reads with a character besides its n-grams.
struct Input {
    std::int32_t id, suggested, length_steps, distance_steps;
};

class Stepper {
public:
    Stepper(std::shared_ptr<const Image> image, const Kernel& kernel, std::size_t slots);

    void clear(std::size_t slot);                                              // to the zero state
    void copy(std::size_t slot, const Stepper& from, std::size_t from_slot);   // state and log-probabilities

    Input& input(std::size_t slot) { return inputs_[slot]; }
    float* expected(std::size_t slot) { return shares_.data() + slot * width_; }  // [K][V]: n-gram probabilities

    // Advances slots 0..count-1 by their inputs.
    void step(std::size_t count);

    // [V] natural logarithms for the next character.
    const float* log_probabilities(std::size_t slot) const { return answers_.data() + slot * image_->output.rows(); }

    // What a layer did in the last step; [neurons], and [gates * neurons] in blocks (image.hpp).
    const float* hidden(std::size_t layer, std::size_t slot) const { return hidden_[layer].data() + slot * neurons_; }
    const float* cell(std::size_t layer, std::size_t slot) const { return cell_[layer].data() + slot * neurons_; }
    // Writes a layer's gates, before their functions: for a GRU the candidate's with its reset gate applied.
    void gate_sums(std::size_t layer, std::size_t slot, std::vector<float>& out) const;

    // Keeps each layer's sums for gate_sums.
    void keep_sums() { keep_sums_ = true; }

    const Image& image() const { return *image_; }
    const Kernel& kernel() const { return kernel_; }

private:
    struct Vectors {  // factors of one matrix: of int8 matrices quantised
        std::vector<float> values;
        std::vector<std::uint8_t> quantised;
        std::vector<float> scales;
        std::size_t stride = 0;
        void resize(const Matrix& matrix, std::size_t slots);
    };
    void read_inputs(std::size_t count);
    void recur(std::size_t layer, std::size_t count);
    void answer(std::size_t slot);
    // Products with values in [-1, 1], with any values, and with values in [0, 1].
    enum class Bounds { one, none, share };
    void multiply(const Matrix& matrix, Vectors& factors, Bounds bounds, std::size_t count, const Sums& sums) const;

    std::shared_ptr<const Image> image_;
    const Kernel& kernel_;
    std::size_t neurons_, sums_count_, width_;
    bool keep_sums_ = false;
    std::vector<Input> inputs_;                     // [slots]
    std::vector<float> shares_, logs_, powers_;     // [slots][K * V]; [K * V]; [V]
    Vectors roots_, embedded_;                      // square roots of shares; what is added to the embedding
    std::vector<std::vector<float>> hidden_, cell_; // [layers][slots][neurons]
    std::vector<Vectors> states_;                   // [layers]: hidden_, as factors
    std::vector<float> from_input_, from_hidden_;   // [slots][gates * neurons]
    std::vector<std::vector<float>> kept_input_, kept_hidden_;
    std::vector<float> answers_;                    // [slots][output.rows()]
};

}  // namespace songrnn
