#include "draw.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace songrnn {

namespace {

// Finite, so that differences stay numbers whatever the network says.
constexpr float IMPOSSIBLE = -1e30f, MOST = 1e30f;
constexpr float LEAST = -87.0f;  // a probability of 1e-38 times the likeliest's is none

}  // namespace

Drawer::Drawer(const Kernel& kernel, std::size_t vocabulary_size)
    : kernel_(kernel),
      values_(vocabulary_size),
      powers_(vocabulary_size),
      sorted_(vocabulary_size),
      order_(vocabulary_size) {}

std::int32_t Drawer::likeliest(const float* values) const {
    return static_cast<std::int32_t>(std::max_element(values, values + values_.size()) - values);
}

std::int32_t Drawer::draw(const float* log_probabilities, const Sampling& sampling, Philox& random) {
    const std::size_t V = values_.size();
    for (std::size_t v = 0; v < V; ++v) values_[v] = log_probabilities[v] <= MOST ? log_probabilities[v] : IMPOSSIBLE;
    if (!sampling.allowed.empty())
        for (std::size_t v = 0; v < V; ++v) values_[v] = sampling.allowed[v] ? values_[v] : IMPOSSIBLE;
    const std::int32_t best = likeliest(values_.data());
    if (sampling.temperature == 0.0f) return best;
    const float highest = values_[best];
    for (float& value : values_) value = (value - highest) / sampling.temperature;
    if (sampling.top_k) keep_top_k(sampling.top_k);
    if (sampling.top_p < 1.0f) keep_top_p(sampling.top_p);
    const float least = sampling.min_p > 0.0f ? std::max(std::log(sampling.min_p), LEAST) : LEAST;
    kernel_.exp(values_.data(), powers_.data(), V);
    double parts[4] = {};  // one sum would wait for each addition
    for (std::size_t v = 0; v < V; ++v) {
        powers_[v] = values_[v] >= least ? powers_[v] : 0.0f;
        parts[v % 4] += static_cast<double>(powers_[v]);
    }
    const double total = (parts[0] + parts[1]) + (parts[2] + parts[3]);
    const double target = random.random() * total;
    double sum = 0.0;
    std::int32_t last = best;
    for (std::size_t v = 0; v < V; ++v) {
        if (!(powers_[v] > 0.0f)) continue;
        sum += static_cast<double>(powers_[v]);
        last = static_cast<std::int32_t>(v);
        if (sum > target) break;
    }
    return last;
}

// Those that are as likely as the k-th stay too.
void Drawer::keep_top_k(std::size_t k) {
    if (k >= values_.size()) return;
    sorted_ = values_;
    std::nth_element(sorted_.begin(), sorted_.begin() + (k - 1), sorted_.end(), std::greater<float>());
    const float least = sorted_[k - 1];
    for (float& value : values_)
        if (!(value >= least)) value = IMPOSSIBLE;
}

void Drawer::keep_top_p(float p) {
    std::iota(order_.begin(), order_.end(), 0);
    std::sort(order_.begin(), order_.end(), [this](std::int32_t a, std::int32_t b) {
        return values_[a] > values_[b] || (values_[a] == values_[b] && a < b);
    });
    kernel_.exp(values_.data(), powers_.data(), values_.size());
    for (std::size_t v = 0; v < values_.size(); ++v)
        if (values_[v] < LEAST) powers_[v] = 0.0f;
    const double total = std::accumulate(powers_.begin(), powers_.end(), 0.0);
    double before = 0.0;
    for (const std::int32_t v : order_) {
        if (before >= static_cast<double>(p) * total) values_[v] = IMPOSSIBLE;
        before += powers_[v];
    }
}

}  // namespace songrnn
