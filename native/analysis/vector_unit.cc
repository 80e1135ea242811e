// SPDX-License-Identifier: MIT
#include "analysis/vector_unit.h"

namespace pw::analysis {

std::span<const VectorUnit> vector_units() {
#ifdef PW_HAS_AVX512
  static constexpr VectorUnit kX86[] = {VectorUnit::Avx512, VectorUnit::Avx2, VectorUnit::Sse2,
                                        VectorUnit::None};
  const std::span<const VectorUnit> x86 = kX86;
  return x86.subspan(__builtin_cpu_supports("avx512f") ? 0 : __builtin_cpu_supports("avx2") ? 1 : 2);
#elif defined(PW_HAS_SSE2)
  static constexpr VectorUnit kUnits[] = {VectorUnit::Sse2, VectorUnit::None};
  return kUnits;
#elif defined(PW_HAS_NEON)
  static constexpr VectorUnit kUnits[] = {VectorUnit::Neon, VectorUnit::None};
  return kUnits;
#else
  static constexpr VectorUnit kUnits[] = {VectorUnit::None};
  return kUnits;
#endif
}

}  // namespace pw::analysis
