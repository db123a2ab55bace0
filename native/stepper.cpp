#include "stepper.hpp"

#include <algorithm>
#include <cmath>

namespace songrnn {

namespace {

constexpr std::int32_t MIDDLE_C = 28;  // the diatonic step of the letter C
constexpr float NEVER = -1e30f;        // a logit; finite, so that differences stay numbers

void point_to_all(std::vector<const float*>& pointers, const float* row) {
    std::fill(pointers.begin(), pointers.end(), row);
}

void point_to_each(std::vector<const float*>& pointers, const float* rows, std::size_t stride) {
    for (std::size_t slot = 0; slot < pointers.size(); ++slot) pointers[slot] = rows + slot * stride;
}

}  // namespace

Stepper::Vectors::Vectors(const Matrix& matrix, Bounds between, std::size_t slots)
    : stride(matrix.columns()), bounds(between), values(slots * stride), scales(slots, 1.0f) {
    if (matrix.int8) quantised.resize(slots * stride);
    for (std::size_t slot = 0; slot < slots; ++slot) clear(slot);
}

void Stepper::Vectors::clear(std::size_t slot) {
    const auto begin = static_cast<std::ptrdiff_t>(slot * stride);
    std::fill_n(values.begin() + begin, stride, 0.0f);
    if (!quantised.empty())
        std::fill_n(quantised.begin() + begin, stride, static_cast<std::uint8_t>(bounds == Bounds::share ? 0 : ZERO));
}

void Stepper::Vectors::quantise(std::size_t slot, const Kernel& kernel) {
    if (quantised.empty()) return;
    const bool share = bounds == Bounds::share;
    const float most = share ? static_cast<float>(MOST_FACTOR) : MOST_SIGNED;
    const float limit = bounds == Bounds::none ? std::max(kernel.largest(row(slot), stride), 1e-20f) : 1.0f;
    scales[slot] = limit / most;
    kernel.quantise(row(slot), quantised.data() + slot * stride, stride, most / limit, share ? 0 : ZERO);
}

Stepper::Stepper(std::shared_ptr<const Image> image, const Kernel& kernel, std::size_t slots, Interventions changes)
    : image_(std::move(image)),
      kernel_(kernel),
      neurons_(image_->neurons()),
      sums_count_(image_->sums()),
      width_(std::size_t{image_->shape().contexts} * image_->shape().vocabulary_size),
      inputs_(slots),
      places_(slots * tracking::ROW),
      shares_(slots * width_),
      logs_(width_),
      powers_(image_->output.rows()),
      roots_(image_->ngram_input, Bounds::share, slots),
      embedded_(image_->first_input, Bounds::none, slots),
      from_input_(slots * sums_count_),
      from_hidden_(image_->shape().cell == Cell::gru ? slots * sums_count_ : 0),
      below_(slots),
      base_(slots),
      changes_(std::move(changes)),
      steps_(slots),
      answers_(slots * image_->output.rows()) {
    const Shape& shape = image_->shape();
    const float* rows = image_->category;
    for (std::size_t number = 0; number < CATEGORIES; ++number) {
        const std::size_t size = shape.category_size(number);
        if (size) categories_.push_back({number, rows});
        if (size) rows += size * image_->categories_size();
    }
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        // What is added to a state may lead out of [-1, 1].
        states_.emplace_back(image_->hidden[layer], changes_ ? Bounds::none : Bounds::one, slots);
        if (shape.cell == Cell::lstm) cell_.emplace_back(slots * neurons_);
    }
}

void Stepper::clear(std::size_t slot) {
    steps_[slot] = 0;
    for (Vectors& state : states_) state.clear(slot);
    for (std::vector<float>& cell : cell_)
        std::fill_n(cell.begin() + static_cast<std::ptrdiff_t>(slot * neurons_), neurons_, 0.0f);
}

void Stepper::copy(std::size_t slot, const Stepper& from, std::size_t from_slot) {
    const auto copy_row = [&](auto& to, const auto& source, std::size_t width) {
        if (to.empty()) return;
        std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from_slot * width), width,
                    to.begin() + static_cast<std::ptrdiff_t>(slot * width));
    };
    for (std::size_t layer = 0; layer < states_.size(); ++layer) {
        copy_row(states_[layer].values, from.states_[layer].values, neurons_);
        copy_row(states_[layer].quantised, from.states_[layer].quantised, neurons_);
        copy_row(states_[layer].scales, from.states_[layer].scales, 1);
    }
    for (std::size_t layer = 0; layer < cell_.size(); ++layer) copy_row(cell_[layer], from.cell_[layer], neurons_);
    copy_row(answers_, from.answers_, image_->output.rows());
    steps_[slot] = from.steps_[from_slot];
}

// out[slot] = base[slot] + matrix * factors[slot]
void Stepper::multiply(const Matrix& matrix, const Vectors& factors, const std::vector<const float*>& base,
                       std::size_t count, float* out, std::size_t stride) const {
    const Sums sums{base.data(), out, stride};
    if (matrix.fp32) {
        kernel_.multiply_fp32(matrix, {factors.values.data(), factors.stride, nullptr, 0, count}, sums);
        return;
    }
    const std::int32_t zero = factors.bounds == Bounds::share ? 0 : ZERO;
    kernel_.multiply_int8(matrix, {factors.quantised.data(), factors.stride, factors.scales.data(), zero, count}, sums);
}

void Stepper::step(std::size_t count) {
    read_inputs(count);
    const std::size_t layers = image_->shape().layers;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        if (layer) {
            point_to_all(base_, image_->upper_bias[layer]);
            multiply(image_->upper_input[layer], states_[layer - 1], base_, count, from_input_.data(), sums_count_);
            point_to_each(below_, from_input_.data(), sums_count_);
        }
        recur(layer, count);
    }
    point_to_all(base_, image_->output_bias);
    if (image_->shape().has_categories()) {
        multiply(image_->category_output, embedded_, base_, count, answers_.data(), image_->output.rows());
        point_to_each(base_, answers_.data(), image_->output.rows());
    }
    multiply(image_->output, states_[layers - 1], base_, count, answers_.data(), image_->output.rows());
    for (std::size_t slot = 0; slot < count; ++slot) {
        answer(slot);
        ++steps_[slot];
    }
}

// Leaves in below_ what the first layer gets from outside.
void Stepper::read_inputs(std::size_t count) {
    const Shape& shape = image_->shape();
    for (std::size_t slot = 0; slot < count; ++slot)
        below_[slot] = image_->table + static_cast<std::size_t>(inputs_[slot].id) * sums_count_;
    if (!shape.reads_more()) return;
    const std::size_t E = image_->embedding();
    for (std::size_t slot = 0; slot < count; ++slot) {
        const Input& input = inputs_[slot];
        float* x = embedded_.row(slot);
        if (shape.copying) {
            const float* suggested = image_->suggested + static_cast<std::size_t>(input.suggested) * E;
            const float* length = image_->length + static_cast<std::size_t>(input.length_steps) * E;
            const float* distance = image_->distance + static_cast<std::size_t>(input.distance_steps) * E;
            for (std::size_t e = 0; e < E; ++e) x[e] = suggested[e] + length[e] + distance[e];
        } else {
            std::fill_n(x, E, 0.0f);
        }
        if (shape.has_categories()) add_categories(slot);
        if (!shape.contexts) continue;
        kernel_.sqrt(shares_.data() + slot * width_, roots_.row(slot), width_);
        roots_.quantise(slot, kernel_);
    }
    if (shape.contexts) {
        point_to_each(base_, embedded_.values.data(), embedded_.stride);
        multiply(image_->ngram_input, roots_, base_, count, embedded_.values.data(), embedded_.stride);
    }
    for (std::size_t slot = 0; slot < count; ++slot) embedded_.quantise(slot, kernel_);
    multiply(image_->first_input, embedded_, below_, count, from_input_.data(), sums_count_);
    point_to_each(below_, from_input_.data(), sums_count_);
}

// The sum of the embeddings of a slot's categories, after what is added to its character's.
void Stepper::add_categories(std::size_t slot) {
    const std::size_t P = image_->categories_size();
    const std::int32_t* values = place(slot);
    float* sum = embedded_.row(slot) + image_->embedding();
    std::fill_n(sum, P, 0.0f);
    for (const Category& category : categories_) {
        const float* row = category.rows + static_cast<std::size_t>(values[category.number]) * P;
        for (std::size_t p = 0; p < P; ++p) sum[p] += row[p];
    }
}

// One layer: what it gets from below, and its own state -> its new state.
void Stepper::recur(std::size_t layer, std::size_t count) {
    const Cell cell = image_->shape().cell;
    const std::size_t blocks = image_->shape().hidden_blocks();
    Vectors& state = states_[layer];
    // A GRU multiplies part of what comes from its state by a gate, so there the two are not added up yet.
    const bool apart = cell == Cell::gru;
    if (apart) point_to_all(base_, image_->hidden_bias[layer]);
    float* sums = apart ? from_hidden_.data() : from_input_.data();
    multiply(image_->hidden[layer], state, apart ? base_ : below_, count, sums, sums_count_);
    for (std::size_t slot = 0; slot < count; ++slot) {
        const float* own = sums + slot * sums_count_;
        if (!gate_sums_.empty()) keep_gates_of(layer, slot, own);
        if (cell == Cell::lstm)
            kernel_.lstm(own, cell_[layer].data() + slot * neurons_, state.row(slot), blocks);
        else if (cell == Cell::gru)
            kernel_.gru(below_[slot], own, state.row(slot), blocks);
        else
            kernel_.rnn(own, state.row(slot), blocks);
        if (changes_) intervene(layer, slot);
        state.quantise(slot, kernel_);
    }
}

void Stepper::intervene(std::size_t layer, std::size_t slot) {
    for (const Intervention& change : *changes_)
        if (change.layer == layer) change.apply(states_[layer].row(slot), steps_[slot]);
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
            const float trust = logits[shape.ngram_gates_at() + k];
            const float* expected = logs_.data() + k * V;
            for (std::size_t v = 0; v < V; ++v) logits[v] += trust * expected[v];
        }
    }
    if (input.length_steps)
        logits[input.suggested] +=
            logits[V] + image_->length_bonus[input.length_steps] + image_->distance_bonus[input.distance_steps];
    vote(logits, place(slot));
    // The gates have had their say; from here on their rows only fill up the last vector.
    std::fill(logits + V, logits + image_->output.rows(), NEVER);
    kernel_.normalise(logits, powers_.data(), image_->output.rows(), V, shape.floor);
}

// Adds the votes of lookback and of the pitch heads, which stand after the logits.
void Stepper::vote(float* logits, const std::int32_t* place) const {
    const Shape& shape = image_->shape();
    const std::uint32_t V = shape.vocabulary_size;
    for (std::size_t lag = 0; shape.lookback && lag < LAGS; ++lag) {
        const auto suggested = static_cast<std::uint32_t>(place[tracking::SUGGESTED_AT + lag]);
        const auto agreement = static_cast<std::size_t>(place[tracking::AGREEMENT_AT + lag]);
        if (suggested < V)
            logits[suggested] +=
                logits[shape.lookback_gates_at() + lag] + image_->lookback_bonus[lag * AGREEMENTS + agreement];
    }
    if (!shape.pitch_heads) return;
    const std::int32_t tonic = place[tracking::LETTERS_AT], step = place[tracking::LETTERS_AT + 1];
    const float* by_tonic = logits + shape.tonic_head_at() + tracking::NO_TONIC - 1;
    const float* by_step = logits + shape.step_head_at() + LARGEST_STEP;
    for (std::int32_t letter = 0; letter < static_cast<std::int32_t>(NOTE_LETTERS); ++letter) {
        const std::uint32_t id = shape.letter[letter];
        if (id == V) continue;
        if (tonic != tracking::NO_TONIC) logits[id] += by_tonic[letter - tonic];
        if (step != tracking::NO_STEP)
            logits[id] += by_step[std::clamp(letter + MIDDLE_C - step, -LARGEST_STEP, LARGEST_STEP)];
    }
}

void Stepper::keep_gates_of(std::size_t layer, std::size_t slot, const float* own) {
    float* kept = gate_sums_[layer].data() + slot * sums_count_;
    std::copy_n(own, sums_count_, kept);
    const float* from_below = below_[slot];
    if (image_->shape().cell != Cell::gru) return;
    for (std::size_t block = 0; block < image_->shape().hidden_blocks(); ++block)
        for (std::size_t row = 0; row < ROWS; ++row) {
            const std::size_t r = block * 3 * ROWS + row, z = r + ROWS, n = z + ROWS;
            kept[r] += from_below[r];
            kept[z] += from_below[z];
            kept[n] = from_below[n] + own[n] / (1.0f + std::exp(-kept[r]));
        }
}

}  // namespace songrnn
