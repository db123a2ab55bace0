#include "trace.hpp"

#include "tune.hpp"

namespace songrnn {

Trace trace(std::shared_ptr<const Image> image, const Kernel& kernel, const std::vector<std::int32_t>& ids) {
    const Shape& shape = image->shape();
    const std::size_t T = ids.size(), L = shape.layers, H = shape.hidden_size, V = shape.vocabulary_size;
    const std::size_t G = shape.cell == Cell::rnn ? 0 : shape.gates();
    const std::size_t candidate = 2;  // of an LSTM's i, f, g, o and of a GRU's r, z, n: the one in [-1, 1]
    Plan plan;
    plan.begin = ids;
    Stepper stepper(image, kernel, 1);
    stepper.keep_gates();
    Drawer drawer(kernel, V);
    Tune tune(*image, plan, 0);
    Trace out;
    out.gates.resize(G);
    std::vector<float> values(H);
    for (std::size_t t = 0; t < T; ++t) {
        tune.advance(stepper, 0, drawer);
        stepper.step(1);
        out.log_probabilities.insert(out.log_probabilities.end(), stepper.log_probabilities(0),
                                     stepper.log_probabilities(0) + V);
        for (std::size_t layer = 0; layer < L; ++layer) {
            out.hidden.insert(out.hidden.end(), stepper.hidden(layer, 0), stepper.hidden(layer, 0) + H);
            if (shape.cell == Cell::lstm)
                out.cell.insert(out.cell.end(), stepper.cell(layer, 0), stepper.cell(layer, 0) + H);
            const std::vector<float>& sums = stepper.gate_sums(layer);
            for (std::size_t gate = 0; gate < G; ++gate) {
                for (std::size_t h = 0; h < H; ++h)
                    values[h] = sums[(h / ROWS * G + gate) * ROWS + h % ROWS];
                (gate == candidate ? kernel.tanh : kernel.sigmoid)(values.data(), values.data(), H);
                out.gates[gate].insert(out.gates[gate].end(), values.begin(), values.end());
            }
        }
    }
    return out;
}

}  // namespace songrnn
