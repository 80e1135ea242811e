// SPDX-License-Identifier: MIT
#include "analysis/page_filter.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(PW_HAS_SSE2)
#include <immintrin.h>
#elif defined(PW_HAS_NEON)
#include <arm_neon.h>
#endif

namespace pw::analysis {
namespace {

using Selected = std::vector<PageReference>;

void select_scalar(std::span<const PageReference> references, std::uint32_t key, std::uint32_t threshold,
                   Selected& selected) {
  for (const PageReference reference : references)
    if (page_hash(reference, key) < threshold) selected.push_back(reference);
}

// The references whose bits are set, the first in bit 0.
[[maybe_unused]] inline void take(const PageReference* references, std::uint32_t bits, Selected& selected) {
  for (; bits != 0; bits &= bits - 1) selected.push_back(references[std::countr_zero(bits)]);
}

// A whole number of what each unit's kernel takes at once.
constexpr std::size_t kBlock = 16;

#ifdef PW_HAS_SSE2
// SSE2 multiplies the even lanes only, to 64 bits.
inline __m128i multiply(__m128i values, std::uint32_t factor) {
  const __m128i factors = _mm_set1_epi32(static_cast<int>(factor));
  const __m128i even = _mm_mul_epu32(values, factors);
  const __m128i odd = _mm_mul_epu32(_mm_srli_epi64(values, 32), factors);
  return _mm_unpacklo_epi32(_mm_shuffle_epi32(even, _MM_SHUFFLE(0, 0, 2, 0)),
                            _mm_shuffle_epi32(odd, _MM_SHUFFLE(0, 0, 2, 0)));
}

// Bit i is set where the i-th of four references is below the threshold, of which the top bit is flipped.
inline std::uint32_t below_sse2(const PageReference* references, __m128i keys, __m128i flipped) {
  const __m128 first = _mm_loadu_ps(reinterpret_cast<const float*>(references));
  const __m128 second = _mm_loadu_ps(reinterpret_cast<const float*>(references + 2));
  const __m128i low = _mm_castps_si128(_mm_shuffle_ps(first, second, _MM_SHUFFLE(2, 0, 2, 0)));
  const __m128i top = _mm_castps_si128(_mm_shuffle_ps(first, second, _MM_SHUFFLE(3, 1, 3, 1)));
  const __m128i high = _mm_and_si128(top, _mm_set1_epi32(0x7fffffff));
  __m128i hash = _mm_xor_si128(_mm_add_epi32(low, multiply(high, kHashHigh)), keys);
  hash = multiply(_mm_xor_si128(hash, _mm_srli_epi32(hash, 16)), kHashFirst);
  hash = multiply(_mm_xor_si128(hash, _mm_srli_epi32(hash, 13)), kHashSecond);
  hash = _mm_xor_si128(hash, _mm_srli_epi32(hash, 16));
  const __m128i signed_hash = _mm_xor_si128(hash, _mm_set1_epi32(static_cast<int>(0x80000000)));
  return static_cast<std::uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(flipped, signed_hash))));
}

void select_sse2(std::span<const PageReference> references, std::uint32_t key, std::uint32_t threshold,
                 Selected& selected) {
  const __m128i keys = _mm_set1_epi32(static_cast<int>(key));
  const __m128i flipped = _mm_set1_epi32(static_cast<int>(threshold ^ 0x80000000));
  for (std::size_t i = 0; i < references.size(); i += 8) {
    const PageReference* const at = references.data() + i;
    const std::uint32_t bits = below_sse2(at, keys, flipped) | below_sse2(at + 4, keys, flipped) << 4;
    if (bits != 0) take(at, bits, selected);
  }
}
#endif

#ifdef PW_HAS_AVX2
PW_TARGET_AVX2 inline __m256i mixed(__m256i hash, int shift, std::uint32_t factor) {
  return _mm256_mullo_epi32(_mm256_xor_si256(hash, _mm256_srli_epi32(hash, shift)),
                            _mm256_set1_epi32(static_cast<int>(factor)));
}

// Of eight references; halves of vectors come interleaved, which the last permutation undoes.
PW_TARGET_AVX2 inline std::uint32_t below_avx2(const PageReference* references, __m256i keys,
                                               __m256i flipped) {
  const __m256 first = _mm256_loadu_ps(reinterpret_cast<const float*>(references));
  const __m256 second = _mm256_loadu_ps(reinterpret_cast<const float*>(references + 4));
  const __m256i low = _mm256_castps_si256(_mm256_shuffle_ps(first, second, _MM_SHUFFLE(2, 0, 2, 0)));
  const __m256i top = _mm256_castps_si256(_mm256_shuffle_ps(first, second, _MM_SHUFFLE(3, 1, 3, 1)));
  const __m256i high = _mm256_and_si256(top, _mm256_set1_epi32(0x7fffffff));
  const __m256i spread = _mm256_mullo_epi32(high, _mm256_set1_epi32(static_cast<int>(kHashHigh)));
  __m256i hash = _mm256_xor_si256(_mm256_add_epi32(low, spread), keys);
  hash = mixed(mixed(hash, 16, kHashFirst), 13, kHashSecond);
  hash = _mm256_xor_si256(hash, _mm256_srli_epi32(hash, 16));
  const __m256i signed_hash = _mm256_xor_si256(hash, _mm256_set1_epi32(static_cast<int>(0x80000000)));
  const __m256i below =
      _mm256_permute4x64_epi64(_mm256_cmpgt_epi32(flipped, signed_hash), _MM_SHUFFLE(3, 1, 2, 0));
  return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(below)));
}

PW_TARGET_AVX2 void select_avx2(std::span<const PageReference> references, std::uint32_t key,
                                std::uint32_t threshold, Selected& selected) {
  const __m256i keys = _mm256_set1_epi32(static_cast<int>(key));
  const __m256i flipped = _mm256_set1_epi32(static_cast<int>(threshold ^ 0x80000000));
  for (std::size_t i = 0; i < references.size(); i += 8) {
    const PageReference* const at = references.data() + i;
    const std::uint32_t bits = below_avx2(at, keys, flipped);
    if (bits != 0) take(at, bits, selected);
  }
}
#endif

#ifdef PW_HAS_AVX512
// g++ 12 warns of its own header where a shift comes without a mask.
constexpr __mmask16 kAllLanes = 0xffff;

PW_TARGET_AVX512 inline __m512i mixed(__m512i hash, unsigned shift, std::uint32_t factor) {
  return _mm512_mullo_epi32(_mm512_xor_si512(hash, _mm512_maskz_srli_epi32(kAllLanes, hash, shift)),
                            _mm512_set1_epi32(static_cast<int>(factor)));
}

// Of sixteen references.
PW_TARGET_AVX512 inline std::uint32_t below_avx512(const PageReference* references, __m512i keys,
                                                   __m512i thresholds) {
  const __m512i first = _mm512_loadu_si512(references), second = _mm512_loadu_si512(references + 8);
  const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  const __m512i odd = _mm512_set_epi32(31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
  const __m512i low = _mm512_permutex2var_epi32(first, even, second);
  const __m512i high =
      _mm512_and_si512(_mm512_permutex2var_epi32(first, odd, second), _mm512_set1_epi32(0x7fffffff));
  const __m512i spread = _mm512_mullo_epi32(high, _mm512_set1_epi32(static_cast<int>(kHashHigh)));
  __m512i hash = _mm512_xor_si512(_mm512_add_epi32(low, spread), keys);
  hash = mixed(mixed(hash, 16, kHashFirst), 13, kHashSecond);
  hash = _mm512_xor_si512(hash, _mm512_maskz_srli_epi32(kAllLanes, hash, 16));
  return _mm512_cmplt_epu32_mask(hash, thresholds);
}

PW_TARGET_AVX512 void select_avx512(std::span<const PageReference> references, std::uint32_t key,
                                    std::uint32_t threshold, Selected& selected) {
  const __m512i keys = _mm512_set1_epi32(static_cast<int>(key));
  const __m512i thresholds = _mm512_set1_epi32(static_cast<int>(threshold));
  for (std::size_t i = 0; i < references.size(); i += 16) {
    const PageReference* const at = references.data() + i;
    const std::uint32_t bits = below_avx512(at, keys, thresholds);
    if (bits != 0) take(at, bits, selected);
  }
}
#endif

#ifdef PW_HAS_NEON
inline std::uint32_t below_neon(const PageReference* references, uint32x4_t keys, uint32x4_t thresholds) {
  const uint32x4x2_t halves = vld2q_u32(reinterpret_cast<const std::uint32_t*>(references));
  const uint32x4_t high = vandq_u32(halves.val[1], vdupq_n_u32(0x7fffffff));
  uint32x4_t hash = veorq_u32(vmlaq_n_u32(halves.val[0], high, kHashHigh), keys);
  hash = vmulq_n_u32(veorq_u32(hash, vshrq_n_u32(hash, 16)), kHashFirst);
  hash = vmulq_n_u32(veorq_u32(hash, vshrq_n_u32(hash, 13)), kHashSecond);
  hash = veorq_u32(hash, vshrq_n_u32(hash, 16));
  constexpr std::uint32_t kBits[] = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(vcltq_u32(hash, thresholds), vld1q_u32(kBits)));
}

void select_neon(std::span<const PageReference> references, std::uint32_t key, std::uint32_t threshold,
                 Selected& selected) {
  const uint32x4_t keys = vdupq_n_u32(key), thresholds = vdupq_n_u32(threshold);
  for (std::size_t i = 0; i < references.size(); i += 8) {
    const PageReference* const at = references.data() + i;
    const std::uint32_t bits = below_neon(at, keys, thresholds) | below_neon(at + 4, keys, thresholds) << 4;
    if (bits != 0) take(at, bits, selected);
  }
}
#endif

}  // namespace

void PageFilter::select(std::span<const PageReference> references, HashThreshold threshold,
                        Selected& selected) const {
  if (threshold >= kEveryPage) {
    selected.insert(selected.end(), references.begin(), references.end());
    return;
  }
  const auto below = static_cast<std::uint32_t>(threshold);
  const std::size_t whole = references.size() / kBlock * kBlock;
  const std::span<const PageReference> blocks = references.first(unit_ == VectorUnit::None ? 0 : whole);
  switch (unit_) {
#ifdef PW_HAS_AVX512
    case VectorUnit::Avx512: select_avx512(blocks, key_, below, selected); break;
#endif
#ifdef PW_HAS_AVX2
    case VectorUnit::Avx2: select_avx2(blocks, key_, below, selected); break;
#endif
#ifdef PW_HAS_SSE2
    case VectorUnit::Sse2: select_sse2(blocks, key_, below, selected); break;
#endif
#ifdef PW_HAS_NEON
    case VectorUnit::Neon: select_neon(blocks, key_, below, selected); break;
#endif
    default: break;
  }
  select_scalar(references.subspan(blocks.size()), key_, below, selected);
}

}  // namespace pw::analysis
