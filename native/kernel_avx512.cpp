// Processors with AVX-512 VNNI: Intel servers since Cascade Lake (2019), AMD since Zen 4 (2022).
#include "kernels.hpp"

#if defined(SONGRNN_X86)
#include <immintrin.h>

#include <cstring>

namespace songrnn {
namespace {

using Floats = __m512;
using Ints = __m512i;
constexpr std::size_t WIDTH = 16;

inline Floats load(const float* at) { return _mm512_loadu_ps(at); }
inline void store(float* at, Floats x) { _mm512_storeu_ps(at, x); }
inline Floats fill(float x) { return _mm512_set1_ps(x); }
inline Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
inline Floats subtract(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
inline Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
inline Floats divide(Floats a, Floats b) { return _mm512_div_ps(a, b); }
inline Floats fused(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
inline Floats least(Floats a, Floats b) { return _mm512_min_ps(a, b); }
inline Floats most(Floats a, Floats b) { return _mm512_max_ps(a, b); }
inline Floats magnitude(Floats a) { return _mm512_abs_ps(a); }
inline Floats if_at_least(Floats x, Floats y, Floats value) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, y, _CMP_GE_OQ), value);
}
inline Floats square_root(Floats a) { return _mm512_sqrt_ps(a); }

inline Ints load_ints(const std::int32_t* at) { return _mm512_loadu_si512(at); }
inline void store_ints(std::int32_t* at, Ints x) { _mm512_storeu_si512(at, x); }
inline void store_bytes(std::uint8_t* at, Ints x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(at), _mm512_cvtepi32_epi8(x));
}
inline Ints fill_ints(std::int32_t x) { return _mm512_set1_epi32(x); }
inline Ints add_ints(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
inline Ints subtract_ints(Ints a, Ints b) { return _mm512_sub_epi32(a, b); }
inline Ints multiply_ints(Ints a, Ints b) { return _mm512_mullo_epi32(a, b); }
inline Ints and_ints(Ints a, Ints b) { return _mm512_and_si512(a, b); }
template <int BITS>
inline Ints shift_left(Ints a) {
    return _mm512_slli_epi32(a, BITS);
}
template <int BITS>
inline Ints shift_right(Ints a) {
    return _mm512_srai_epi32(a, BITS);
}

inline Ints to_ints(Floats a) { return _mm512_cvtps_epi32(a); }
inline Floats to_floats(Ints a) { return _mm512_cvtepi32_ps(a); }
inline Ints bits_of(Floats a) { return _mm512_castps_si512(a); }
inline Floats floats_of(Ints a) { return _mm512_castsi512_ps(a); }

inline __m512i four_factors(const std::uint8_t* at) {
    std::int32_t four;
    std::memcpy(&four, at, sizeof four);
    return _mm512_set1_epi32(four);
}

constexpr const char* NAME = "avx512vnni";
constexpr std::size_t ALONE = 8, TOGETHER = 4, TUNES_INT8 = 4, TUNES_FP32 = 4;

template <std::size_t BLOCKS, std::size_t B>
inline void add_products(const std::int8_t* weights, std::size_t apart, const std::uint8_t* factors, std::size_t stride,
                         Range range, Ints (&total)[BLOCKS][B]) {
    for (std::size_t block = 0; block < BLOCKS; ++block)
        for (std::size_t b = 0; b < B; ++b) total[block][b] = _mm512_setzero_si512();
    for (std::size_t column = range.begin * STEP; column < range.end * STEP; column += 4) {
        __m512i x[B];
        for (std::size_t b = 0; b < B; ++b) x[b] = four_factors(factors + b * stride + column);
        for (std::size_t block = 0; block < BLOCKS; ++block) {
            const __m512i w = _mm512_load_si512(weights + block * apart + column * ROWS);
            for (std::size_t b = 0; b < B; ++b) total[block][b] = _mm512_dpbusd_epi32(total[block][b], x[b], w);
        }
    }
}

#include "kernel_body.hpp"

}  // namespace

const Kernel kernel_avx512vnni = KERNEL;

}  // namespace songrnn
#endif
