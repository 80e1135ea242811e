// SPDX-License-Identifier: MIT
// Who forgets what: PCIDs, global pages, INVLPG, INVPCID, MOV to CR3 and CR4. An entry is changed behind
// the TLB's back; whether the old page is still reached tells whether its translation was kept.
#include "mmu_case.h"

namespace pw::test {
namespace {

using namespace paging;
using mmu::ControlBits;
using mmu::InvpcidType;

constexpr std::uint64_t kKeep = 1ull << 63;
constexpr VirtAddr kGlobalPage{0x7f00'0000'1000};

// One tree used under several PCIDs: a plain and a global page.
struct Spaces : MmuCase {
  explicit Spaces(bool pcide = true) {
    tables.map(kPage, PhysAddr(kFrame));
    tables.map(kGlobalPage, PhysAddr(kFrame), PageSize::Size4KiB,
               LeafFlags{flag::kUser | flag::kWritable | flag::kGlobal});
    set([&](ControlBits& bits) { bits.pge = true, bits.pcide = pcide; });
  }
  std::uint64_t cr3(std::uint64_t pcid) const { return tables.mapper.root().value() | pcid; }
  // To a PCID without forgetting anything.
  void enter(std::uint64_t pcid) { write_cr3(cr3(pcid) | kKeep); }
  void fill(std::uint64_t pcid) {
    enter(pcid);
    EXPECT_EQ(reach(kPage), kFrame);
    EXPECT_EQ(reach(kGlobalPage), kFrame);
  }
  // From now on a walk finds other frames.
  void move_pages() {
    for (const VirtAddr page : {kPage, kGlobalPage}) entry(page) = (entry(page) & ~kAddressBits) | kOther;
  }
  bool keeps(VirtAddr page) { return reach(page) == kFrame; }
  bool keeps(VirtAddr page, std::uint64_t pcid) {
    enter(pcid);
    return keeps(page);
  }
  void invpcid(InvpcidType type, std::uint64_t pcid = 0, VirtAddr address = VirtAddr(0)) {
    REQUIRE(mmu.invpcid(type, pcid, address).ok());
  }
};

PW_TEST(an_address_space_does_not_see_the_translations_of_another) {
  Spaces c;
  c.fill(1);
  c.move_pages();
  EXPECT(!c.keeps(kPage, 2));
  EXPECT(c.keeps(kPage, 1));
}

PW_TEST(global_pages_are_seen_by_every_address_space_while_they_are_enabled) {
  Spaces c;
  c.fill(1);
  c.move_pages();
  EXPECT(c.keeps(kGlobalPage, 2));
  c.set([](ControlBits& bits) { bits.pge = false; });
  EXPECT(!c.keeps(kGlobalPage, 2));
}

PW_TEST(without_global_pages_the_bit_means_nothing) {
  Spaces c;
  c.set([](ControlBits& bits) { bits.pge = false; });
  c.fill(1);
  c.move_pages();
  EXPECT(!c.keeps(kGlobalPage, 2));
  EXPECT(c.keeps(kGlobalPage, 1));
  c.write_cr3(c.cr3(1));
  EXPECT(!c.keeps(kGlobalPage));
}

PW_TEST(mov_to_cr3_forgets_the_pcid_that_it_loads_but_no_global_page) {
  Spaces c;
  c.fill(1);
  c.fill(2);
  c.move_pages();
  c.write_cr3(c.cr3(2));
  EXPECT(!c.keeps(kPage));
  EXPECT(c.keeps(kGlobalPage));
  EXPECT(c.keeps(kPage, 1));
  Spaces plain(false);
  EXPECT(plain.keeps(kPage) && plain.keeps(kGlobalPage));
  plain.move_pages();
  plain.write_cr3(plain.cr3(0));
  EXPECT(!plain.keeps(kPage) && plain.keeps(kGlobalPage));
}

PW_TEST(invlpg_forgets_one_page_of_the_current_pcid_and_a_global_one) {
  Spaces c;
  c.fill(1);
  c.fill(2);
  c.move_pages();
  c.mmu.invlpg(VirtAddr(kPage.value() + 0xfff));
  c.mmu.invlpg(VirtAddr(kGlobalPage.value() | 1ull << 60));  // not canonical: nothing
  EXPECT(!c.keeps(kPage) && c.keeps(kGlobalPage));
  c.mmu.invlpg(kGlobalPage);
  EXPECT(!c.keeps(kGlobalPage));
  EXPECT(c.keeps(kPage, 1));
}

PW_TEST(invlpg_forgets_a_page_of_every_size_by_any_of_its_addresses) {
  for (const PageSize size : {PageSize::Size2MiB, PageSize::Size1GiB}) {
    MmuCase c;
    const VirtAddr page(8ull << 30);
    c.tables.map(page, PhysAddr(1ull << 30), size);
    EXPECT_EQ(c.reach(page), 1ull << 30);
    std::uint64_t& entry = c.entry(page, leaf_level(size));
    entry = (entry & ~kAddressBits) | 2ull << 30;
    EXPECT_EQ(c.reach(page), 1ull << 30);
    c.mmu.invlpg(VirtAddr(page.value() + bytes_of(size) - 1));
    EXPECT_EQ(c.reach(page), 2ull << 30);
  }
}

PW_TEST(invpcid_of_an_address_forgets_it_in_one_pcid_and_no_global_page) {
  Spaces c;
  c.fill(1);
  c.fill(2);
  c.move_pages();
  c.invpcid(InvpcidType::Address, 1, kPage);
  c.invpcid(InvpcidType::Address, 1, kGlobalPage);
  EXPECT(c.keeps(kPage, 2) && c.keeps(kGlobalPage, 1));
  EXPECT(!c.keeps(kPage, 1));
}

PW_TEST(invpcid_of_a_pcid_forgets_it_and_no_global_page) {
  Spaces c;
  c.fill(1);
  c.fill(2);
  c.move_pages();
  c.invpcid(InvpcidType::Pcid, 1);
  EXPECT(c.keeps(kPage, 2) && c.keeps(kGlobalPage, 2));
  EXPECT(!c.keeps(kPage, 1));
}

PW_TEST(invpcid_of_everything_forgets_global_pages_too_and_of_every_pcid_not) {
  Spaces c;
  c.fill(1);
  c.fill(2);
  c.move_pages();
  c.invpcid(InvpcidType::EveryPcid);
  EXPECT(c.keeps(kGlobalPage));
  EXPECT(!c.keeps(kPage, 1));
  EXPECT(!c.keeps(kPage, 2));
  Spaces d;
  d.fill(1);
  d.move_pages();
  d.invpcid(InvpcidType::EverythingAndGlobals);
  EXPECT(!d.keeps(kGlobalPage) && !d.keeps(kPage));
}

PW_TEST(control_bits_make_the_tlbs_forget_as_the_manual_says) {
  Spaces pcide;
  pcide.fill(0);
  pcide.move_pages();
  pcide.set([](ControlBits& bits) { bits.pcide = false; });
  EXPECT(!pcide.keeps(kPage) && !pcide.keeps(kGlobalPage));
  Spaces smep;
  smep.fill(1);
  smep.fill(2);
  smep.move_pages();
  smep.set([](ControlBits& bits) { bits.smep = true; });
  EXPECT(!smep.keeps(kPage) && !smep.keeps(kGlobalPage));
  EXPECT(smep.keeps(kPage, 1));
  Spaces rest;
  rest.fill(1);
  rest.move_pages();
  rest.set([](ControlBits& bits) { bits.wp = false, bits.smap = bits.pke = bits.pks = true; });
  rest.mmu.set_keys(1, 1);
  rest.mmu.set_keys(0, 0);
  EXPECT(rest.keeps(kPage) && rest.keeps(kGlobalPage));
}

// With structure caches, and no TLB that could hide them: an upper entry is moved to another table.
struct Uppers {
  explicit Uppers(Level level)
      : level(level), mmu(tables.memory, mmu::Processor{}, tlb::HierarchyConfig{}, {2, 4, 8}, 0) {
    tables.map(kPage, PhysAddr(kFrame));
    tables.map(kTwin, PhysAddr(kOther));
    ControlBits bits;
    bits.pcide = bits.pge = true;
    REQUIRE(mmu.set_control(bits).ok());
  }
  void enter(std::uint64_t pcid) { REQUIRE(mmu.write_cr3(tables.mapper.root().value() | pcid | kKeep).ok()); }
  std::uint64_t reach() { return mmu.access({kPage, 1, kUserRead}).first.address.value(); }
  void fill(std::uint64_t pcid) {
    enter(pcid);
    EXPECT_EQ(reach(), kFrame);
  }
  void move_table() { tables.entry(kPage, level) = tables.entry(kTwin, level); }
  bool keeps(std::uint64_t pcid) {
    enter(pcid);
    return reach() == kFrame;
  }

  static constexpr VirtAddr kTwin{kPage.value() ^ 1ull << 46 ^ 1ull << 37 ^ 1ull << 28};
  Level level;
  Tables tables;
  mmu::ArchitecturalMmu<tlb::LruWays> mmu;
};

PW_TEST(structure_caches_belong_to_a_pcid_and_are_forgotten_with_it) {
  for (const Level level : {kPd, kPdpt, kPml4}) {
    Uppers c(level);
    c.fill(1);
    c.fill(2);
    c.move_table();
    EXPECT(!c.keeps(3));
    EXPECT(c.keeps(1));
    REQUIRE(c.mmu.invpcid(InvpcidType::Pcid, 1, VirtAddr(0)).ok());
    EXPECT(!c.keeps(1));
    EXPECT(c.keeps(2));
  }
}

PW_TEST(invlpg_of_any_address_forgets_the_structure_caches_of_the_pcid) {
  for (const Level level : {kPd, kPdpt, kPml4}) {
    Uppers c(level);
    c.fill(1);
    c.fill(2);
    c.move_table();
    c.mmu.invlpg(VirtAddr(0x1000));
    EXPECT(!c.keeps(2));
    EXPECT(c.keeps(1));
  }
}

PW_TEST(invpcid_of_an_address_forgets_the_upper_entries_that_it_would_use) {
  for (const Level level : {kPd, kPdpt, kPml4}) {
    Uppers c(level);
    c.fill(1);
    c.fill(2);
    c.move_table();
    REQUIRE(c.mmu.invpcid(InvpcidType::Address, 1, Uppers::kTwin).ok());
    EXPECT(c.keeps(1));
    REQUIRE(c.mmu.invpcid(InvpcidType::Address, 1, kPage).ok());
    EXPECT(!c.keeps(1));
    EXPECT(c.keeps(2));
  }
}

PW_TEST(flushes_of_every_pcid_and_mov_to_cr3_forget_structure_caches) {
  for (const InvpcidType type : {InvpcidType::EveryPcid, InvpcidType::EverythingAndGlobals}) {
    Uppers c(kPd);
    c.fill(1);
    c.move_table();
    REQUIRE(c.mmu.invpcid(type, 0, VirtAddr(0)).ok());
    EXPECT(!c.keeps(1));
  }
  Uppers c(kPd);
  c.fill(1);
  c.move_table();
  REQUIRE(c.mmu.write_cr3(c.tables.mapper.root().value() | 1).ok());
  EXPECT(!c.keeps(1));
}

}  // namespace
}  // namespace pw::test
