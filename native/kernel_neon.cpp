// 64-bit ARM with dot products: all of Apple's, and most others since 2018.
#include "kernels.hpp"

#if defined(SONGRNN_ARM)
#include <arm_neon.h>

namespace songrnn {
namespace {

using Floats = float32x4_t;
using Ints = int32x4_t;
constexpr std::size_t WIDTH = 4;

inline Floats load(const float* at) { return vld1q_f32(at); }
inline void store(float* at, Floats x) { vst1q_f32(at, x); }
inline Floats fill(float x) { return vdupq_n_f32(x); }
inline Floats add(Floats a, Floats b) { return vaddq_f32(a, b); }
inline Floats subtract(Floats a, Floats b) { return vsubq_f32(a, b); }
inline Floats multiply(Floats a, Floats b) { return vmulq_f32(a, b); }
inline Floats divide(Floats a, Floats b) { return vdivq_f32(a, b); }
inline Floats fused(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
inline Floats least(Floats a, Floats b) { return vminq_f32(a, b); }
inline Floats most(Floats a, Floats b) { return vmaxq_f32(a, b); }
inline Floats magnitude(Floats a) { return vabsq_f32(a); }
inline Floats if_at_least(Floats x, Floats y, Floats value) {
    return vbslq_f32(vcgeq_f32(x, y), value, vdupq_n_f32(0.0f));
}
inline Floats square_root(Floats a) { return vsqrtq_f32(a); }

inline Ints load_ints(const std::int32_t* at) { return vld1q_s32(at); }
inline void store_ints(std::int32_t* at, Ints x) { vst1q_s32(at, x); }
inline void store_bytes(std::uint8_t* at, Ints x) {
    const uint16x4_t shorts = vqmovun_s32(x);
    const uint8x8_t bytes = vqmovn_u16(vcombine_u16(shorts, shorts));
    vst1_lane_u32(reinterpret_cast<std::uint32_t*>(at), vreinterpret_u32_u8(bytes), 0);
}
inline Ints fill_ints(std::int32_t x) { return vdupq_n_s32(x); }
inline Ints add_ints(Ints a, Ints b) { return vaddq_s32(a, b); }
inline Ints subtract_ints(Ints a, Ints b) { return vsubq_s32(a, b); }
inline Ints multiply_ints(Ints a, Ints b) { return vmulq_s32(a, b); }
inline Ints and_ints(Ints a, Ints b) { return vandq_s32(a, b); }
template <int BITS>
inline Ints shift_left(Ints a) {
    return vshlq_n_s32(a, BITS);
}
template <int BITS>
inline Ints shift_right(Ints a) {
    return vshrq_n_s32(a, BITS);
}

inline Ints to_ints(Floats a) { return vcvtnq_s32_f32(a); }
inline Floats to_floats(Ints a) { return vcvtq_f32_s32(a); }
inline Ints bits_of(Floats a) { return vreinterpretq_s32_f32(a); }
inline Floats floats_of(Ints a) { return vreinterpretq_f32_s32(a); }

constexpr const char* NAME = "neon";
constexpr std::size_t ALONE = 4, TOGETHER = 1, TUNES_INT8 = 4, TUNES_FP32 = 4;

// Factors are 0..127, so as signed bytes they are what they are.
template <std::size_t BLOCKS, std::size_t B>
inline void add_products(const std::int8_t* weights, std::size_t apart, const std::uint8_t* factors, std::size_t stride,
                         Range range, Ints (&total)[4 * BLOCKS][B]) {
    for (std::size_t part = 0; part < 4 * BLOCKS; ++part)
        for (std::size_t b = 0; b < B; ++b) total[part][b] = vdupq_n_s32(0);
    for (std::size_t column = range.begin * STEP; column < range.end * STEP; column += 4) {
        int8x16_t x[B];
        for (std::size_t b = 0; b < B; ++b) {
            const std::uint8_t* at = factors + b * stride + column;
            x[b] = vreinterpretq_s8_u32(vld1q_dup_u32(reinterpret_cast<const std::uint32_t*>(at)));
        }
        for (std::size_t part = 0; part < 4 * BLOCKS; ++part) {
            const int8x16_t w = vld1q_s8(weights + part / 4 * apart + column * ROWS + part % 4 * 16);
            for (std::size_t b = 0; b < B; ++b) total[part][b] = vdotq_s32(total[part][b], w, x[b]);
        }
    }
}

#include "kernel_body.hpp"

}  // namespace

const Kernel kernel_neon = KERNEL;

}  // namespace songrnn
#endif
