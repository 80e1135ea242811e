// SPDX-License-Identifier: MIT
#include "base/address.h"

#include "base/access.h"
#include "support/test.h"

namespace pw {

PW_TEST(canonical_means_the_upper_bits_repeat_the_top_bit) {
  EXPECT(is_canonical(VirtAddr(0), 48));
  EXPECT(is_canonical(VirtAddr(~0ull), 48));
  EXPECT(is_canonical(VirtAddr((1ull << 47) - 1), 48));
  EXPECT(!is_canonical(VirtAddr(1ull << 47), 48));
  EXPECT(is_canonical(VirtAddr(1ull << 47), 57));
  EXPECT(!is_canonical(VirtAddr(1ull << 56), 57));
  EXPECT(is_canonical(VirtAddr(~0ull << 56), 57));
}

PW_TEST(page_and_address_are_inverse_for_every_page_size) {
  const VirtAddr address(0x0000123456789abc);
  for (PageSize size : {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB}) {
    const VirtAddr start = address_of(page_of(address, size), size);
    EXPECT_EQ(start.value() + offset_in_page(address, size), address.value());
    EXPECT_EQ(offset_in_page(start, size), 0);
  }
}

PW_TEST(packed_access_returns_what_was_packed) {
  for (std::uint64_t bits : {0ull, 0x7fffffffffffull, 0xffff800000000000ull, 0xff00000000000000ull, ~0ull}) {
    for (AccessKind kind : {AccessKind::Fetch, AccessKind::Load, AccessKind::Store, AccessKind::Modify}) {
      for (Half half : {Half::First, Half::Second}) {
        const PackedAccess word = pack(VirtAddr(bits), kind, half);
        EXPECT_EQ(address_of(word), VirtAddr(bits));
        EXPECT_EQ(kind_of(word), kind);
        EXPECT_EQ(is_second_half(word), half == Half::Second);
        EXPECT(selector(word) < kSelectors);
      }
    }
  }
}

}  // namespace pw
