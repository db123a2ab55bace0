// Advances up to `slots` tunes by one character at a time: matrix by matrix, so that all of them share each read of the
// weights. A slot's numbers do not depend on the other slots, nor on how many there are.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "image.hpp"
#include "intervention.hpp"
#include "kernel.hpp"

namespace songrnn {

// What the network reads with a character besides its n-grams and its place.
struct Input {
    std::int32_t id, suggested, length_steps, distance_steps;
};

class Stepper {
public:
    // changes: of the hidden states, after every step.
    Stepper(std::shared_ptr<const Image> image, const Kernel& kernel, std::size_t slots,
            Interventions changes = nullptr);

    void clear(std::size_t slot);                                             // to the zero state
    void copy(std::size_t slot, const Stepper& from, std::size_t from_slot);  // state and log-probabilities

    Input& input(std::size_t slot) { return inputs_[slot]; }
    std::int32_t* place(std::size_t slot) { return places_.data() + slot * tracking::ROW; }  // as Position::row
    float* expected(std::size_t slot) { return shares_.data() + slot * width_; }  // [K][V]: n-gram probabilities

    // Advances slots 0..count-1 by their inputs.
    void step(std::size_t count);

    // [V] natural logarithms for the next character.
    const float* log_probabilities(std::size_t slot) const { return answers_.data() + slot * image_->output.rows(); }

    // A layer's state, [neurons].
    const float* hidden(std::size_t layer, std::size_t slot) const { return states_[layer].row(slot); }
    const float* cell(std::size_t layer, std::size_t slot) const { return cell_[layer].data() + slot * neurons_; }
    // A layer's gates in the last step before their functions: [gates * neurons] in blocks (image.hpp); the candidate
    // of a GRU with its reset gate applied. Only after keep_gates.
    const float* gate_sums(std::size_t layer, std::size_t slot) const {
        return gate_sums_[layer].data() + slot * sums_count_;
    }
    void keep_gates() { gate_sums_.assign(states_.size(), std::vector<float>(inputs_.size() * sums_count_)); }

private:
    // Between which bounds values lie: [-1, 1], [0, 1], or who knows.
    enum class Bounds { one, share, none };
    // Factors of one matrix, [slots][stride]; of an int8 matrix also quantised.
    struct Vectors {
        Vectors(const Matrix& matrix, Bounds bounds, std::size_t slots);
        float* row(std::size_t slot) { return values.data() + slot * stride; }
        const float* row(std::size_t slot) const { return values.data() + slot * stride; }
        void clear(std::size_t slot);
        void quantise(std::size_t slot, const Kernel& kernel);  // after its values have changed
        std::size_t stride;
        Bounds bounds;
        std::vector<float> values, scales;
        std::vector<std::uint8_t> quantised;
    };
    // One category that the network reads: its number in a position, and the embeddings of its values.
    struct Category {
        std::size_t number;
        const float* rows;
    };
    void read_inputs(std::size_t count);
    void add_categories(std::size_t slot);
    void vote(float* logits, const std::int32_t* place) const;
    void recur(std::size_t layer, std::size_t count);
    void keep_gates_of(std::size_t layer, std::size_t slot, const float* own);
    void intervene(std::size_t layer, std::size_t slot);
    void answer(std::size_t slot);
    void multiply(const Matrix& matrix, const Vectors& factors, const std::vector<const float*>& base,
                  std::size_t count, float* out, std::size_t stride) const;

    std::shared_ptr<const Image> image_;
    const Kernel& kernel_;
    std::size_t neurons_, sums_count_, width_;
    std::vector<Input> inputs_;         // [slots]
    std::vector<std::int32_t> places_;  // [slots][tracking::ROW]
    std::vector<Category> categories_;
    std::vector<float> shares_, logs_, powers_;  // [slots][K * V]; [K * V]; [output.rows()]
    Vectors roots_, embedded_;     // square roots of shares; what is added to the embedding, then the sum of categories
    std::vector<Vectors> states_;  // [layers]: hidden states
    std::vector<std::vector<float>> cell_;         // [layers][slots][neurons]
    std::vector<float> from_input_, from_hidden_;  // [slots][gates * neurons]
    std::vector<const float*> below_;              // [slots]: what a layer gets from below, [gates * neurons]
    std::vector<const float*> base_;               // [slots]: what other products are added to
    std::vector<std::vector<float>> gate_sums_;    // [layers][slots][gates * neurons]; if they are kept
    Interventions changes_;
    std::vector<std::size_t> steps_;  // [slots]: since the zero state
    std::vector<float> answers_;      // [slots][output.rows()]
};

}  // namespace songrnn
