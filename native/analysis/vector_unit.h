// SPDX-License-Identifier: MIT
// The host's vector units. One binary has code for several: PW_HAS_... says which this build knows, a function with
// PW_TARGET_... may use one, and vector_units() which of them are there at run time.
#pragma once

#include <cstdint>
#include <span>

#if defined(__x86_64__) || defined(_M_X64)
#define PW_HAS_SSE2 1
#if defined(__GNUC__)
#define PW_HAS_AVX2 1
#define PW_TARGET_AVX2 __attribute__((target("avx2")))
#define PW_HAS_AVX512 1
#define PW_TARGET_AVX512 __attribute__((target("avx512f")))
#endif
#elif defined(__aarch64__)
#define PW_HAS_NEON 1
#endif

namespace pw::analysis {

enum class VectorUnit : std::uint8_t { None, Sse2, Avx2, Avx512, Neon };

// What this host has, the best first; None last.
std::span<const VectorUnit> vector_units();

}  // namespace pw::analysis
