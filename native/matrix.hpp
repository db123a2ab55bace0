// A packed matrix [rows, columns]: its rows in blocks of ROWS, the columns of a block one after the other, so that a
// product reads memory from one end to the other and adds without ever summing across a vector.
//
//   fp32   block, column, row:                    float
//   int8   block, column / 4, row, column % 4:    int8, one scale a row
//
// int8: a weight is worth value * scale[row]. Factors are 0..MOST_FACTOR, with an offset that stands for zero. Products
// of one row are added in 16 bits over STEP columns at a time (two sums, one of columns 0 and 1 of every four, one of
// columns 2 and 3), so the scale of a row is such that no STEP columns of it can overflow: |values| of one such sum add
// up to at most MOST_SUM. This is what AVX2 needs to be fast; the others follow, so that all have the same sums.
#pragma once

#include <cstddef>
#include <cstdint>

namespace songrnn {

constexpr std::size_t ROWS = 16;
constexpr std::size_t STEP = 32;
constexpr std::int32_t MOST_FACTOR = 127;
constexpr std::int32_t ZERO = 64;     // the offset of factors that have a sign
constexpr float MOST_SIGNED = 63.0f;  // their largest
constexpr std::int32_t MOST_SUM = 32767 / MOST_FACTOR;

struct Range {
    std::uint32_t begin, end;  // in steps of STEP columns; outside of it the block is zero
};

struct Matrix {
    std::size_t blocks;          // of ROWS rows
    std::size_t steps;           // of STEP columns
    const Range* ranges;         // [blocks]
    const float* fp32;           // [blocks][steps * STEP][ROWS], or null
    const std::int8_t* int8;     // [blocks][steps * STEP / 4][ROWS][4], or null
    const float* scales;         // [blocks][ROWS]; int8 only
    const std::int32_t* totals;  // [blocks][ROWS]: the sum of each row; int8 only
    std::size_t columns() const { return steps * STEP; }
    std::size_t rows() const { return blocks * ROWS; }
};

}  // namespace songrnn
