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
      size_(vocabulary_size),
      values_((vocabulary_size + ROWS - 1) / ROWS * ROWS, IMPOSSIBLE),
      powers_(values_.size()),
      order_(vocabulary_size),
      mask_(vocabulary_size) {}

std::int32_t Drawer::draw(const float* log_probabilities, const Sampling& sampling, const std::uint8_t* allowed,
                          Philox& random) {
    for (std::size_t v = 0; v < size_; ++v)
        values_[v] = log_probabilities[v] <= MOST ? log_probabilities[v] : IMPOSSIBLE;
    if (allowed)
        for (std::size_t v = 0; v < size_; ++v) values_[v] = allowed[v] ? values_[v] : IMPOSSIBLE;
    std::fill(values_.begin() + static_cast<std::ptrdiff_t>(size_), values_.end(), IMPOSSIBLE);
    const float highest = kernel_.highest(values_.data(), values_.size());
    if (highest <= IMPOSSIBLE) return -1;
    if (sampling.temperature == 0.0f) return likeliest();
    kernel_.scale(values_.data(), values_.size(), highest, std::min(1.0f / sampling.temperature, MOST));
    if (sampling.top_k) keep_top_k(sampling.top_k);
    if (sampling.top_p < 1.0f) keep_top_p(sampling.top_p);
    const float least = sampling.min_p > 0.0f ? std::max(std::log(sampling.min_p), LEAST) : LEAST;
    const float total = kernel_.weigh(values_.data(), powers_.data(), values_.size(), least);
    const double target = random.random() * static_cast<double>(total);
    double sum = 0.0;
    std::int32_t last = -1;
    for (std::size_t v = 0; v < size_; ++v) {
        if (!(powers_[v] > 0.0f)) continue;
        sum += static_cast<double>(powers_[v]);
        last = static_cast<std::int32_t>(v);
        if (sum > target) break;
    }
    return last >= 0 ? last : likeliest();
}

float Drawer::removed(const float* log_probabilities, const std::uint8_t* allowed) {
    for (std::size_t v = 0; v < size_; ++v)
        values_[v] = !allowed[v] && log_probabilities[v] <= MOST ? log_probabilities[v] : IMPOSSIBLE;
    std::fill(values_.begin() + static_cast<std::ptrdiff_t>(size_), values_.end(), IMPOSSIBLE);
    return std::min(kernel_.weigh(values_.data(), powers_.data(), values_.size(), LEAST), 1.0f);
}

// The first of equals.
std::int32_t Drawer::likeliest() const {
    const auto end = values_.begin() + static_cast<std::ptrdiff_t>(size_);
    return static_cast<std::int32_t>(std::max_element(values_.begin(), end) - values_.begin());
}

// Those that are as likely as the k-th stay too.
void Drawer::keep_top_k(std::size_t k) {
    if (k >= size_) return;
    sorted_.assign(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(size_));
    std::nth_element(sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(k - 1), sorted_.end(),
                     std::greater<float>());
    const float least = sorted_[k - 1];
    for (float& value : values_)
        if (!(value >= least)) value = IMPOSSIBLE;
}

void Drawer::keep_top_p(float p) {
    std::iota(order_.begin(), order_.end(), 0);
    std::sort(order_.begin(), order_.end(), [this](std::int32_t a, std::int32_t b) {
        return values_[a] > values_[b] || (values_[a] == values_[b] && a < b);
    });
    const double total = static_cast<double>(kernel_.weigh(values_.data(), powers_.data(), values_.size(), LEAST));
    double before = 0.0;
    for (const std::int32_t v : order_) {
        if (before >= static_cast<double>(p) * total) values_[v] = IMPOSSIBLE;
        before += static_cast<double>(powers_[v]);
    }
}

}  // namespace songrnn
