// SPDX-License-Identifier: MIT
// Nested walks: how many references they take, which size they come to, who refuses them, who forgets what.
#include "mmu/nested_mmu.h"
#include <memory>

#include "mmu_case.h"

namespace pw::test {
namespace {

using mmu::EptExit;
using mmu::InvvpidType;
using mmu::NestedConfig;
namespace ept = paging::ept;
using paging::Level;

constexpr VirtAddr kLinear{0x7f12'0020'3000};
constexpr std::uint64_t kGuestPage = 0x80'4020'3000;  // guest-physical, as far into any page as kLinear

// A guest's tables and a host's, with one page of each size on the way; the guest's memory is the host's from
// kOffset on.
struct NestedCase {
  static constexpr std::uint64_t kGuestTables = 0x10'0000, kHostTables = 0x20'0000, kGuestRam = 0x4000'0000;

  NestedCase(PageSize guest_size, PageSize host_size, const NestedConfig& config = {},
             bool accessed_dirty = false)
      : memory(8ull << 30), guest_size(guest_size), host_size(host_size) {
    const std::uint64_t offset = bytes_of(guest_size) - 1;
    for (Level level = 4; level > paging::leaf_level(guest_size); --level)
      write(guest_entry(level), (kGuestTables + (level - 1) * 0x1000) | 7);
    const std::uint64_t large = guest_size == PageSize::Size4KiB ? 0 : 0x80;
    write(guest_entry(paging::leaf_level(guest_size)), (kGuestPage & ~offset) | large | 7);
    map_host(kGuestTables, kGuestRam + kGuestTables, 0);
    map_host(kGuestPage, kGuestRam + (kGuestPage & (bytes_of(host_size) - 1)), 8);
    mmu = std::make_unique<mmu::NestedMmu<tlb::LruWays>>(memory, config, machine(1, accessed_dirty));
    REQUIRE(mmu->write_cr3(kGuestTables + 4 * 0x1000).ok());
  }
  static mmu::VirtualMachine machine(std::uint16_t vpid, bool accessed_dirty = false) {
    return {vpid, {.root = PhysAddr(kHostTables + 4 * 0x1000), .accessed_dirty = accessed_dirty}};
  }
  static NestedConfig cached() {
    const tlb::ArrayConfig array{.entries = 16, .ways = 16, .serves = {true, true, true}};
    return {.processor = {},
            .tlbs = small_tlbs(),
            .structure_caches = {2, 4, 8},
            .nested_tlb = tlb::TlbConfig{"nested", 2, {}, {array}}};
  }

  // The host's address of a guest's table entry, and of a host's own.
  static PhysAddr guest_entry(Level level) {
    return PhysAddr(kGuestRam + kGuestTables + level * 0x1000 + paging::index_of(kLinear, level) * 8);
  }
  PhysAddr host_entry(std::uint64_t guest, Level level, std::uint64_t trees) const {
    const std::uint64_t table = level == 4 ? 4 : level + trees;
    return PhysAddr(kHostTables + table * 0x1000 + paging::index_of(VirtAddr(guest), level) * 8);
  }
  PhysAddr host_leaf() const { return host_entry(kGuestPage, paging::leaf_level(host_size), 8); }
  PhysAddr table_leaf() const { return host_entry(kGuestTables, paging::leaf_level(host_size), 0); }
  // The guest's tables span 2 MiB at most, so that one entry of each size is enough, or five of 4 KiB.
  void map_host(std::uint64_t guest, std::uint64_t host, std::uint64_t trees) {
    const Level leaf = paging::leaf_level(host_size);
    for (Level level = 4; level > leaf; --level)
      write(host_entry(guest, level, trees), (kHostTables + (level - 1 + trees) * 0x1000) | ept::kAll);
    const std::uint64_t large = leaf == paging::kPt ? 0 : ept::kPage;
    for (std::uint64_t page = 0; page < 5; ++page) {
      const std::uint64_t at = guest + (leaf == paging::kPt ? page * 0x1000 : 0);
      const std::uint64_t to = (host + (at - guest)) & ~(bytes_of(host_size) - 1);
      write(host_entry(at, leaf, trees), to | large | 6 << 3 | ept::kAll);
    }
  }
  void write(PhysAddr at, std::uint64_t value) { memory.write64(at, value); }
  std::uint64_t read(PhysAddr at) const { return memory.read64(at); }
  mmu::NestedOutcome access(paging::AccessType type = kUserRead) { return mmu->access({kLinear, 1, type}); }
  bool reaches(paging::AccessType type = kUserRead) {
    const auto outcome = access(type);
    return !outcome.exit && !outcome.exception;
  }

  phys::PhysicalMemory memory;
  PageSize guest_size, host_size;
  std::unique_ptr<mmu::NestedMmu<tlb::LruWays>> mmu;
};

constexpr PageSize kSizes[] = {PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB};

PW_TEST(a_nested_walk_of_four_by_four_levels_takes_24_references) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB);
  EXPECT(c.reaches());
  EXPECT_EQ(c.mmu->counters().guest_references, 4);
  EXPECT_EQ(c.mmu->counters().host_references, 20);
}

PW_TEST(every_combination_of_sizes_takes_its_references_and_gives_the_smaller_page) {
  for (const PageSize guest : kSizes)
    for (const PageSize host : kSizes) {
      NestedCase c(guest, host);
      const auto outcome = c.access();
      REQUIRE(!outcome.exit && !outcome.exception);
      const unsigned g = 5 - paging::leaf_level(guest), h = 5 - paging::leaf_level(host);
      EXPECT_EQ(c.mmu->counters().guest_references, g);
      EXPECT_EQ(c.mmu->counters().host_references, g * h + h);
      EXPECT(outcome.first.size == std::min(guest, host));
      const std::uint64_t in_page = kGuestPage & (bytes_of(host) - 1);
      EXPECT_EQ(outcome.first.address.value(), NestedCase::kGuestRam + in_page);
    }
}

PW_TEST(what_is_cached_spares_references) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB, NestedCase::cached());
  EXPECT(c.reaches());
  EXPECT(c.reaches() && c.reaches(kUserRead));
  EXPECT_EQ(c.mmu->counters().total, 1);
  c.mmu->invvpid(InvvpidType::Address, 1, kLinear);  // guest-physical translations stay
  EXPECT(c.reaches());
  EXPECT_EQ(c.mmu->counters().guest_references, 8);
  EXPECT_EQ(c.mmu->counters().host_references, 20);
}

PW_TEST(a_violation_tells_whether_a_table_or_the_access_was_refused) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB);
  c.write(c.host_leaf(), c.read(c.host_leaf()) & ~std::uint64_t{ept::kWrite});
  EXPECT(c.reaches());
  auto outcome = c.access(kUserWrite);
  REQUIRE(outcome.exit.has_value());
  EXPECT(outcome.exit->during == EptExit::During::Access && !outcome.exit->misconfiguration);
  EXPECT_EQ(outcome.exit->guest_physical.value(), kGuestPage);
  EXPECT(outcome.exit->guest_linear == kLinear);
  EXPECT_EQ(outcome.exit->qualification(), 0x1aa);  // write; readable, executable; linear address, final
  c.write(c.host_entry(NestedCase::kGuestTables + 0x2000, paging::kPt, 0), 0);
  outcome = c.access();
  REQUIRE(outcome.exit.has_value());
  EXPECT(outcome.exit->during == EptExit::During::Walk);
  EXPECT_EQ(outcome.exit->guest_physical.value(),
            NestedCase::kGuestTables + 0x2000 + paging::index_of(kLinear, 2) * 8);
  EXPECT_EQ(outcome.exit->qualification(), 0x81);
}

PW_TEST(marking_a_guests_entry_needs_the_right_to_write_it) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size2MiB);
  c.write(c.table_leaf(), c.read(c.table_leaf()) & ~std::uint64_t{ept::kWrite});
  const auto outcome = c.access();
  REQUIRE(outcome.exit.has_value());
  EXPECT_EQ(outcome.exit->qualification(), 0xaa);
  for (Level level = 1; level <= 4; ++level)
    c.write(NestedCase::guest_entry(level), c.read(NestedCase::guest_entry(level)) | 0x20);
  EXPECT(c.reaches());
  EXPECT(!c.reaches(kUserWrite));  // D
}

PW_TEST(with_accessed_and_dirty_bits_reading_a_guests_table_writes_it) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size2MiB, {}, true);
  EXPECT(c.reaches());
  EXPECT_EQ(c.read(c.table_leaf()) & 0x300, 0x300);
  EXPECT_EQ(c.read(c.host_leaf()) & 0x300, 0x100);
  EXPECT(c.reaches(kUserWrite));
  EXPECT_EQ(c.read(c.host_leaf()) & 0x300, 0x300);
  c.write(c.table_leaf(), c.read(c.table_leaf()) & ~std::uint64_t{ept::kWrite});
  EXPECT_EQ(c.access().exit->qualification(), 0xab);
}

PW_TEST(a_store_sets_dirty_in_the_hosts_tables_though_a_load_cached_the_page) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB, NestedCase::cached(), true);
  EXPECT(c.reaches());
  EXPECT_EQ(c.read(c.host_leaf()) & 0x200, 0);
  EXPECT(c.reaches(kUserWrite));
  EXPECT_EQ(c.read(c.host_leaf()) & 0x200, 0x200);
}

PW_TEST(a_guests_own_fault_is_no_exit_and_comes_before_the_hosts) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB);
  c.write(c.host_leaf(), 0);
  c.write(NestedCase::guest_entry(1), c.read(NestedCase::guest_entry(1)) & ~2ull);
  const auto outcome = c.access(kUserWrite);
  REQUIRE(outcome.exception.has_value());
  EXPECT(!outcome.exit);
  EXPECT_EQ(outcome.exception->error_code, 7);
  EXPECT(c.access().exit.has_value());
}

PW_TEST(values_that_the_processor_does_not_support_are_misconfigurations) {
  const ept::Control all{}, few{.root = {}, .max_phys_bits = 40, .pages_1gib = false, .execute_only = false};
  const auto wrong = [](std::uint64_t entry, Level level, const ept::Control& control) {
    return ept::is_misconfigured(entry, level, control);
  };
  for (Level level = 1; level <= 5; ++level) {
    EXPECT(wrong(2, level, all) && wrong(6, level, all));
    EXPECT(!wrong(4, level, all) && wrong(4, level, few));
    EXPECT(!wrong(1ull << 40 | 7, level, all) && wrong(1ull << 40 | 7, level, few));
  }
  EXPECT(wrong(0x87, 5, all) && wrong(0x87, 4, all) && wrong(0x0f, 4, all));
  EXPECT(!wrong(0x87, 3, all) && wrong(0x87, 3, few));
  EXPECT(!wrong(0x87, 2, all) && wrong(0x0f, 2, all) && wrong(0x1000 | 0x87, 2, all));
  for (const unsigned type : {2, 3, 7})
    EXPECT(wrong(type << 3 | 7, 1, all) && wrong(type << 3 | 0x87, 3, all));
  for (const unsigned type : {0, 1, 4, 5, 6}) EXPECT(!wrong(type << 3 | 7, 1, all));
  EXPECT(!wrong(0x87, 1, all));  // ignored there
}

PW_TEST(a_misconfiguration_is_told_from_a_violation) {
  NestedCase c(PageSize::Size2MiB, PageSize::Size4KiB);
  c.write(c.host_entry(kGuestPage, 2, 8), c.read(c.host_entry(kGuestPage, 2, 8)) | 0x08);
  const auto outcome = c.access();
  REQUIRE(outcome.exit.has_value());
  EXPECT(outcome.exit->misconfiguration);
  EXPECT_EQ(outcome.exit->walk.level, 2);
  EXPECT(outcome.exit->walk.entry_address == c.host_entry(kGuestPage, 2, 8));
}

// Every way to forget; the host's leaf is moved behind the processor's back.
struct Moved : NestedCase {
  Moved() : NestedCase(PageSize::Size4KiB, PageSize::Size4KiB, cached()) {
    EXPECT(reaches());
    for (const std::uint64_t page : {0, 1, 2, 3, 4}) {
      const PhysAddr leaf = host_entry(kGuestPage + page * 0x1000, 1, 8);
      write(leaf, read(leaf) + 0x10'0000);
    }
  }
  bool is_stale() { return access().first.address.value() == kGuestRam; }
};

PW_TEST(invept_forgets_combined_and_guest_physical_translations_of_a_root_or_of_all) {
  Moved c;
  EXPECT(c.is_stale());
  c.mmu->invvpid(InvvpidType::Vpid, 1, VirtAddr(0));
  EXPECT(c.is_stale());  // the guest-physical translation is still there
  c.mmu->invept(PhysAddr(0x1000));
  EXPECT(c.is_stale());
  c.mmu->invept(PhysAddr(NestedCase::kHostTables + 0x4000));
  EXPECT(!c.is_stale());
  Moved d;
  d.mmu->invept(std::nullopt);
  EXPECT(!d.is_stale());
}

PW_TEST(translations_belong_to_a_vpid) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB, NestedCase::cached());
  EXPECT(c.reaches());
  c.mmu->enter(NestedCase::machine(2));
  EXPECT(c.reaches());
  EXPECT_EQ(c.mmu->counters().total, 2);
  c.mmu->enter(NestedCase::machine(1));
  EXPECT(c.reaches());
  EXPECT_EQ(c.mmu->counters().total, 2);
  c.mmu->invvpid(InvvpidType::Vpid, 2, VirtAddr(0));
  EXPECT(c.reaches());
  EXPECT_EQ(c.mmu->counters().total, 2);
  c.mmu->invvpid(InvvpidType::EveryVpid, 0, VirtAddr(0));
  EXPECT(c.reaches());
  EXPECT_EQ(c.mmu->counters().total, 3);
}

PW_TEST(without_a_vpid_every_entry_forgets) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB, NestedCase::cached());
  for (std::uint64_t walks = 1; walks < 4; ++walks) {
    c.mmu->enter(NestedCase::machine(0));
    EXPECT(c.reaches() && c.reaches());
    EXPECT_EQ(c.mmu->counters().total, walks);
  }
}

PW_TEST(more_address_spaces_than_tags_are_told_apart) {
  NestedCase c(PageSize::Size4KiB, PageSize::Size4KiB, NestedCase::cached());
  for (unsigned vpid = 1; vpid < 5000; ++vpid) {
    c.mmu->enter(NestedCase::machine(static_cast<std::uint16_t>(vpid)));
    EXPECT(c.reaches());
    EXPECT_EQ(c.mmu->counters().total, vpid);
  }
}

}  // namespace
}  // namespace pw::test
