// Eight floats or ints in a register of AVX2 and FMA.

using Floats = __m256;
using Ints = __m256i;
constexpr std::size_t WIDTH = 8;

inline Floats load(const float* at) { return _mm256_loadu_ps(at); }
inline void store(float* at, Floats x) { _mm256_storeu_ps(at, x); }
inline Floats fill(float x) { return _mm256_set1_ps(x); }
inline Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
inline Floats subtract(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
inline Floats multiply(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
inline Floats divide(Floats a, Floats b) { return _mm256_div_ps(a, b); }
inline Floats fused(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
inline Floats least(Floats a, Floats b) { return _mm256_min_ps(a, b); }
inline Floats most(Floats a, Floats b) { return _mm256_max_ps(a, b); }
inline Floats magnitude(Floats a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
inline Floats if_at_least(Floats x, Floats y, Floats value) {
    return _mm256_and_ps(_mm256_cmp_ps(x, y, _CMP_GE_OQ), value);
}
inline Floats square_root(Floats a) { return _mm256_sqrt_ps(a); }

inline Ints load_ints(const std::int32_t* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
inline void store_ints(std::int32_t* at, Ints x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), x); }
inline void store_bytes(std::uint8_t* at, Ints x) {
    const __m128i shorts = _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(at), _mm_packus_epi16(shorts, shorts));
}
inline Ints fill_ints(std::int32_t x) { return _mm256_set1_epi32(x); }
inline Ints add_ints(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
inline Ints subtract_ints(Ints a, Ints b) { return _mm256_sub_epi32(a, b); }
inline Ints multiply_ints(Ints a, Ints b) { return _mm256_mullo_epi32(a, b); }
inline Ints and_ints(Ints a, Ints b) { return _mm256_and_si256(a, b); }
template <int BITS>
inline Ints shift_left(Ints a) {
    return _mm256_slli_epi32(a, BITS);
}
template <int BITS>
inline Ints shift_right(Ints a) {
    return _mm256_srai_epi32(a, BITS);
}

inline Ints to_ints(Floats a) { return _mm256_cvtps_epi32(a); }
inline Floats to_floats(Ints a) { return _mm256_cvtepi32_ps(a); }
inline Ints bits_of(Floats a) { return _mm256_castps_si256(a); }
inline Floats floats_of(Ints a) { return _mm256_castsi256_ps(a); }

// Four factors, again for every row.
inline __m256i four_factors(const std::uint8_t* at) {
    std::int32_t four;
    std::memcpy(&four, at, sizeof four);
    return _mm256_set1_epi32(four);
}
