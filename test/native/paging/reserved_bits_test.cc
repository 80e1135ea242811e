// SPDX-License-Identifier: MIT
// Which bits of a present entry are reserved, bit by bit, against the manual's tables 4-14 to 4-20.
#include "paging/control.h"
#include "support/test.h"

namespace pw::test {
namespace {

using namespace paging;

// What the tables say of one bit.
bool is_reserved(unsigned bit, Level level, bool page, const Control& control) {
  if (bit >= control.max_phys_bits && bit <= 51) return true;
  if (bit == 63) return !control.no_execute;
  if (!page || level == kPt) return false;
  if (level >= kPml4) return bit == 7;
  if (level == kPdpt && !control.pages_1gib) return bit == 7;
  return bit >= 13 && bit < shift_of(level);
}

PW_TEST(exactly_the_bits_of_the_manual_are_reserved_at_every_level) {
  for (const unsigned max_phys_bits : {32u, 36u, 40u, 46u, 51u, 52u})
    for (const bool no_execute : {false, true})
      for (const bool pages_1gib : {false, true}) {
        const Control control{
            .no_execute = no_execute, .max_phys_bits = max_phys_bits, .pages_1gib = pages_1gib};
        const ReservedBits reserved(control);
        for (Level level = kPt; level <= kPml5; ++level)
          for (const bool page : {false, true}) {
            const std::uint64_t shape = flag::kPresent | (page ? flag::kPageSize : 0);
            for (unsigned bit = 1; bit < 64; ++bit) {
              const bool is_set = (reserved.mask(level, Entry(shape)) >> bit & 1) != 0;
              EXPECT_EQ(is_set, is_reserved(bit, level, page, control));
            }
          }
      }
}

PW_TEST(without_1_gib_pages_a_pdpte_with_ps_breaks_the_rule_by_ps_alone) {
  const ReservedBits reserved(Control{.pages_1gib = false});
  EXPECT_EQ(reserved.mask(kPdpt, Entry(flag::kPageSize)), flag::kPageSize);
  EXPECT_EQ(reserved.mask(kPdpt, Entry(flag::kPresent)), 0);
}

}  // namespace
}  // namespace pw::test
