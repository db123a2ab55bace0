// The kernels by name, and which of them a compiler for this processor can build.
#pragma once

#include "kernel.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#define SONGRNN_X86
#elif defined(__aarch64__) || defined(_M_ARM64)
#define SONGRNN_ARM
#endif

#if defined(__clang__)
#define SONGRNN_UNROLLED _Pragma("unroll")
#elif defined(__GNUC__)
#define SONGRNN_UNROLLED _Pragma("GCC unroll 8")
#else
#define SONGRNN_UNROLLED
#endif

namespace songrnn {

#if defined(SONGRNN_X86)
extern const Kernel kernel_avx512vnni, kernel_avxvnni, kernel_avx2;
#elif defined(SONGRNN_ARM)
extern const Kernel kernel_neon;
#endif
extern const Kernel kernel_portable;

}  // namespace songrnn
