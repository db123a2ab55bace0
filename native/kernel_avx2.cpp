// Intel since Haswell (2013), AMD since Excavator (2015).
#include "kernels.hpp"

#if defined(SONGRNN_X86)
#include <immintrin.h>

#include <cstring>

namespace songrnn {
namespace {

#include "vectors_avx2.hpp"

constexpr const char* NAME = "avx2";
constexpr std::size_t ALONE = 2, TOGETHER = 1, TUNES_INT8 = 3, TUNES_FP32 = 4;

// Pairs of products in 16 bits, added up over a step of columns (matrix.hpp: they cannot overflow), then in 32 bits.
template <std::size_t BLOCKS, std::size_t B>
inline void add_products(const std::int8_t* weights, std::size_t apart, const std::uint8_t* factors, std::size_t stride,
                         Range range, Ints (&total)[2 * BLOCKS][B]) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (std::size_t part = 0; part < 2 * BLOCKS; ++part)
        for (std::size_t b = 0; b < B; ++b) total[part][b] = _mm256_setzero_si256();
    for (std::size_t step = range.begin; step < range.end; ++step) {
        __m256i sums[2 * BLOCKS][B];
        for (std::size_t part = 0; part < 2 * BLOCKS; ++part)
            for (std::size_t b = 0; b < B; ++b) sums[part][b] = _mm256_setzero_si256();
        SONGRNN_UNROLLED
        for (std::size_t column = step * STEP; column < (step + 1) * STEP; column += 4) {
            __m256i x[B];
            for (std::size_t b = 0; b < B; ++b) x[b] = four_factors(factors + b * stride + column);
            for (std::size_t part = 0; part < 2 * BLOCKS; ++part) {
                const std::int8_t* at = weights + part / 2 * apart + column * ROWS + part % 2 * 32;
                const __m256i w = _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
                for (std::size_t b = 0; b < B; ++b)
                    sums[part][b] = _mm256_add_epi16(sums[part][b], _mm256_maddubs_epi16(x[b], w));
            }
        }
        for (std::size_t part = 0; part < 2 * BLOCKS; ++part)
            for (std::size_t b = 0; b < B; ++b)
                total[part][b] = _mm256_add_epi32(total[part][b], _mm256_madd_epi16(sums[part][b], ones));
    }
}

#include "kernel_body.hpp"

}  // namespace

const Kernel kernel_avx2 = KERNEL;

}  // namespace songrnn
#endif
