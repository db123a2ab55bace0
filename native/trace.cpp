#include "trace.hpp"

#include "tune.hpp"

namespace songrnn {

namespace {

constexpr std::size_t CANDIDATE = 2;  // of an LSTM's i, f, g, o and of a GRU's r, z, n: the one in [-1, 1]

std::size_t gates_of(const Shape& shape) { return shape.cell == Cell::rnn ? 0 : shape.gates(); }

}  // namespace

void Trace::reserve(std::size_t characters, const Shape& shape, const Kept& kept) {
    const std::size_t size = characters * shape.layers * shape.hidden_size;
    hidden.reserve(size);
    if (kept.log_probabilities) log_probabilities.reserve(characters * shape.vocabulary_size);
    if (kept.cell && shape.cell == Cell::lstm) cell.reserve(size);
    if (!kept.gates) return;
    gates.resize(gates_of(shape));
    for (std::vector<float>& gate : gates) gate.reserve(size);
}

void Trace::append(const Stepper& stepper, std::size_t slot, const Shape& shape, const Kernel& kernel,
                   const Kept& kept) {
    const std::size_t H = shape.hidden_size;
    const auto add = [](std::vector<float>& to, const float* values, std::size_t count) {
        to.insert(to.end(), values, values + count);
    };
    if (kept.log_probabilities) add(log_probabilities, stepper.log_probabilities(slot), shape.vocabulary_size);
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        add(hidden, stepper.hidden(layer, slot), H);
        if (kept.cell && shape.cell == Cell::lstm) add(cell, stepper.cell(layer, slot), H);
        if (!kept.gates) continue;
        const float* sums = stepper.gate_sums(layer, slot);
        for (std::size_t gate = 0; gate < gates.size(); ++gate) {
            std::vector<float>& values = gates[gate];
            const std::size_t begin = values.size();
            values.resize(begin + H);
            for (std::size_t h = 0; h < H; ++h)
                values[begin + h] = sums[(h / ROWS * gates.size() + gate) * ROWS + h % ROWS];
            float* own = values.data() + begin;
            (gate == CANDIDATE ? kernel.tanh : kernel.sigmoid)(own, own, H);
        }
    }
}

Trace trace(std::shared_ptr<const Image> image, const Kernel& kernel, Interventions changes,
            const std::vector<std::int32_t>& ids) {
    const Shape& shape = image->shape();
    const Kept everything{true, true, true};
    Plan plan;
    plan.begin = ids;
    Stepper stepper(image, kernel, 1, std::move(changes));
    stepper.keep_gates();
    Drawer drawer(kernel, shape.vocabulary_size);
    Tune tune(*image, plan, 0);
    Trace out;
    out.reserve(ids.size(), shape, everything);
    for (std::size_t t = 0; t < ids.size(); ++t) {
        tune.advance(stepper, 0, drawer);
        stepper.step(1);
        out.append(stepper, 0, shape, kernel, everything);
    }
    return out;
}

}  // namespace songrnn
