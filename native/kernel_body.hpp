// The kernel's functions over vectors of WIDTH floats. Each kernel_*.cpp includes this inside a namespace of its own,
// after the types that say what its processor can do:
//
//   Floats (WIDTH of them), Ints (WIDTH of 32 bits); load, store, fill, add, subtract, multiply, divide, fused
//   (a * b + c), least, most, square_root, if_at_least (x at least y ? value : 0), to_ints (rounds to nearest),
//   to_floats, bits_of, floats_of, shift_left, shift_right (keeps the sign), store_bytes (the lowest of each),
//   add_ints, subtract_ints, multiply_ints, and_ints, magnitude; add_products<BLOCKS, B>: the exact int8 products of
//   BLOCKS blocks with B vectors; NAME; ALONE, how many blocks one vector is multiplied by at a time; TOGETHER and
//   TUNES_*, how many blocks and vectors otherwise.
//
// No inline function of the standard library may be used here: compiled for one processor, it could be linked into code
// for another.

// 2^x for x clamped to [-126, 126]; relative error below 2^-22. The polynomial is the best of its degree for the
// relative error on [-0.5, 0.5]. Adding 1.5 * 2^23 leaves no bits for a fraction: it rounds, and the lowest bits of the
// sum are the integer.
static inline Floats power_of_two(Floats x) {
    const Floats shift = fill(12582912.0f);
    x = least(most(x, fill(-126.0f)), fill(126.0f));
    const Floats rounded = add(x, shift);
    const Floats r = subtract(x, subtract(rounded, shift));
    Floats p = fill(1.32764608e-3f);
    p = fused(p, r, fill(9.67554189e-3f));
    p = fused(p, r, fill(5.55071346e-2f));
    p = fused(p, r, fill(2.40221202e-1f));
    p = fused(p, r, fill(6.93146944e-1f));
    p = fused(p, r, fill(1.00000012f));
    return floats_of(add_ints(bits_of(p), shift_left<23>(bits_of(rounded))));
}

constexpr float LOG2_E = 1.44269504f;

// exp(x) for x clamped to [-87, 87]; relative error below 2^-22 + |x| * 2^-23.
static inline Floats exponential(Floats x) { return power_of_two(multiply(x, fill(LOG2_E))); }

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
    return divide(fill(1.0f), add(fill(1.0f), power_of_two(multiply(x, fill(-LOG2_E)))));
}

// tanh(x); absolute error below 2^-22.
static inline Floats hyperbolic_tangent(Floats x) {
    const Floats power = power_of_two(multiply(x, fill(-2.0f * LOG2_E)));
    return divide(subtract(fill(1.0f), power), add(fill(1.0f), power));
}

// sigmoid(a) * tanh(b), with one division in place of two; absolute error below 2^-21. The product below the line is
// infinite only where the gate is as good as closed, and then the result is 0.
static inline Floats gated(Floats a, Floats b) {
    const Floats closed = power_of_two(multiply(a, fill(-LOG2_E)));
    const Floats power = power_of_two(multiply(b, fill(-2.0f * LOG2_E)));
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
    for (std::size_t i = 0; i + WIDTH <= count; i += WIDTH)
        store_bytes(out + i, add_ints(to_ints(multiply(load(values + i), fill(scale))), fill_ints(offset)));
}

static float largest(const float* values, std::size_t count) {
    Floats most_so_far = fill(0.0f);
    for (std::size_t i = 0; i + WIDTH <= count; i += WIDTH)
        most_so_far = most(most_so_far, magnitude(load(values + i)));
    float each_lane[WIDTH], result = 0.0f;
    store(each_lane, most_so_far);
    for (float lane : each_lane) result = lane > result ? lane : result;
    return result;
}

static inline float sum_of_lanes(Floats x) {
    float lanes_of[WIDTH], total = 0.0f;
    store(lanes_of, x);
    for (float lane : lanes_of) total += lane;
    return total;
}

static float highest(const float* values, std::size_t count) {
    Floats high = load(values);
    for (std::size_t i = WIDTH; i < count; i += WIDTH) high = most(high, load(values + i));
    float lanes_of[WIDTH];
    store(lanes_of, high);
    float result = lanes_of[0];
    for (float lane : lanes_of) result = lane > result ? lane : result;
    return result;
}

static void scale(float* values, std::size_t count, float highest_of_all, float factor) {
    for (std::size_t i = 0; i < count; i += WIDTH)
        store(values + i, multiply(subtract(load(values + i), fill(highest_of_all)), fill(factor)));
}

static float weigh(const float* values, float* powers, std::size_t count, float least_value) {
    Floats total = fill(0.0f);
    for (std::size_t i = 0; i < count; i += WIDTH) {
        const Floats x = load(values + i), power = if_at_least(x, fill(least_value), exponential(x));
        store(powers + i, power);
        total = add(total, power);
    }
    return sum_of_lanes(total);
}

static void normalise(float* logits, float* powers, std::size_t count, std::size_t vocabulary_size, float floor) {
    scale(logits, count, highest(logits, count), 1.0f);
    const float total = weigh(logits, powers, count, -87.0f);
    if (floor > 0.0f) {
        const Floats kept = fill((1.0f - floor) / total), added = fill(floor / static_cast<float>(vocabulary_size));
        for (std::size_t i = 0; i < count; i += WIDTH)
            store(logits + i, logarithm(fused(kept, load(powers + i), added)));
    } else {
        float normalizer[WIDTH];
        store(normalizer, logarithm(fill(total)));
        scale(logits, count, normalizer[0], 1.0f);
    }
}

static float sum_of(const float* values, std::size_t count) {
    constexpr std::size_t PARTS = 8;
    Floats sums[PARTS];
    for (std::size_t part = 0; part < PARTS; ++part) sums[part] = fill(0.0f);
    for (std::size_t i = 0; i + PARTS * WIDTH <= count; i += PARTS * WIDTH)
        for (std::size_t part = 0; part < PARTS; ++part) sums[part] = add(sums[part], load(values + i + part * WIDTH));
    for (std::size_t part = 1; part < PARTS; ++part) sums[0] = add(sums[0], sums[part]);
    return sum_of_lanes(sums[0]);
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
    static constexpr std::size_t TUNES = TUNES_FP32;

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
                store(sums.out + (first + b) * sums.stride + row,
                      add(load(sums.base[first + b] + row), total[part][b]));
            }
    }
};

// Products in int8: exact sums, then scaled.
struct InInt8 {
    using Value = std::uint8_t;
    static constexpr std::size_t TUNES = TUNES_INT8;

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
                const Floats worth = multiply(load(matrix.scales + row), scale);
                store(sums.out + (first + b) * sums.stride + row,
                      fused(worth, exact, load(sums.base[first + b] + row)));
            }
        }
    }
};

// BLOCKS blocks with every vector, some vectors at a time: the blocks stay in the first cache meanwhile.
template <class Product, std::size_t BLOCKS>
static inline void with_every_vector(const Matrix& matrix, std::size_t block,
                                     const Factors<typename Product::Value>& factors, const Sums& sums) {
    std::size_t b = 0;
    for (; b + Product::TUNES <= factors.count; b += Product::TUNES)
        Product::template tile<BLOCKS, Product::TUNES>(matrix, block, factors, sums, b);
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
    NAME,
    multiply_all<InInt8>,
    multiply_all<InFp32>,
    lstm,
    gru,
    rnn,
    quantise,
    largest,
    exp_each,
    log_each,
    sigmoid_each,
    tanh_each,
    sqrt_each,
    highest,
    scale,
    weigh,
    normalise,
    sum_of,
};
