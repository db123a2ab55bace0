// Any processor: plain loops, which compilers turn into whatever vectors they may assume.
#include "kernels.hpp"

#include <math.h>
#include <string.h>

namespace songrnn {
namespace {

constexpr std::size_t WIDTH = 4;

struct Floats {
    float lane[WIDTH];
};
struct Ints {
    std::int32_t lane[WIDTH];
};

template <class Out, class Function>
inline Out lanes(Function function) {
    Out out;
    for (std::size_t i = 0; i < WIDTH; ++i) out.lane[i] = function(i);
    return out;
}

inline Floats load(const float* at) {
    return lanes<Floats>([=](std::size_t i) { return at[i]; });
}
inline void store(float* at, Floats x) { memcpy(at, x.lane, sizeof x.lane); }
inline Floats fill(float x) {
    return lanes<Floats>([=](std::size_t) { return x; });
}
inline Floats add(Floats a, Floats b) {
    return lanes<Floats>([&](std::size_t i) { return a.lane[i] + b.lane[i]; });
}
inline Floats subtract(Floats a, Floats b) {
    return lanes<Floats>([&](std::size_t i) { return a.lane[i] - b.lane[i]; });
}
inline Floats multiply(Floats a, Floats b) {
    return lanes<Floats>([&](std::size_t i) { return a.lane[i] * b.lane[i]; });
}
inline Floats divide(Floats a, Floats b) {
    return lanes<Floats>([&](std::size_t i) { return a.lane[i] / b.lane[i]; });
}
// Rounded twice: a fused multiplication without an instruction for it would take a hundred times as long.
inline Floats fused(Floats a, Floats b, Floats c) {
    return lanes<Floats>([&](std::size_t i) { return a.lane[i] * b.lane[i] + c.lane[i]; });
}
inline Floats least(Floats a, Floats b) {
    return lanes<Floats>([&](std::size_t i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline Floats most(Floats a, Floats b) {
    return lanes<Floats>([&](std::size_t i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline Floats magnitude(Floats a) {
    return lanes<Floats>([&](std::size_t i) { return fabsf(a.lane[i]); });
}
inline Floats if_at_least(Floats x, Floats y, Floats value) {
    return lanes<Floats>([&](std::size_t i) { return x.lane[i] >= y.lane[i] ? value.lane[i] : 0.0f; });
}
inline Floats square_root(Floats a) {
    return lanes<Floats>([&](std::size_t i) { return sqrtf(a.lane[i]); });
}

inline Ints load_ints(const std::int32_t* at) {
    return lanes<Ints>([=](std::size_t i) { return at[i]; });
}
inline void store_ints(std::int32_t* at, Ints x) { memcpy(at, x.lane, sizeof x.lane); }
inline void store_bytes(std::uint8_t* at, Ints x) {
    for (std::size_t i = 0; i < WIDTH; ++i) at[i] = static_cast<std::uint8_t>(x.lane[i]);
}
inline Ints fill_ints(std::int32_t x) {
    return lanes<Ints>([=](std::size_t) { return x; });
}
inline std::int32_t wrapped(std::uint32_t x) {
    std::int32_t out;
    memcpy(&out, &x, sizeof out);
    return out;
}
inline std::uint32_t unsigned_of(std::int32_t x) { return static_cast<std::uint32_t>(x); }
inline Ints add_ints(Ints a, Ints b) {
    return lanes<Ints>([&](std::size_t i) { return wrapped(unsigned_of(a.lane[i]) + unsigned_of(b.lane[i])); });
}
inline Ints subtract_ints(Ints a, Ints b) {
    return lanes<Ints>([&](std::size_t i) { return wrapped(unsigned_of(a.lane[i]) - unsigned_of(b.lane[i])); });
}
inline Ints multiply_ints(Ints a, Ints b) {
    return lanes<Ints>([&](std::size_t i) { return wrapped(unsigned_of(a.lane[i]) * unsigned_of(b.lane[i])); });
}
inline Ints and_ints(Ints a, Ints b) {
    return lanes<Ints>([&](std::size_t i) { return a.lane[i] & b.lane[i]; });
}
template <int BITS>
inline Ints shift_left(Ints a) {
    return lanes<Ints>([&](std::size_t i) { return wrapped(unsigned_of(a.lane[i]) << BITS); });
}
template <int BITS>
inline Ints shift_right(Ints a) {
    return lanes<Ints>([&](std::size_t i) { return a.lane[i] >> BITS; });
}

// To the nearest, by a number so large that the sum has no bits left for fractions; for |x| below 2^22.
inline Ints to_ints(Floats a) {
    return lanes<Ints>([&](std::size_t i) {
        const volatile float shifted = a.lane[i] + 12582912.0f;
        return static_cast<std::int32_t>(shifted - 12582912.0f);
    });
}
inline Floats to_floats(Ints a) {
    return lanes<Floats>([&](std::size_t i) { return static_cast<float>(a.lane[i]); });
}
inline Ints bits_of(Floats a) {
    Ints out;
    memcpy(out.lane, a.lane, sizeof out.lane);
    return out;
}
inline Floats floats_of(Ints a) {
    Floats out;
    memcpy(out.lane, a.lane, sizeof out.lane);
    return out;
}

constexpr const char* NAME = "portable";
constexpr std::size_t ALONE = 1, TOGETHER = 1, TUNES_INT8 = 2, TUNES_FP32 = 2;

template <std::size_t BLOCKS, std::size_t B>
inline void add_products(const std::int8_t* weights, std::size_t apart, const std::uint8_t* factors, std::size_t stride,
                         Range range, Ints (&total)[BLOCKS * ROWS / WIDTH][B]) {
    for (std::size_t block = 0; block < BLOCKS; ++block)
        for (std::size_t b = 0; b < B; ++b) {
            std::int32_t sums[ROWS] = {};
            for (std::size_t column = range.begin * STEP; column < range.end * STEP; column += 4) {
                const std::int8_t* w = weights + block * apart + column * ROWS;
                const std::uint8_t* x = factors + b * stride + column;
                for (std::size_t row = 0; row < ROWS; ++row)
                    for (std::size_t i = 0; i < 4; ++i) sums[row] += w[4 * row + i] * x[i];
            }
            for (std::size_t row = 0; row < ROWS; ++row)
                total[(block * ROWS + row) / WIDTH][b].lane[row % WIDTH] = sums[row];
        }
}

#include "kernel_body.hpp"

}  // namespace

const Kernel kernel_portable = KERNEL;

}  // namespace songrnn
