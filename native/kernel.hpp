// What a processor has to do for a network, as a table of functions; one table for each family of instructions.
//
// All kernels read the same packed matrices (matrix.hpp), so a packed network runs on any of them. Integer sums are
// exact, and every sum of floats goes through its terms in one order, whatever the batch: a tune's numbers do not
// depend on which tunes are computed beside it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "matrix.hpp"

namespace songrnn {

// B vectors to multiply a matrix by, `stride` elements from one to the next.
template <class Value>
struct Factors {
    const Value* values;  // [B][stride]
    std::size_t stride;
    const float* scales;  // [B]: what a unit of each vector is worth; int8 only
    std::int32_t offset;  // what stands for zero in `values`; int8 only
    std::size_t count;    // B
};

// What the products are added to and where their sums go.
struct Sums {
    const float* const* base;  // [B] pointers to as many floats as the matrix has rows
    float* out;                // [B][stride]
    std::size_t stride;
};

struct Kernel {
    const char* name;
    // out[b] = base[b] + matrix * values[b]
    void (*multiply_int8)(const Matrix& matrix, const Factors<std::uint8_t>& factors, const Sums& sums);
    void (*multiply_fp32)(const Matrix& matrix, const Factors<float>& factors, const Sums& sums);
    // One step of a layer for one tune; gates stand in blocks of ROWS neurons (matrix.hpp), `blocks` of them.
    void (*lstm)(const float* sums, float* cell, float* hidden, std::size_t blocks);
    void (*gru)(const float* from_input, const float* from_hidden, float* hidden, std::size_t blocks);
    void (*rnn)(const float* sums, float* hidden, std::size_t blocks);
    // out[i] = round(values[i] * scale) + offset, which the caller keeps within 0..255; whole vectors only
    void (*quantise)(const float* values, std::uint8_t* out, std::size_t count, float scale, std::int32_t offset);
    float (*largest)(const float* values, std::size_t count);             // of the absolute values
    void (*exp)(const float* values, float* out, std::size_t count);      // functions of vectors, for any count;
    void (*log)(const float* values, float* out, std::size_t count);      // their error bounds stand in
    void (*sigmoid)(const float* values, float* out, std::size_t count);  // kernel_body.hpp
    void (*tanh)(const float* values, float* out, std::size_t count);
    void (*sqrt)(const float* values, float* out, std::size_t count);
    // Of whole vectors only: the largest; (values - highest) * factor in place; exp of those that are at least `least`,
    // 0 for the others, and their sum; logits -> log-probabilities in place, of which `floor` is spread evenly over V.
    float (*highest)(const float* values, std::size_t count);
    void (*scale)(float* values, std::size_t count, float highest, float factor);
    float (*weigh)(const float* values, float* powers, std::size_t count, float least);
    void (*normalise)(float* logits, float* powers, std::size_t count, std::size_t vocabulary_size, float floor);
    float (*sum)(const float* values, std::size_t count);  // as fast as memory can be read; whole vectors only
};

// The kernels that this processor can run, fastest first; the last is `portable`.
const Kernel* const* kernels_of_this_processor(std::size_t& count);

// A kernel of this processor by its name, the fastest without one; null if there is none of that name.
const Kernel* find_kernel(const char* name);

// GB/s at which one core reads `bytes` of memory again and again; the best of several tries within `seconds`.
double read_bandwidth(std::size_t bytes, double seconds);

}  // namespace songrnn
