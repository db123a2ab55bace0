// The kernel's functions over vectors of WIDTH floats. Each kernel_*.cpp includes this inside a namespace of its own,
// after the types that say what its processor can do:
//
//   Floats (WIDTH of them), Ints (WIDTH of 32 bits); load, store, fill, add, subtract, multiply, divide, fused
//   (a * b + c), least, most, square_root, to_ints (rounds to nearest), to_floats, bits_of, floats_of, shift_left,
//   shift_right (keeps the sign), add_ints, subtract_ints, multiply_ints, and_ints, magnitude;
//   add_products<BLOCKS, B>: the exact int8 products of BLOCKS blocks with B vectors;
//   NAME; ALONE, how many blocks one vector is multiplied by at a time; TOGETHER and TUNES, how many blocks and vectors
//   otherwise.
//
// No inline function of the standard library may be used here: compiled for one processor, it could be linked into code
// for another.

static inline Floats clamp(Floats x, float low, float high) { return least(most(x, fill(low)), fill(high)); }

// exp(x); relative error below 2^-22 in [-87, 88], clamped to that range. Range reduction by ln 2 in two parts and the
// polynomial of expf in Moshier's Cephes library.
static inline Floats exponential(Floats x) {
    x = clamp(x, -87.0f, 88.0f);
    const Ints n = to_ints(multiply(x, fill(1.44269504f)));
    Floats r = fused(to_floats(n), fill(-0.693359375f), x);
    r = fused(to_floats(n), fill(2.12194440e-4f), r);
    Floats p = fill(1.9875691500e-4f);
    p = fused(p, r, fill(1.3981999507e-3f));
    p = fused(p, r, fill(8.3334519073e-3f));
    p = fused(p, r, fill(4.1665795894e-2f));
    p = fused(p, r, fill(1.6666665459e-1f));
    p = fused(p, r, fill(5.0000001201e-1f));
    p = fused(p, multiply(r, r), add(r, fill(1.0f)));
    return floats_of(add_ints(bits_of(p), shift_left<23>(n)));
}

// log(x) for positive, normal x; error below 2^-22 of the larger of 1 and |log x|. The polynomial of logf in Cephes.
static inline Floats logarithm(Floats x) {
    const Ints root_half = fill_ints(0x3f3504f3);
    const Ints shifted = subtract_ints(bits_of(x), root_half);
    const Floats e = to_floats(shift_right<23>(shifted));
    const Floats f = subtract(floats_of(add_ints(and_ints(shifted, fill_ints(0x007fffff)), root_half)), fill(1.0f));
    const Floats z = multiply(f, f);
    Floats p = fill(7.0376836292e-2f);
    p = fused(p, f, fill(-1.1514610310e-1f));
    p = fused(p, f, fill(1.1676998740e-1f));
    p = fused(p, f, fill(-1.2420140846e-1f));
    p = fused(p, f, fill(1.4249322787e-1f));
    p = fused(p, f, fill(-1.6668057665e-1f));
    p = fused(p, f, fill(2.0000714765e-1f));
    p = fused(p, f, fill(-2.4999993993e-1f));
    p = fused(p, f, fill(3.3333331174e-1f));
    Floats y = fused(e, fill(-2.12194440e-4f), multiply(p, multiply(f, z)));
    y = fused(z, fill(-0.5f), y);
    return fused(e, fill(0.693359375f), add(f, y));
}

// 1 / (1 + exp(-x)); absolute error below 2^-22.
static inline Floats logistic(Floats x) {
    return divide(fill(1.0f), add(fill(1.0f), exponential(subtract(fill(0.0f), x))));
}

// tanh(x); absolute error below 2^-22.
static inline Floats hyperbolic_tangent(Floats x) {
    const Floats power = exponential(multiply(x, fill(-2.0f)));
    return divide(subtract(fill(1.0f), power), add(fill(1.0f), power));
}

// sigmoid(a) * tanh(b), with one division in place of two; absolute error below 2^-21.
static inline Floats gated(Floats a, Floats b) {
    const Floats closed = exponential(subtract(fill(0.0f), clamp(a, -40.0f, 40.0f)));
    const Floats power = exponential(multiply(clamp(b, -20.0f, 20.0f), fill(-2.0f)));
    const Floats one = fill(1.0f);
    return divide(subtract(one, power), multiply(add(one, closed), add(one, power)));
}

static void lstm(const float* sums, float* cell, float* hidden, std::size_t blocks) {
    for (std::size_t block = 0; block < blocks; ++block, sums += 4 * ROWS) {
        for (std::size_t row = 0; row < ROWS; row += WIDTH, cell += WIDTH, hidden += WIDTH) {
            const Floats kept = multiply(logistic(load(sums + ROWS + row)), load(cell));
            const Floats after = add(kept, gated(load(sums + row), load(sums + 2 * ROWS + row)));
            store(cell, after);
            store(hidden, gated(load(sums + 3 * ROWS + row), after));
        }
    }
}

static void gru(const float* from_input, const float* from_hidden, float* hidden, std::size_t blocks) {
    for (std::size_t block = 0; block < blocks; ++block, from_input += 3 * ROWS, from_hidden += 3 * ROWS) {
        for (std::size_t row = 0; row < ROWS; row += WIDTH, hidden += WIDTH) {
            const Floats r = logistic(add(load(from_input + row), load(from_hidden + row)));
            const Floats z = logistic(add(load(from_input + ROWS + row), load(from_hidden + ROWS + row)));
            const Floats n =
                hyperbolic_tangent(fused(r, load(from_hidden + 2 * ROWS + row), load(from_input + 2 * ROWS + row)));
            store(hidden, fused(z, subtract(load(hidden), n), n));
        }
    }
}

static void rnn(const float* sums, float* hidden, std::size_t blocks) {
    for (std::size_t i = 0; i < blocks * ROWS; i += WIDTH) store(hidden + i, hyperbolic_tangent(load(sums + i)));
}

// `function` of every value; the last few through a vector of their own, so that any count will do.
template <class Function>
static inline void each(const float* values, float* out, std::size_t count, Function function) {
    std::size_t i = 0;
    for (; i + WIDTH <= count; i += WIDTH) store(out + i, function(load(values + i)));
    if (i == count) return;
    float rest[WIDTH];
    for (std::size_t k = 0; k < WIDTH; ++k) rest[k] = i + k < count ? values[i + k] : 1.0f;
    store(rest, function(load(rest)));
    for (std::size_t k = 0; i + k < count; ++k) out[i + k] = rest[k];
}

static void exp_each(const float* values, float* out, std::size_t count) { each(values, out, count, exponential); }
static void log_each(const float* values, float* out, std::size_t count) { each(values, out, count, logarithm); }
static void sigmoid_each(const float* values, float* out, std::size_t count) { each(values, out, count, logistic); }
static void tanh_each(const float* values, float* out, std::size_t count) {
    each(values, out, count, hyperbolic_tangent);
}
static void sqrt_each(const float* values, float* out, std::size_t count) { each(values, out, count, square_root); }

static void quantise(const float* values, std::uint8_t* out, std::size_t count, float scale, std::int32_t offset) {
    std::size_t i = 0;
    for (; i + WIDTH <= count; i += WIDTH) {
        std::int32_t rounded[WIDTH];
        store_ints(rounded, add_ints(to_ints(multiply(load(values + i), fill(scale))), fill_ints(offset)));
        for (std::size_t k = 0; k < WIDTH; ++k) out[i + k] = static_cast<std::uint8_t>(rounded[k]);
    }
}

static float largest(const float* values, std::size_t count) {
    Floats most_so_far = fill(0.0f);
    for (std::size_t i = 0; i + WIDTH <= count; i += WIDTH) most_so_far = most(most_so_far, magnitude(load(values + i)));
    float each_lane[WIDTH], result = 0.0f;
    store(each_lane, most_so_far);
    for (float lane : each_lane) result = lane > result ? lane : result;
    return result;
}

static float sum_of(const float* values, std::size_t count) {
    constexpr std::size_t PARTS = 8;
    Floats sums[PARTS];
    for (std::size_t part = 0; part < PARTS; ++part) sums[part] = fill(0.0f);
    for (std::size_t i = 0; i + PARTS * WIDTH <= count; i += PARTS * WIDTH)
        for (std::size_t part = 0; part < PARTS; ++part)
            sums[part] = add(sums[part], load(values + i + part * WIDTH));
    float lanes_of[WIDTH], total = 0.0f;
    for (std::size_t part = 1; part < PARTS; ++part) sums[0] = add(sums[0], sums[part]);
    store(lanes_of, sums[0]);
    for (float lane : lanes_of) total += lane;
    return total;
}

// The steps of columns in which any of `blocks` blocks from `block` on is not zero.
static inline Range range_of(const Matrix& matrix, std::size_t block, std::size_t blocks) {
    Range all = matrix.ranges[block];
    for (std::size_t i = 1; i < blocks; ++i) {
        const Range range = matrix.ranges[block + i];
        all.begin = range.begin < all.begin ? range.begin : all.begin;
        all.end = range.end > all.end ? range.end : all.end;
    }
    return all;
}

// Products in fp32: one accumulator for each vector of rows, columns in order.
struct InFp32 {
    using Value = float;

    // BLOCKS blocks from `block` on with B vectors from `first` on.
    template <std::size_t BLOCKS, std::size_t B>
    static inline void tile(const Matrix& matrix, std::size_t block, const Factors<float>& factors, const Sums& sums,
                            std::size_t first) {
        constexpr std::size_t PARTS = BLOCKS * ROWS / WIDTH;
        Floats total[PARTS][B];
        for (std::size_t part = 0; part < PARTS; ++part)
            for (std::size_t b = 0; b < B; ++b) total[part][b] = fill(0.0f);
        const std::size_t apart = matrix.columns() * ROWS;
        const float* weights = matrix.fp32 + block * apart;
        const Range range = range_of(matrix, block, BLOCKS);
        for (std::size_t column = range.begin * STEP; column < range.end * STEP; ++column) {
            Floats x[B];
            for (std::size_t b = 0; b < B; ++b) x[b] = fill(factors.values[(first + b) * factors.stride + column]);
            for (std::size_t part = 0; part < PARTS; ++part) {
                const std::size_t row = part * WIDTH;
                const Floats w = load(weights + row / ROWS * apart + column * ROWS + row % ROWS);
                for (std::size_t b = 0; b < B; ++b) total[part][b] = fused(w, x[b], total[part][b]);
            }
        }
        for (std::size_t part = 0; part < PARTS; ++part)
            for (std::size_t b = 0; b < B; ++b) {
                const std::size_t row = block * ROWS + part * WIDTH;
                const Floats base = load(sums.base + (first + b) * sums.base_stride + row);
                store(sums.out + (first + b) * sums.out_stride + row, add(base, total[part][b]));
            }
    }
};

// Products in int8: exact sums, then scaled.
struct InInt8 {
    using Value = std::uint8_t;

    template <std::size_t BLOCKS, std::size_t B>
    static inline void tile(const Matrix& matrix, std::size_t block, const Factors<std::uint8_t>& factors,
                            const Sums& sums, std::size_t first) {
        constexpr std::size_t PARTS = BLOCKS * ROWS / WIDTH;
        const std::size_t apart = matrix.columns() * ROWS;
        Ints total[PARTS][B];
        add_products<BLOCKS, B>(matrix.int8 + block * apart, apart, factors.values + first * factors.stride,
                                factors.stride, range_of(matrix, block, BLOCKS), total);
        for (std::size_t b = 0; b < B; ++b) {
            const Floats scale = fill(factors.scales[first + b]);
            for (std::size_t part = 0; part < PARTS; ++part) {
                const std::size_t row = block * ROWS + part * WIDTH;
                const Ints zero = multiply_ints(load_ints(matrix.totals + row), fill_ints(factors.offset));
                const Floats exact = to_floats(subtract_ints(total[part][b], zero));
                const Floats base = load(sums.base + (first + b) * sums.base_stride + row);
                const Floats worth = multiply(load(matrix.scales + row), scale);
                store(sums.out + (first + b) * sums.out_stride + row, fused(worth, exact, base));
            }
        }
    }
};

// BLOCKS blocks with every vector, TUNES vectors at a time: the blocks stay in the first cache meanwhile.
template <class Product, std::size_t BLOCKS>
static inline void with_every_vector(const Matrix& matrix, std::size_t block,
                                     const Factors<typename Product::Value>& factors, const Sums& sums) {
    std::size_t b = 0;
    for (; b + TUNES <= factors.count; b += TUNES)
        Product::template tile<BLOCKS, TUNES>(matrix, block, factors, sums, b);
    for (; b < factors.count; ++b) Product::template tile<BLOCKS, 1>(matrix, block, factors, sums, b);
}

template <class Product>
static void multiply_all(const Matrix& matrix, const Factors<typename Product::Value>& factors, const Sums& sums) {
    std::size_t block = 0;
    if (factors.count == 1)
        for (; block + ALONE <= matrix.blocks; block += ALONE)
            Product::template tile<ALONE, 1>(matrix, block, factors, sums, 0);
    for (; block + TOGETHER <= matrix.blocks; block += TOGETHER)
        with_every_vector<Product, TOGETHER>(matrix, block, factors, sums);
    for (; block < matrix.blocks; ++block) with_every_vector<Product, 1>(matrix, block, factors, sums);
}

static constexpr Kernel KERNEL{
    NAME,    multiply_all<InInt8>, multiply_all<InFp32>, lstm,         gru,       rnn,       quantise,
    largest, exp_each,             log_each,             sigmoid_each, tanh_each, sqrt_each, sum_of,
};
