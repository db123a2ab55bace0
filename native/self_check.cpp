// Do the kernels of this processor agree with the portable one? For processors at which no Python is at hand, emulated
// ones too: cmake --build ... --target self_check. Prints the largest difference of log-probabilities; ends with 1 if
// one is too large.
#include <cmath>
#include <cstdio>
#include <vector>

#include "philox.hpp"
#include "trace.hpp"

using namespace songrnn;

namespace {

class Arrays {
public:
    const float* next(std::size_t size, float deviation) {
        kept_.emplace_back(size);
        for (float& value : kept_.back()) value = deviation * static_cast<float>(2.0 * philox_.random() - 1.0);
        return kept_.back().data();
    }

private:
    Philox philox_{1, 2};
    std::vector<std::vector<float>> kept_;
};

std::shared_ptr<const Image> random_image(Cell cell, Precision precision, std::uint32_t hidden_size) {
    Shape s{};
    s.cell = cell;
    s.precision = precision;
    s.hidden_size = hidden_size;
    s.layers = 2;
    s.embedding_size = 24;
    s.vocabulary_size = 50;
    s.copying = 1;
    s.count_steps = 3;
    s.count_step[0] = 1, s.count_step[1] = 2, s.count_step[2] = 5;
    s.floor = 0.01f;
    s.position = s.lookback = s.plan = s.pitch_heads = 1;
    s.position_size = 40;
    for (std::uint32_t i = 0; i < NOTE_LETTERS; ++i) s.letter[i] = i;
    static std::vector<std::int32_t> code_points(s.vocabulary_size);
    for (std::size_t i = 0; i < code_points.size(); ++i)
        code_points[i] = i < NOTE_LETTERS ? "CDEFGABcdefgab"[i] : "|:2/ ^\n"[i % 7];
    Arrays arrays;
    Weights w{};
    const std::size_t H = s.hidden_size, E = s.embedding_size, V = s.vocabulary_size, rows = s.gates() * H;
    const float small = 1.0f / std::sqrt(static_cast<float>(H));
    w.embedding = arrays.next(V * E, 1.0f);
    w.suggested = arrays.next((V + 1) * E, 1.0f);
    w.length = arrays.next(4 * E, 1.0f);
    w.distance = arrays.next(4 * E, 1.0f);
    w.length_bonus = arrays.next(4, 1.0f);
    w.distance_bonus = arrays.next(4, 1.0f);
    w.copying_gate = arrays.next(H, small);
    w.copying_gate_bias = arrays.next(1, 1.0f);
    const std::size_t P = s.position_size, categories = s.category_rows();
    w.position = w.plan = w.lookback_suggested = w.lookback_agreement = arrays.next(categories * P, 0.2f);
    w.category_output = arrays.next(V * P, 0.3f);
    w.lookback_gate = arrays.next(LAGS * H, small);
    w.lookback_gate_bias = arrays.next(LAGS, 1.0f);
    w.lookback_bonus = arrays.next(LAGS * AGREEMENTS, 1.0f);
    w.tonic_head = arrays.next(RELATIVE_TO_TONIC * H, small);
    w.tonic_head_bias = arrays.next(RELATIVE_TO_TONIC, 1.0f);
    w.step_head = arrays.next(RELATIVE_TO_NOTE * H, small);
    w.step_head_bias = arrays.next(RELATIVE_TO_NOTE, 1.0f);
    w.code_points = code_points.data();
    w.output = arrays.next(V * H, 2.0f * small);
    w.output_bias = arrays.next(V, 1.0f);
    for (std::size_t layer = 0; layer < s.layers; ++layer) {
        w.input[layer] = arrays.next(rows * (layer ? H : E + P), 0.3f);
        w.hidden[layer] = arrays.next(rows * H, small);
        w.input_bias[layer] = arrays.next(rows, 0.3f);
        w.hidden_bias[layer] = arrays.next(rows, 0.3f);
    }
    return Image::pack(s, w);
}

float difference(const Trace& a, const Trace& b) {
    float most = 0.0f;
    for (std::size_t i = 0; i < a.log_probabilities.size(); ++i)
        most = std::fmax(most, std::fabs(a.log_probabilities[i] - b.log_probabilities[i]));
    return most;
}

}  // namespace

int main() {
    std::size_t count;
    const Kernel* const* kernels = kernels_of_this_processor(count);
    std::vector<std::int32_t> ids(200);
    Philox philox(3, 4);
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(philox.random() * 9);
    bool agree = true;
    for (const Cell cell : {Cell::rnn, Cell::gru, Cell::lstm})
        for (const Precision precision : {Precision::fp32, Precision::int8})
            for (const std::uint32_t hidden_size : {7u, 64u, 200u}) {
                const auto image = random_image(cell, precision, hidden_size);
                const Trace expected = trace(image, *kernels[count - 1], nullptr, ids);
                for (std::size_t k = 0; k + 1 < count; ++k) {
                    const float found = difference(trace(image, *kernels[k], nullptr, ids), expected);
                    const bool close = found < (precision == Precision::fp32 ? 1e-3f : 0.2f);
                    agree &= close;
                    std::printf("%s cell %u, %s, %u neurons: %g%s\n", kernels[k]->name, static_cast<unsigned>(cell),
                                precision == Precision::fp32 ? "fp32" : "int8", hidden_size, static_cast<double>(found),
                                close ? "" : "  TOO LARGE");
                }
            }
    return agree ? 0 : 1;
}
