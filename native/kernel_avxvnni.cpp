// Processors with AVX-VNNI: Intel since Alder Lake (2021), AMD since Zen 5 (2024).
#include "kernels.hpp"

#if defined(SONGRNN_X86)
#include <immintrin.h>

#include <cstring>

namespace songrnn {
namespace {

#include "vectors_avx2.hpp"

constexpr const char* NAME = "avxvnni";
constexpr std::size_t ALONE = 4, TOGETHER = 1, TUNES_INT8 = 4, TUNES_FP32 = 4;

template <std::size_t BLOCKS, std::size_t B>
inline void add_products(const std::int8_t* weights, std::size_t apart, const std::uint8_t* factors, std::size_t stride,
                         Range range, Ints (&total)[2 * BLOCKS][B]) {
    for (std::size_t part = 0; part < 2 * BLOCKS; ++part)
        for (std::size_t b = 0; b < B; ++b) total[part][b] = _mm256_setzero_si256();
    for (std::size_t column = range.begin * STEP; column < range.end * STEP; column += 4) {
        __m256i x[B];
        for (std::size_t b = 0; b < B; ++b) x[b] = four_factors(factors + b * stride + column);
        for (std::size_t part = 0; part < 2 * BLOCKS; ++part) {
            const std::int8_t* at = weights + part / 2 * apart + column * ROWS + part % 2 * 32;
            const __m256i w = _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
            for (std::size_t b = 0; b < B; ++b) total[part][b] = _mm256_dpbusd_avx_epi32(total[part][b], x[b], w);
        }
    }
}

#include "kernel_body.hpp"

}  // namespace

const Kernel kernel_avxvnni = KERNEL;

}  // namespace songrnn
#endif
