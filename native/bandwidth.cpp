#include <algorithm>
#include <chrono>
#include <vector>

#include "kernel.hpp"

namespace songrnn {

namespace {

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

double read_bandwidth(std::size_t bytes, double seconds) {
    const Kernel& kernel = *find_kernel(nullptr);
    const std::size_t count = std::max<std::size_t>(bytes / sizeof(float), 1);
    const std::vector<float> memory(count, 1.0f);
    const double end = seconds_now() + seconds;
    double best = 0.0;
    do {
        const std::size_t rounds = std::max<std::size_t>(20'000'000 / bytes, 1);
        const double begun = seconds_now();
        volatile float sink = 0.0f;
        for (std::size_t round = 0; round < rounds; ++round) sink = sink + kernel.sum(memory.data(), count);
        best = std::max(best, static_cast<double>(rounds * bytes) / (seconds_now() - begun) / 1e9);
    } while (seconds_now() < end);
    return best;
}

}  // namespace songrnn
