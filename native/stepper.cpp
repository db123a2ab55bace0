#include "stepper.hpp"

#include <algorithm>
#include <cmath>

namespace songrnn {

void Stepper::Vectors::resize(const Matrix& matrix, std::size_t slots) {
    stride = matrix.columns();
    values.assign(slots * stride, 0.0f);
    if (matrix.int8) quantised.assign(slots * stride, 0);
    scales.assign(slots, 1.0f);
}

Stepper::Stepper(std::shared_ptr<const Image> image, const Kernel& kernel, std::size_t slots)
    : image_(std::move(image)),
      kernel_(kernel),
      neurons_(image_->neurons()),
      sums_count_(image_->sums()),
      width_(std::size_t{image_->shape().contexts} * image_->shape().vocabulary_size) {
    const Shape& shape = image_->shape();
    inputs_.resize(slots);
    shares_.resize(slots * width_);
    logs_.resize(width_);
    powers_.resize(shape.vocabulary_size);
    if (shape.contexts) roots_.resize(image_->ngram_input, slots);
    if (shape.reads_more()) embedded_.resize(image_->first_input, slots);
    hidden_.assign(shape.layers, std::vector<float>(slots * neurons_));
    cell_.assign(shape.cell == Cell::lstm ? shape.layers : 0, std::vector<float>(slots * neurons_));
    states_.resize(shape.layers);
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        states_[layer].resize(image_->hidden[layer], slots);
        std::fill(states_[layer].quantised.begin(), states_[layer].quantised.end(), std::uint8_t{ZERO});
    }
    from_input_.resize(slots * sums_count_);
    from_hidden_.resize(shape.cell == Cell::gru ? slots * sums_count_ : 0);
    answers_.resize(slots * image_->output.rows());
}

void Stepper::clear(std::size_t slot) {
    for (std::size_t layer = 0; layer < states_.size(); ++layer) {
        std::fill_n(hidden_[layer].begin() + static_cast<std::ptrdiff_t>(slot * neurons_), neurons_, 0.0f);
        if (!cell_.empty())
            std::fill_n(cell_[layer].begin() + static_cast<std::ptrdiff_t>(slot * neurons_), neurons_, 0.0f);
        Vectors& state = states_[layer];
        std::fill_n(state.values.begin() + static_cast<std::ptrdiff_t>(slot * state.stride), state.stride, 0.0f);
        if (!state.quantised.empty())
            std::fill_n(state.quantised.begin() + static_cast<std::ptrdiff_t>(slot * state.stride), state.stride,
                        std::uint8_t{ZERO});
    }
}

void Stepper::copy(std::size_t slot, const Stepper& from, std::size_t from_slot) {
    const auto copy_row = [&](auto& to, const auto& source, std::size_t width) {
        std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from_slot * width), width,
                    to.begin() + static_cast<std::ptrdiff_t>(slot * width));
    };
    for (std::size_t layer = 0; layer < states_.size(); ++layer) {
        copy_row(hidden_[layer], from.hidden_[layer], neurons_);
        if (!cell_.empty()) copy_row(cell_[layer], from.cell_[layer], neurons_);
        copy_row(states_[layer].values, from.states_[layer].values, states_[layer].stride);
        if (!states_[layer].quantised.empty())
            copy_row(states_[layer].quantised, from.states_[layer].quantised, states_[layer].stride);
    }
    copy_row(answers_, from.answers_, image_->output.rows());
}

void Stepper::multiply(const Matrix& matrix, Vectors& factors, Bounds bounds, std::size_t count,
                       const Sums& sums) const {
    if (matrix.fp32) {
        kernel_.multiply_fp32(matrix, {factors.values.data(), factors.stride, nullptr, 0, count}, sums);
        return;
    }
    const std::int32_t offset = bounds == Bounds::share ? 0 : ZERO;
    const float most = bounds == Bounds::share ? static_cast<float>(MOST_FACTOR) : MOST_SIGNED;
    for (std::size_t slot = 0; slot < count; ++slot) {
        const float* values = factors.values.data() + slot * factors.stride;
        float limit = 1.0f;
        if (bounds == Bounds::none) limit = std::max(kernel_.largest(values, factors.stride), 1e-20f);
        factors.scales[slot] = limit / most;
        kernel_.quantise(values, factors.quantised.data() + slot * factors.stride, factors.stride, most / limit, offset);
    }
    kernel_.multiply_int8(
        matrix, {factors.quantised.data(), factors.stride, factors.scales.data(), offset, count}, sums);
}

void Stepper::step(std::size_t count) {
    read_inputs(count);
    const std::size_t layers = image_->shape().layers;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        if (layer)
            multiply(image_->upper_input[layer], states_[layer - 1], Bounds::one, count,
                     {image_->upper_bias[layer], 0, from_input_.data(), sums_count_});
        recur(layer, count);
    }
    multiply(image_->output, states_[layers - 1], Bounds::one, count,
             {image_->output_bias, 0, answers_.data(), image_->output.rows()});
    for (std::size_t slot = 0; slot < count; ++slot) answer(slot);
}

// What the first layer gets from outside -> from_input_.
void Stepper::read_inputs(std::size_t count) {
    const Shape& shape = image_->shape();
    const std::size_t E = image_->embedding();
    for (std::size_t slot = 0; slot < count; ++slot) {
        const Input& input = inputs_[slot];
        std::copy_n(image_->table + static_cast<std::size_t>(input.id) * sums_count_, sums_count_,
                    from_input_.begin() + static_cast<std::ptrdiff_t>(slot * sums_count_));
        if (!shape.reads_more()) continue;
        float* x = embedded_.values.data() + slot * embedded_.stride;
        if (shape.copying) {
            const float* suggested = image_->suggested + static_cast<std::size_t>(input.suggested) * E;
            const float* length = image_->length + static_cast<std::size_t>(input.length_steps) * E;
            const float* distance = image_->distance + static_cast<std::size_t>(input.distance_steps) * E;
            for (std::size_t e = 0; e < E; ++e) x[e] = suggested[e] + length[e] + distance[e];
        } else {
            std::fill_n(x, E, 0.0f);
        }
        if (shape.contexts)
            kernel_.sqrt(shares_.data() + slot * width_, roots_.values.data() + slot * roots_.stride, width_);
    }
    float* x = embedded_.values.data();
    if (shape.contexts)
        multiply(image_->ngram_input, roots_, Bounds::share, count, {x, embedded_.stride, x, embedded_.stride});
    float* sums = from_input_.data();
    if (shape.reads_more())
        multiply(image_->first_input, embedded_, Bounds::none, count, {sums, sums_count_, sums, sums_count_});
}

// One layer: from_input_ and its own state -> its new state.
void Stepper::recur(std::size_t layer, std::size_t count) {
    const Cell cell = image_->shape().cell;
    const std::size_t blocks = image_->shape().hidden_blocks();
    float* sums = from_input_.data();
    Vectors& state = states_[layer];
    if (cell == Cell::gru)
        multiply(image_->hidden[layer], state, Bounds::one, count,
                 {image_->hidden_bias[layer], 0, from_hidden_.data(), sums_count_});
    else
        multiply(image_->hidden[layer], state, Bounds::one, count, {sums, sums_count_, sums, sums_count_});
    if (keep_sums_) {
        kept_input_.resize(states_.size());
        kept_hidden_.resize(states_.size());
        kept_input_[layer] = from_input_;
        kept_hidden_[layer] = from_hidden_;
    }
    for (std::size_t slot = 0; slot < count; ++slot) {
        float* hidden = hidden_[layer].data() + slot * neurons_;
        const float* input = from_input_.data() + slot * sums_count_;
        if (cell == Cell::lstm)
            kernel_.lstm(input, cell_[layer].data() + slot * neurons_, hidden, blocks);
        else if (cell == Cell::gru)
            kernel_.gru(input, from_hidden_.data() + slot * sums_count_, hidden, blocks);
        else
            kernel_.rnn(input, hidden, blocks);
        std::copy_n(hidden, neurons_, state.values.data() + slot * state.stride);
    }
}

// Adds up all opinions on the next character of one tune -> log-probabilities.
void Stepper::answer(std::size_t slot) {
    const Shape& shape = image_->shape();
    const std::size_t V = shape.vocabulary_size;
    const Input& input = inputs_[slot];
    float* logits = answers_.data() + slot * image_->output.rows();
    if (shape.contexts) {
        kernel_.log(shares_.data() + slot * width_, logs_.data(), width_);
        for (std::size_t k = 0; k < shape.contexts; ++k) {
            const float trust = logits[V + shape.copying + k];
            const float* expected = logs_.data() + k * V;
            for (std::size_t v = 0; v < V; ++v) logits[v] += trust * expected[v];
        }
    }
    if (input.length_steps)
        logits[input.suggested] +=
            logits[V] + image_->length_bonus[input.length_steps] + image_->distance_bonus[input.distance_steps];
    const float highest = *std::max_element(logits, logits + V);
    for (std::size_t v = 0; v < V; ++v) logits[v] -= highest;
    kernel_.exp(logits, powers_.data(), V);
    float total = 0.0f;
    for (std::size_t v = 0; v < V; ++v) total += powers_[v];
    if (shape.floor > 0.0f) {
        const float kept = (1.0f - shape.floor) / total, added = shape.floor / static_cast<float>(V);
        for (std::size_t v = 0; v < V; ++v) powers_[v] = kept * powers_[v] + added;
        kernel_.log(powers_.data(), logits, V);
    } else {
        const float normalizer = std::log(total);
        for (std::size_t v = 0; v < V; ++v) logits[v] -= normalizer;
    }
}

void Stepper::gate_sums(std::size_t layer, std::size_t slot, std::vector<float>& out) const {
    const float* input = kept_input_[layer].data() + slot * sums_count_;
    out.assign(input, input + sums_count_);
    if (image_->shape().cell != Cell::gru) return;
    const float* hidden = kept_hidden_[layer].data() + slot * sums_count_;
    for (std::size_t block = 0; block < image_->shape().hidden_blocks(); ++block)
        for (std::size_t row = 0; row < ROWS; ++row) {
            const std::size_t r = block * 3 * ROWS + row, z = r + ROWS, n = z + ROWS;
            out[r] += hidden[r];
            out[z] += hidden[z];
            out[n] += hidden[n] / (1.0f + std::exp(-out[r]));
        }
}

}  // namespace songrnn
