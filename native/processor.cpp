// What this processor can do, asked of the processor itself.
#include <cstring>
#include <vector>

#include "kernels.hpp"

#if defined(SONGRNN_X86) && defined(_MSC_VER)
#include <intrin.h>
#elif defined(SONGRNN_X86)
#include <cpuid.h>
#elif defined(__linux__) && defined(SONGRNN_ARM)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace songrnn {
namespace {

#if defined(SONGRNN_X86)

struct Registers {
    std::uint32_t eax, ebx, ecx, edx;
};

Registers cpuid(std::uint32_t leaf, std::uint32_t subleaf) {
#if defined(_MSC_VER)
    int out[4];
    __cpuidex(out, static_cast<int>(leaf), static_cast<int>(subleaf));
    return {static_cast<std::uint32_t>(out[0]), static_cast<std::uint32_t>(out[1]), static_cast<std::uint32_t>(out[2]),
            static_cast<std::uint32_t>(out[3])};
#else
    Registers r{};
    __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
    return r;
#endif
}

// Which registers the operating system saves; a processor may have more than it may use.
std::uint64_t saved_registers() {
#if defined(_MSC_VER)
    return _xgetbv(0);
#else
    std::uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (static_cast<std::uint64_t>(high) << 32) | low;
#endif
}

bool has(std::uint32_t word, int bit) { return (word >> bit) & 1u; }

// Bits as in Intel's manual, volume 2A, CPUID: leaf 1 ECX, leaf 7 EBX and ECX, leaf 7.1 EAX.
std::vector<const Kernel*> detect() {
    std::vector<const Kernel*> found;
    const Registers basic = cpuid(1, 0), extended = cpuid(7, 0), further = cpuid(7, 1);
    const bool saves = has(basic.ecx, 27);
    const std::uint64_t saved = saves ? saved_registers() : 0;
    const bool avx2 = (saved & 0x6) == 0x6 && has(basic.ecx, 12) && has(extended.ebx, 5);
    const bool avx512 = avx2 && (saved & 0xe6) == 0xe6 && has(extended.ebx, 16) && has(extended.ebx, 17) &&
                        has(extended.ebx, 30) && has(extended.ebx, 31);
    if (avx512 && has(extended.ecx, 11)) found.push_back(&kernel_avx512vnni);
    if (avx2 && has(further.eax, 4)) found.push_back(&kernel_avxvnni);
    if (avx2) found.push_back(&kernel_avx2);
    found.push_back(&kernel_portable);
    return found;
}

#elif defined(SONGRNN_ARM)

bool has_dot_products() {
#if defined(__APPLE__)
    return true;
#elif defined(__linux__)
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
#else
    return false;
#endif
}

std::vector<const Kernel*> detect() {
    if (has_dot_products()) return {&kernel_neon, &kernel_portable};
    return {&kernel_portable};
}

#else

std::vector<const Kernel*> detect() { return {&kernel_portable}; }

#endif

}  // namespace

const Kernel* const* kernels_of_this_processor(std::size_t& count) {
    static const std::vector<const Kernel*> kernels = detect();
    count = kernels.size();
    return kernels.data();
}

const Kernel* find_kernel(const char* name) {
    std::size_t count;
    const Kernel* const* kernels = kernels_of_this_processor(count);
    for (std::size_t i = 0; i < count; ++i)
        if (!name || std::strcmp(kernels[i]->name, name) == 0) return kernels[i];
    return nullptr;
}

}  // namespace songrnn
