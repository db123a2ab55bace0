// A change of one layer's hidden state after every character, for ablation and steering: before the state is read by
// the layer above, by the output and by the next step. songrnn.engines.intervention says the same in Python.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace songrnn {

struct Intervention {
    std::size_t layer;
    std::vector<float> keep;            // [H]: share of each neuron that stays
    std::vector<float> offsets;         // [N][H]: row t mod N is added after character t
    std::vector<float> detect, remove;  // [K][H]: as much of row k of `remove` goes as the state has of `detect`

    // Changes the state [H] after character `t`, counted from 0 at the zero state.
    void apply(float* hidden, std::size_t t) const {
        const std::size_t H = keep.size(), K = detect.size() / H;
        std::vector<float> shares(K);
        for (std::size_t k = 0; k < K; ++k) {
            double sum = 0;
            for (std::size_t h = 0; h < H; ++h) sum += static_cast<double>(detect[k * H + h]) * hidden[h];
            shares[k] = static_cast<float>(sum);
        }
        const float* offset = offsets.data() + t % (offsets.size() / H) * H;
        for (std::size_t h = 0; h < H; ++h) hidden[h] = keep[h] * hidden[h] + offset[h];
        for (std::size_t k = 0; k < K; ++k)
            for (std::size_t h = 0; h < H; ++h) hidden[h] -= shares[k] * remove[k * H + h];
    }
};

using Interventions = std::shared_ptr<const std::vector<Intervention>>;  // null for none; applied in their order

}  // namespace songrnn
