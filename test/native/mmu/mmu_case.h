// SPDX-License-Identifier: MIT
// An MMU with small TLBs over a tree of tables: what the tests of its instructions stand on.
#pragma once

#include "../paging/tables.h"
#include "mmu/architectural_mmu.h"

namespace pw::test {

// One TLB of each kind, for pages of every size, and structure caches.
inline tlb::HierarchyConfig small_tlbs(std::uint32_t first = 4, std::uint32_t second = 16) {
  const auto array = [](std::uint32_t entries) {
    return tlb::ArrayConfig{.entries = entries, .ways = entries, .serves = {true, true, true}};
  };
  const std::array<bool, kAccessKinds> fetches = {true, false, false, false};
  const std::array<bool, kAccessKinds> data = {false, true, true, true};
  const std::array<bool, kAccessKinds> all = {true, true, true, true};
  return {.tlbs = {{"l1i", 1, fetches, {array(first)}},
                   {"l1d", 1, data, {array(first)}},
                   {"l2", 2, all, {array(second)}}},
          .way_choice = tlb::WayChoice::Lru};
}

inline constexpr paging::AccessType kUserRead{paging::Operation::Read};
inline constexpr paging::AccessType kUserWrite{paging::Operation::Write};
inline constexpr paging::AccessType kUserFetch{paging::Operation::Fetch};
inline constexpr paging::AccessType kKernelRead{paging::Operation::Read, paging::Privilege::Supervisor};
inline constexpr paging::AccessType kKernelWrite{paging::Operation::Write, paging::Privilege::Supervisor};
inline constexpr paging::AccessType kKernelFetch{paging::Operation::Fetch, paging::Privilege::Supervisor};

struct MmuCase {
  explicit MmuCase(const tlb::StructureCacheConfig& caches = {2, 4, 8}, unsigned levels = 4)
      : tables(levels), mmu(tables.memory, mmu::Processor{}, small_tlbs(), caches, 0) {
    set([&](mmu::ControlBits& bits) { bits.la57 = levels == 5; });
    write_cr3(tables.mapper.root().value());
  }

  // Changes control bits; the processor has to accept them.
  template <class Change>
  void set(Change change) {
    REQUIRE(try_set(change));
  }
  template <class Change>
  bool try_set(Change change) {
    mmu::ControlBits bits = mmu.registers().bits();
    change(bits);
    return mmu.set_control(bits).ok();
  }
  void write_cr3(std::uint64_t value) { REQUIRE(mmu.write_cr3(value).ok()); }

  mmu::AccessOutcome access(VirtAddr address, paging::AccessType type = kUserRead, unsigned bytes = 1) {
    return mmu.access({address, bytes, type});
  }
  // The physical address that an access reaches; all ones where it faults.
  std::uint64_t reach(VirtAddr address, paging::AccessType type = kUserRead) {
    const mmu::AccessOutcome outcome = access(address, type);
    return outcome.exception ? ~0ull : outcome.first.address.value();
  }
  // The error code of the fault that an access raises.
  std::uint32_t fault(VirtAddr address, paging::AccessType type = kUserRead) {
    const mmu::AccessOutcome outcome = access(address, type);
    REQUIRE(outcome.exception.has_value());
    EXPECT_EQ(outcome.exception->vector, mmu::Exception::kPageFault);
    return outcome.exception->error_code;
  }
  std::uint64_t walks() const { return mmu.walks().total; }
  std::uint64_t references() const { return mmu.walks().references; }
  std::uint64_t& entry(VirtAddr address, paging::Level level = paging::kPt) {
    return tables.entry(address, level);
  }

  Tables tables;
  mmu::ArchitecturalMmu<tlb::LruWays> mmu;
};

inline constexpr std::uint64_t kFrame = 0x5000;
inline constexpr std::uint64_t kOther = 0x9000;

}  // namespace pw::test
