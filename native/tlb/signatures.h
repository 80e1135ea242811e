// SPDX-License-Identifier: MIT
// Short hashes of tags, sixteen compared at once: what a set looks at before it looks at tags. Equal tags
// have equal signatures; the reverse is only likely.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "tlb/entry.h"

#if defined(PAGEWALK_SCALAR)
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace pw::tlb {

using Signature = std::uint16_t;
inline constexpr std::uint32_t kSignatureGroup = 16;

// Tags of one set differ above the bits that name the set, neighboring pages in the lowest ones: both
// show.
constexpr std::uint32_t signature_of(Tag tag) { return static_cast<std::uint32_t>(tag ^ tag >> 7) & 0xffff; }

// Bit i is set where the i-th signature of the group is the one wanted. Without vectors.
inline std::uint32_t equal_signatures_scalar(const Signature* group, std::uint32_t wanted) {
  std::uint32_t equal = 0;
  for (std::uint32_t i = 0; i < kSignatureGroup; ++i)
    equal |= static_cast<std::uint32_t>(group[i] == wanted) << i;
  return equal;
}

PW_ALWAYS_INLINE std::uint32_t equal_signatures(const Signature* group, std::uint32_t wanted) {
#if defined(PAGEWALK_SCALAR)
  return equal_signatures_scalar(group, wanted);
#elif defined(__SSE2__)
  const __m128i pattern = _mm_set1_epi16(static_cast<std::int16_t>(wanted));
  const auto* halves = reinterpret_cast<const __m128i*>(group);
  const __m128i low = _mm_cmpeq_epi16(_mm_loadu_si128(halves), pattern);
  const __m128i high = _mm_cmpeq_epi16(_mm_loadu_si128(halves + 1), pattern);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
#elif defined(__ARM_NEON)
  constexpr std::uint8_t kBits[kSignatureGroup] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint16x8_t pattern = vdupq_n_u16(static_cast<Signature>(wanted));
  const uint8x16_t equal = vcombine_u8(vmovn_u16(vceqq_u16(vld1q_u16(group), pattern)),
                                       vmovn_u16(vceqq_u16(vld1q_u16(group + 8), pattern)));
  const uint8x16_t bits = vandq_u8(equal, vld1q_u8(kBits));
  return static_cast<std::uint32_t>(vaddv_u8(vget_low_u8(bits))) |
         static_cast<std::uint32_t>(vaddv_u8(vget_high_u8(bits))) << 8;
#else
  return equal_signatures_scalar(group, wanted);
#endif
}

}  // namespace pw::tlb
