// SPDX-License-Identifier: MIT
#include "phys/frame_table.h"

#include "support/test.h"

namespace pw::phys {

PW_TEST(untouched_record_is_a_free_frame_without_references_or_slot) {
  FrameTable table(1ull << 40);
  for (std::uint64_t index : {0ull, 12345ull, (1ull << 40) - 1}) {
    const FrameRecord& record = table[FrameIndex(index)];
    EXPECT_EQ(record.use(), FrameUse::Free);
    EXPECT_EQ(record.owner(), VirtPage(0));
    EXPECT_EQ(record.references(), 0);
    EXPECT_EQ(record.swap_slot(), 0);
    EXPECT(!record.is_dirty());
    EXPECT(!record.is_pinned());
  }
}

PW_TEST(fields_of_a_record_do_not_disturb_each_other) {
  FrameTable table(4);
  FrameRecord& record = table[FrameIndex(3)];
  const VirtPage last_page((1ull << 45) - 1);
  record.set_owner(last_page);
  record.set_use(FrameUse::Table);
  record.set_dirty(true);
  record.set_pinned(true);
  record.set_references(~0u);
  record.set_swap_slot(77);
  EXPECT_EQ(record.owner(), last_page);
  EXPECT_EQ(record.use(), FrameUse::Table);
  EXPECT(record.is_dirty() && record.is_pinned());
  EXPECT_EQ(record.references(), ~0u);
  EXPECT_EQ(record.swap_slot(), 77);
  record.set_dirty(false);
  record.set_use(FrameUse::Data);
  record.set_owner(VirtPage(1));
  EXPECT(!record.is_dirty() && record.is_pinned());
  EXPECT_EQ(record.use(), FrameUse::Data);
  EXPECT_EQ(record.owner(), VirtPage(1));
  EXPECT_EQ(table[FrameIndex(2)].use(), FrameUse::Free);
}

}  // namespace pw::phys
