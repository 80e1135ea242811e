// SPDX-License-Identifier: MIT
// What a single address space sees: rights against the present registers, Accessed and Dirty, exceptions.
#include <vector>

#include "base/rng.h"
#include "mmu_case.h"

namespace pw::test {
namespace {

using namespace paging;
using mmu::ControlBits;

constexpr std::uint64_t kNone = ~0ull;

PW_TEST(an_access_walks_once_and_then_hits) {
  MmuCase c;
  c.tables.map(kPage, PhysAddr(kFrame));
  EXPECT_EQ(c.reach(VirtAddr(kPage.value() + 0x123)), kFrame + 0x123);
  EXPECT_EQ(c.reach(kPage), kFrame);
  EXPECT_EQ(c.walks(), 1);
  EXPECT_EQ(c.references(), 4);
}

PW_TEST(a_store_through_a_clean_cached_page_sets_dirty_in_memory_once) {
  MmuCase c;
  c.tables.map(kPage, PhysAddr(kFrame));
  EXPECT_EQ(c.reach(kPage), kFrame);
  EXPECT(!Entry(c.entry(kPage)).is_dirty());
  EXPECT_EQ(c.reach(kPage, kUserWrite), kFrame);
  EXPECT(Entry(c.entry(kPage)).is_dirty());
  EXPECT_EQ(c.reach(kPage, kUserWrite), kFrame);
  EXPECT_EQ(c.mmu.walks().dirty_updates, 1);
  EXPECT_EQ(c.walks(), 1);
}

PW_TEST(a_store_through_a_stale_clean_entry_goes_where_the_tables_say) {
  MmuCase c;
  c.tables.map(kPage, PhysAddr(kFrame));
  EXPECT_EQ(c.reach(kPage), kFrame);
  c.entry(kPage) = kOther | (c.entry(kPage) & ~kAddressBits);
  EXPECT_EQ(c.reach(kPage, kUserWrite), kOther);  // where D was set
  EXPECT_EQ(c.reach(kPage), kOther);
}

PW_TEST(rights_of_a_cached_page_are_checked_against_the_registers_as_they_stand) {
  MmuCase c;
  c.tables.map(kPage, PhysAddr(kFrame), PageSize::Size4KiB, LeafFlags{flag::kUser});
  EXPECT_EQ(c.reach(kPage, kKernelRead), kFrame);
  EXPECT_EQ(c.fault(kPage, kKernelWrite), 0b00011);
  c.set([](ControlBits& bits) { bits.wp = false; });
  EXPECT_EQ(c.reach(kPage, kKernelWrite), kFrame);
  EXPECT_EQ(c.fault(kPage, kUserWrite), 0b00111);
  c.set([](ControlBits& bits) { bits.wp = true; });
  EXPECT_EQ(c.fault(kPage, kKernelWrite), 0b00011);
  EXPECT_EQ(c.reach(kPage, kKernelFetch), kFrame);
  c.set([](ControlBits& bits) { bits.smep = bits.smap = true; });
  EXPECT_EQ(c.fault(kPage, kKernelFetch), 0b10001);
  EXPECT_EQ(c.fault(kPage, kKernelRead), 0b00001);
  EXPECT_EQ(c.reach(kPage, {Operation::Read, Privilege::Supervisor, AlignmentCheck::Set}), kFrame);
  EXPECT_EQ(c.reach(kPage, kUserFetch), kFrame);
}

PW_TEST(no_execute_breaks_a_rule_once_it_is_disabled_and_is_a_right_again_once_enabled) {
  MmuCase c;
  c.tables.map(kPage, PhysAddr(kFrame), PageSize::Size4KiB, LeafFlags{flag::kUser | flag::kNoExecute});
  EXPECT_EQ(c.reach(kPage), kFrame);
  EXPECT_EQ(c.fault(kPage, kUserFetch), 0b10101);
  c.set([](ControlBits& bits) { bits.nxe = false; });
  EXPECT_EQ(c.fault(kPage), 0b01101);
  c.set([](ControlBits& bits) { bits.nxe = true; });
  EXPECT_EQ(c.reach(kPage), kFrame);
}

PW_TEST(keys_are_checked_on_every_access_and_writing_them_forgets_nothing) {
  MmuCase c;
  c.set([](ControlBits& bits) { bits.pke = true; });
  c.tables.map(kPage, PhysAddr(kFrame), PageSize::Size4KiB,
               LeafFlags{flag::kUser | flag::kWritable | 5ull << kKeyShift});
  EXPECT_EQ(c.reach(kPage, kUserWrite), kFrame);
  c.mmu.set_keys(2u << 10, 0);
  EXPECT_EQ(c.fault(kPage, kUserWrite), 0b100111);
  EXPECT_EQ(c.reach(kPage), kFrame);
  EXPECT_EQ(c.walks(), 2);  // the refused entry was dropped, and read again
  c.mmu.set_keys(1u << 10, 0);
  EXPECT_EQ(c.fault(kPage), 0b100101);
  EXPECT_EQ(c.reach(kPage, kUserFetch), kFrame);
  c.mmu.set_keys(3u << 8 | 3u << 12, ~0u);
  EXPECT_EQ(c.reach(kPage, kUserWrite), kFrame);
  const std::uint64_t before = c.walks();
  c.mmu.set_keys(0, 0);
  EXPECT_EQ(c.reach(kPage, kUserWrite), kFrame);
  EXPECT_EQ(c.walks(), before);
}

PW_TEST(more_rights_in_memory_are_seen_without_an_invalidation_on_every_level) {
  for (const Level level : {kPt, kPd, kPdpt, kPml4}) {
    MmuCase c;
    c.tables.map(kPage, PhysAddr(kFrame));
    c.entry(kPage, level) &= ~flag::kWritable;
    EXPECT_EQ(c.reach(kPage), kFrame);
    EXPECT_EQ(c.fault(kPage, kUserWrite), 0b0111);
    EXPECT_EQ(c.reach(kPage), kFrame);
    c.entry(kPage, level) |= flag::kWritable;
    EXPECT_EQ(c.reach(kPage, kUserWrite), kFrame);
  }
}

PW_TEST(an_entry_that_becomes_present_is_seen_without_an_invalidation_on_every_level) {
  for (const unsigned levels : {4u, 5u})
    for (Level level = kPt; level <= levels; ++level) {
      MmuCase c({2, 4, 8}, levels);
      c.tables.map(kPage, PhysAddr(kFrame));
      std::uint64_t& slot = c.entry(kPage, level);
      slot &= ~flag::kPresent;
      EXPECT_EQ(c.fault(kPage), 0b0100);
      slot |= flag::kPresent;
      EXPECT_EQ(c.reach(kPage), kFrame);
    }
}

PW_TEST(a_fault_found_through_a_stale_structure_cache_is_looked_at_again_from_the_root) {
  MmuCase c;
  const VirtAddr neighbor(kPage.value() + 4096);
  c.tables.map(kPage, PhysAddr(kFrame));
  c.tables.map(neighbor, PhysAddr(kOther));
  c.entry(kPage, kPd) &= ~flag::kWritable;
  EXPECT_EQ(c.reach(kPage), kFrame);  // the PDE without R/W is in the structure cache
  c.entry(kPage, kPd) |= flag::kWritable;
  const std::uint64_t before = c.references();
  EXPECT_EQ(c.reach(neighbor, kUserWrite), kOther);
  EXPECT_EQ(c.references() - before, 1 + 4);
  EXPECT_EQ(c.mmu.walks().faulted, 0);
  std::size_t uppers = 0;
  tlb::for_each_upper(c.mmu.caches().structure_caches(), [&](const tlb::CachedUpper&) { ++uppers; });
  EXPECT_EQ(uppers, 3);  // the new ones have taken the place of the old
}

PW_TEST(what_a_fault_made_it_forget_comes_back_as_the_next_walk_finds_it) {
  for (const Level level : {kPd, kPdpt, kPml4}) {
    MmuCase c;
    const VirtAddr neighbor(kPage.value() + 4096);
    c.tables.map(neighbor, PhysAddr(kOther));
    EXPECT_EQ(c.reach(neighbor), kOther);
    EXPECT_EQ(c.fault(kPage), 0b0100);
    c.tables.map(kPage, PhysAddr(kFrame));
    c.entry(kPage, level) &= ~flag::kWritable;
    EXPECT_EQ(c.reach(kPage), kFrame);
    tlb::for_each_upper(c.mmu.caches().structure_caches(), [&](const tlb::CachedUpper& cached) {
      EXPECT_EQ(cached.upper.is_writable(), cached.level > level);
    });
  }
}

// What an MMU counted and holds, in its order.
std::vector<std::uint64_t> state_of(const MmuCase& c) {
  const auto& walks = c.mmu.walks();
  std::vector<std::uint64_t> words{walks.total, walks.fetch, walks.references, walks.faulted};
  for (const auto& tlb : c.mmu.caches().tlbs().tlbs()) {
    words.insert(words.end(), {tlb.lookups, tlb.misses});
    tlb.for_each([&](tlb::Tag tag, tlb::Entry page, tlb::Time used) {
      words.insert(words.end(), {tag, page.bits(), used});
    });
  }
  c.mmu.caches().structure_caches().for_each([&](std::uint64_t tag, Level level, tlb::Entry upper) {
    words.insert(words.end(), {tag, level, upper.bits()});
  });
  return words;
}

PW_TEST(an_access_completed_where_it_faulted_leaves_what_a_second_access_leaves) {
  Rng rng(7);
  for (const unsigned levels : {4u, 5u})
    for (const bool keys : {false, true}) {
      MmuCase twins[2] = {MmuCase({1, 1, 2}, levels), MmuCase({1, 1, 2}, levels)};
      for (MmuCase& c : twins) {
        c.set([&](mmu::ControlBits& bits) { bits.pke = keys; });
        c.mmu.set_keys(0b1100, 0);
      }
      unsigned completed = 0;
      for (unsigned step = 0; step < 4000; ++step) {
        const VirtAddr address(kPage.value() + (rng.below(4) << 12) + (rng.below(3) << 21) +
                               (rng.below(3) << 30) - (rng.below(3) << 39));
        constexpr paging::AccessType kTypes[] = {kUserRead, kUserWrite, kUserFetch, kKernelRead};
        const paging::AccessType type = kTypes[rng.below(4)];
        const auto page = PhysAddr(rng.below(64) << 12);
        const bool unmaps = rng.below(3) == 0;
        const std::uint64_t bits = flag::kPresent | flag::kUser | flag::kAccessed | flag::kDirty |
                                   (rng.below(8) == 0 ? 0 : flag::kWritable) |
                                   rng.below(2) << paging::kKeyShift;
        for (MmuCase& c : twins) {
          mmu::AccessOutcome outcome = c.access(address, type);
          if (outcome.exception) {
            const auto missing = c.mmu.missing_leaf();
            const bool is_missing = missing.slot != nullptr;
            if (is_missing) EXPECT_EQ(outcome.exception->error_code & paging::error_code::kPresent, 0);
            if (is_missing) EXPECT(missing.slot == &c.entry(address));
            const auto leaf = c.tables.mapper.ensure_slot(address, PageSize::Size4KiB);
            REQUIRE(leaf.has_value());
            c.tables.mapper.write(*leaf, paging::Entry(page.value() | bits));
            completed += is_missing && &c == twins;
            if (!is_missing || &c != twins || !c.mmu.complete(address, type, outcome))
              outcome = c.access(address, type);
          }
          if (!unmaps || outcome.exception) continue;
          c.entry(address) = 0;
          c.mmu.invlpg(address);
        }
        REQUIRE(state_of(twins[0]) == state_of(twins[1]));
      }
      EXPECT(completed > 200);
    }
}

PW_TEST(addresses_that_are_not_canonical_are_general_protection_exceptions) {
  for (const unsigned levels : {4u, 5u}) {
    MmuCase c({2, 4, 8}, levels);
    const std::uint64_t edge = 1ull << (virtual_bits(levels) - 1);
    for (const std::uint64_t address : {edge, ~edge, edge | std::uint64_t{1} << 60}) {
      const auto outcome = c.access(VirtAddr(address));
      REQUIRE(outcome.exception.has_value());
      EXPECT_EQ(outcome.exception->vector, mmu::Exception::kGeneralProtection);
      EXPECT_EQ(outcome.exception->error_code, 0);
      EXPECT(!outcome.exception->cr2.has_value());
    }
    EXPECT_EQ(c.access(VirtAddr(edge - 1)).exception->vector, mmu::Exception::kPageFault);
    EXPECT_EQ(c.access(VirtAddr(edge - 1), kUserRead, 2).exception->vector,
              mmu::Exception::kGeneralProtection);
    EXPECT_EQ(c.access(VirtAddr(0 - edge)).exception->vector, mmu::Exception::kPageFault);
    EXPECT_EQ(c.mmu.walks().faulted, 2);
  }
}

PW_TEST(an_access_over_a_boundary_translates_both_pages_and_names_the_one_that_faults) {
  MmuCase c;
  const VirtAddr second(kPage.value() + 4096), start(second.value() - 3);
  c.tables.map(kPage, PhysAddr(kFrame));
  auto outcome = c.access(start, kUserWrite, 8);
  REQUIRE(outcome.exception.has_value());
  EXPECT(outcome.exception->cr2 == second);
  EXPECT_EQ(outcome.exception->error_code, 0b0110);
  c.tables.map(second, PhysAddr(kOther));
  outcome = c.access(start, kUserWrite, 8);
  REQUIRE(!outcome.exception && outcome.second);
  EXPECT_EQ(outcome.first.address.value(), kFrame + 4093);
  EXPECT_EQ(outcome.second->address.value(), kOther);
  EXPECT(Entry(c.entry(kPage)).is_dirty() && Entry(c.entry(second)).is_dirty());
  EXPECT(!c.access(start, kUserWrite, 3).second.has_value());
  EXPECT(c.access(start, kUserWrite, 4).second.has_value());
  c.entry(kPage) &= ~flag::kPresent;
  c.mmu.invlpg(kPage);
  EXPECT(c.access(start, kUserRead, 4).exception->cr2 == start);
}

PW_TEST(halves_in_one_larger_page_are_one_lookup) {
  MmuCase c;
  const VirtAddr large(0x4000'0000);
  c.tables.map(large, PhysAddr(0x4000'0000), PageSize::Size2MiB);
  const auto outcome = c.access(VirtAddr(large.value() + 4090), kUserRead, 64);
  EXPECT(!outcome.exception && !outcome.second);
  EXPECT_EQ(c.walks(), 1);
  EXPECT_EQ(c.mmu.caches().tlbs().tlbs()[1].lookups, 1);
}

PW_TEST(an_access_may_wrap_around_the_end_of_the_address_space) {
  MmuCase c;
  const VirtAddr last(0xffff'ffff'ffff'f000);
  c.tables.map(last, PhysAddr(kFrame));
  c.tables.map(VirtAddr(0), PhysAddr(kOther));
  const auto outcome = c.access(VirtAddr(~0ull), kUserRead, 2);
  REQUIRE(!outcome.exception && outcome.second);
  EXPECT_EQ(outcome.first.address.value(), kFrame + 4095);
  EXPECT_EQ(outcome.second->address.value(), kOther);
}

PW_TEST(fetches_and_data_have_tlbs_of_their_own_before_the_shared_one) {
  MmuCase c;
  c.tables.map(kPage, PhysAddr(kFrame));
  EXPECT_EQ(c.reach(kPage), kFrame);
  EXPECT_EQ(c.reach(kPage, kUserFetch), kFrame);
  EXPECT_EQ(c.walks(), 1);  // the second level served the fetch
  const auto& tlbs = c.mmu.caches().tlbs().tlbs();
  EXPECT_EQ(tlbs[0].misses, 1);
  EXPECT_EQ(tlbs[1].misses, 1);
  EXPECT_EQ(tlbs[2].lookups, 2);
  EXPECT_EQ(tlbs[2].misses, 1);
}

PW_TEST(a_report_tells_the_steps_and_what_is_cached_and_changes_nothing) {
  MmuCase c;
  c.tables.map(kPage, PhysAddr(kFrame));
  auto report = c.mmu.report(kPage, kUserWrite);
  EXPECT(report.end == WalkEnd::Translated && report.tlb.empty());
  REQUIRE(report.steps.size() == 4);
  EXPECT_EQ(report.cached_below, 4);
  for (Level level = kPml4; level >= kPt; --level) {
    EXPECT_EQ(report.steps[4 - level].level, level);
    EXPECT_EQ(report.steps[4 - level].entry.bits(), c.entry(kPage, level));
    EXPECT(!Entry(c.entry(kPage, level)).is_accessed());
  }
  EXPECT_EQ(c.reach(kPage), kFrame);
  report = c.mmu.report(kPage, kUserRead);
  EXPECT_EQ(report.tlb, "l1d");
  EXPECT_EQ(report.cached_below, 1);
  EXPECT_EQ(c.mmu.report(kPage, kUserFetch).tlb, "l2");
  c.entry(kPage, kPdpt) &= ~flag::kUser;
  report = c.mmu.report(kPage, kUserRead);
  EXPECT(report.end == WalkEnd::Refused && report.exception->error_code == 0b0101);
  EXPECT(report.steps[0].rights->is_user() && !report.steps[1].rights->is_user());
  c.entry(kPage, kPd) = 0;
  report = c.mmu.report(kPage, kUserRead);
  EXPECT(report.end == WalkEnd::NotPresent && report.steps.size() == 3 && !report.steps[2].rights);
  EXPECT_EQ(c.reach(kPage), kFrame);  // from the TLB, as before
  EXPECT(c.mmu.report(VirtAddr(1ull << 47), kUserRead).steps.empty());
  EXPECT_EQ(kNone, c.reach(VirtAddr(1ull << 47)));
}

}  // namespace
}  // namespace pw::test
