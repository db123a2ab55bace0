// Counter-based random numbers: Philox 4x64-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
// 1, 2, 3"), in the order in which NumPy's Generator(Philox(key=[seed, number])).random() gives them.
#pragma once

#include <array>
#include <cstdint>
#if defined(_MSC_VER)
#include <intrin.h>
#endif

namespace songrnn {

class Philox {
public:
    Philox(std::uint64_t seed, std::uint64_t number) : key_{seed, number} {}

    // A double in [0, 1) with 53 random bits.
    double random() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

private:
    std::uint64_t next() {
        if (used_ == block_.size()) {
            ++counter_;  // 2^64 blocks are enough for any tune; NumPy's counter has 256 bits
            block_ = scramble(counter_, key_);
            used_ = 0;
        }
        return block_[used_++];
    }

    static std::array<std::uint64_t, 4> scramble(std::uint64_t counter, std::array<std::uint64_t, 2> key) {
        std::array<std::uint64_t, 4> x{counter, 0, 0, 0};
        for (int round = 0; round < 10; ++round) {
            std::uint64_t low0, low1;
            const std::uint64_t high0 = multiply(0xD2E7470EE14C6C93u, x[0], low0);
            const std::uint64_t high1 = multiply(0xCA5A826395121157u, x[2], low1);
            x = {high1 ^ x[1] ^ key[0], low1, high0 ^ x[3] ^ key[1], low0};
            key[0] += 0x9E3779B97F4A7C15u;
            key[1] += 0xBB67AE8584CAA73Bu;
        }
        return x;
    }

    // The upper 64 bits of a * b; the lower ones in `low`.
    static std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t& low) {
#if defined(_MSC_VER) && defined(_M_X64)
        std::uint64_t high;
        low = _umul128(a, b, &high);
        return high;
#elif defined(_MSC_VER)
        low = a * b;
        return __umulh(a, b);
#else
        __extension__ using Wide = unsigned __int128;
        const Wide product = static_cast<Wide>(a) * b;
        low = static_cast<std::uint64_t>(product);
        return static_cast<std::uint64_t>(product >> 64);
#endif
    }

    std::array<std::uint64_t, 2> key_;
    std::uint64_t counter_ = 0;
    std::array<std::uint64_t, 4> block_{};
    std::size_t used_ = 4;
};

}  // namespace songrnn
