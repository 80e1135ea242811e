// SPDX-License-Identifier: MIT
// Shootdowns: whom each variant interrupts and what is counted, and that no core serves what the tables no
// longer allow.
#include "base/rng.h"
#include "core_group.h"

namespace pw::test {
namespace {

using mmu::ShootdownPolicy;

constexpr VirtAddr kOtherPage{kPage.value() + 0x1000};
constexpr ShootdownPolicy kImmediate{};
constexpr ShootdownPolicy kLazy{.lazy = true, .batch = {}};
constexpr ShootdownPolicy batch_of(std::uint32_t pages, bool lazy = false) {
  return {.lazy = lazy, .batch = pages};
}

// Two pages of one space, held by three of four cores; the third runs another space by now.
struct ThreeHolders : CoreGroup {
  explicit ThreeHolders(const ShootdownPolicy& policy, bool pcide = true, std::uint64_t flags = 6)
      : CoreGroup(4, 2, policy, pcide) {
    map(0, kPage, kFrame, flags);
    map(0, kOtherPage, kOther, flags);
    for (const std::size_t core : {0, 1, 2}) {
      enter(core, 0);
      EXPECT(reaches(core, kPage) && reaches(core, kOtherPage));
    }
    enter(2, 1);
    enter(3, 1);
  }
  const mmu::ShootdownCounters& counted() const { return group->counters(); }
};

PW_TEST(a_core_that_is_not_told_serves_what_is_no_longer_mapped) {
  ThreeHolders c(kImmediate);
  auto change = c.mappers[0]->unmap(kPage);
  REQUIRE(change.ok());
  EXPECT_EQ(c.stale(1, 0, kPage), "a TLB entry");
  EXPECT(c.reaches(1, kPage));
  c.group->post(0, 0, std::move(change).value());
  EXPECT_EQ(c.stale(1, 0, kPage), "");
  EXPECT(!c.reaches(1, kPage));
}

PW_TEST(an_immediate_shootdown_interrupts_every_other_core_that_may_hold_the_page) {
  ThreeHolders c(kImmediate);
  c.unmap(0, 0, kPage);
  EXPECT_EQ(c.counted().shootdowns, 1);
  EXPECT_EQ(c.counted().ipis, 2);
  EXPECT_EQ(c.counted().pages, 3);
  EXPECT_EQ(c.counted().skipped, 0);
  EXPECT_EQ(c.stale(2, 0, kPage), "");
  c.unmap(3, 0, kOtherPage);  // from a core that never held it
  EXPECT_EQ(c.counted().ipis, 5);
  EXPECT_EQ(c.counted().pages, 6);
}

PW_TEST(what_becomes_present_interrupts_nobody) {
  ThreeHolders c(kImmediate);
  auto change = c.mappers[0]->map(VirtAddr(0x5000), PhysAddr(kFrame), PageSize::Size4KiB, {});
  REQUIRE(change.ok());
  c.group->post(0, 0, std::move(change).value());
  EXPECT_EQ(c.counted().shootdowns, 0);
}

PW_TEST(without_pcids_a_core_that_left_holds_nothing_and_is_not_interrupted) {
  ThreeHolders c(kImmediate, false);
  c.unmap(0, 0, kPage);
  EXPECT_EQ(c.counted().ipis, 1);
  EXPECT_EQ(c.stale(2, 0, kPage), "");
}

PW_TEST(a_lazy_shootdown_spares_a_core_that_runs_something_else_until_it_comes_back) {
  ThreeHolders c(kLazy);
  c.unmap(0, 0, kPage);
  EXPECT_EQ(c.counted().ipis, 1);
  EXPECT_EQ(c.counted().skipped, 1);
  EXPECT_EQ(c.stale(2, 0, kPage), "a TLB entry");
  c.enter(2, 0);
  EXPECT_EQ(c.counted().deferred_flushes, 1);
  EXPECT_EQ(c.stale(2, 0, kPage), "");
  EXPECT(!c.reaches(2, kPage));
  c.enter(2, 1);
  c.enter(2, 0);
  EXPECT_EQ(c.counted().deferred_flushes, 1);
}

PW_TEST(a_spared_core_forgets_also_when_a_program_writes_cr3_itself) {
  ThreeHolders c(kLazy);
  c.unmap(0, 0, kPage);
  const std::uint64_t cr3 = c.mappers[0]->root().value() | 1 | CoreGroup::kKeep;
  REQUIRE(c.mmus[2]->write_cr3(cr3).ok());
  c.group->note_cr3(2);
  EXPECT_EQ(c.counted().deferred_flushes, 1);
  EXPECT(!c.reaches(2, kPage));
}

PW_TEST(switching_back_without_a_shootdown_keeps_what_is_held) {
  ThreeHolders c(kLazy);
  const std::uint64_t walks = c.mmus[2]->walks().total;
  c.enter(2, 0);
  EXPECT(c.reaches(2, kPage));
  EXPECT_EQ(c.mmus[2]->walks().total, walks);
}

PW_TEST(a_batch_is_delivered_together_and_beyond_its_ceiling_as_a_full_flush) {
  for (const std::uint32_t ceiling : {1u, 2u}) {
    ThreeHolders c(batch_of(ceiling));
    c.map(0, VirtAddr(kPage.value() + 0x2000), kOther);  // so that no table is freed
    c.unmap(0, 0, kPage);
    c.unmap(0, 0, kOtherPage);
    EXPECT_EQ(c.counted().shootdowns, 0);
    EXPECT(c.group->is_pending(0) && c.reaches(1, kPage));
    c.group->flush(0);
    EXPECT_EQ(c.counted().shootdowns, 1);
    EXPECT_EQ(c.counted().ipis, 2);
    EXPECT_EQ(c.counted().pages, ceiling == 2 ? 6 : 0);
    EXPECT_EQ(c.counted().full_flushes, ceiling == 2 ? 0 : 3);
    EXPECT(!c.reaches(1, kPage) && !c.reaches(1, kOtherPage) && !c.group->is_pending(0));
    c.group->flush(0);
    EXPECT_EQ(c.counted().shootdowns, 1);
  }
}

PW_TEST(a_core_that_forgot_the_whole_space_and_runs_another_is_not_interrupted_again) {
  ThreeHolders c(batch_of(0));
  c.map(0, VirtAddr(kPage.value() + 0x2000), kOther);
  c.unmap(0, 0, kPage);
  c.group->flush(0);
  EXPECT_EQ(c.counted().ipis, 2);
  c.unmap(0, 0, kOtherPage);
  c.group->flush(0);
  EXPECT_EQ(c.counted().ipis, 3);
}

PW_TEST(freed_tables_do_not_wait_for_the_batch) {
  ThreeHolders c(batch_of(33));
  c.unmap(0, 0, kPage);
  EXPECT(c.group->is_pending(0));
  c.unmap(0, 0, kOtherPage);  // the last entry of its table
  EXPECT(!c.group->is_pending(0));
  EXPECT_EQ(c.counted().pages, 6);
}

PW_TEST(a_page_that_changes_twice_is_forgotten_once) {
  ThreeHolders c(batch_of(33));
  c.unmap(0, 0, kPage);
  c.map(0, kPage, kOther);
  c.unmap(0, 0, kPage);
  c.group->flush(0);
  EXPECT_EQ(c.counted().pages, 3);
}

PW_TEST(global_pages_are_shot_down_on_every_core) {
  for (const bool pcide : {false, true})
    for (const ShootdownPolicy& policy : {kImmediate, kLazy, batch_of(0), batch_of(33)}) {
      ThreeHolders c(policy, pcide, 6 | paging::flag::kGlobal);
      c.enter(3, 0);
      EXPECT(c.reaches(3, kPage));
      c.enter(3, 1);
      EXPECT(c.reaches(3, kPage));  // global, so in every address space
      c.unmap(0, 0, kPage);
      c.group->flush(0);
      EXPECT_EQ(c.counted().ipis, 3);
      EXPECT(!c.reaches(3, kPage) && !c.reaches(2, kPage) && !c.reaches(1, kPage));
    }
}

// Random maps, unmaps, protections, accesses and context switches.
class RandomGroup : CoreGroup {
 public:
  RandomGroup(std::uint64_t seed, const ShootdownPolicy& policy, bool pcide)
      : CoreGroup(2 + seed % 7, 3, policy, pcide), rng_(seed) {}

  // `tells`: whether changes are delivered.
  void run(int steps, bool tells) {
    for (std::size_t core = 0; core < mmus.size(); ++core) enter(core, rng_.below(3));
    for (int i = 0; i < steps; ++i) {
      const bool delivered = step(tells);
      if (delivered) check();
    }
  }
  std::uint64_t stale_found = 0;
  std::uint64_t checked = 0;
  std::uint64_t changes = 0;
  std::uint64_t completed = 0;

 private:
  // Pages near each other and far apart, so that tables are shared, freed and made again.
  VirtAddr page() { return VirtAddr(kPages[rng_.below(std::size(kPages))]); }
  std::uint64_t frame() { return (1 + rng_.below(64)) << 12; }
  std::uint64_t flags() {
    std::uint64_t flags = paging::flag::kUser;
    if (rng_.below(2) == 0) flags |= paging::flag::kWritable;
    if (rng_.below(3) == 0) flags |= paging::flag::kNoExecute;
    return flags;
  }

  // Whether nothing waits for a delivery now.
  bool step(bool tells) {
    const std::size_t core = rng_.below(mmus.size());
    const std::size_t space = rng_.below(mappers.size());
    switch (rng_.below(10)) {
      case 0: enter(core, space); break;
      case 1: change(core, space, mappers[space]->unmap(page()), tells); break;
      case 2: change(core, space, mappers[space]->protect(page(), {flags()}), tells); break;
      case 3:
      case 4:
        change(core, space, mappers[space]->map(page(), PhysAddr(frame()), {}, {flags()}), tells);
        break;
      case 5: group->flush(core); break;
      default: access(core);
    }
    bool pending = false;
    for (std::size_t i = 0; i < mappers.size(); ++i) pending |= group->is_pending(i);
    return !pending;
  }
  void change(std::size_t core, std::size_t space, Result<paging::PendingInvalidation> change, bool tells) {
    if (!change.ok()) return;
    ++changes;
    if (tells) group->post(core, space, std::move(change).value());
  }
  void access(std::size_t core) {
    const paging::AccessType kTypes[] = {kUserRead, kUserWrite, kUserFetch};
    completed += reaches(core, page(), kTypes[rng_.below(3)]);
  }

  // Whether the core has translations of the space under its name: without PCIDs that is the space it runs.
  // A spared core cannot be asked before it comes back.
  bool can_be_asked(std::size_t core, std::size_t space) const {
    if (!mmus[core]->registers().bits().pcide) return current(core) == space;
    return !group->space(space).stale.contains(core);
  }
  void check() {
    for (std::size_t core = 0; core < mmus.size(); ++core)
      for (std::size_t space = 0; space < mappers.size(); ++space) {
        if (!can_be_asked(core, space)) continue;
        for (const std::uint64_t page : kPages) {
          ++checked;
          stale_found += !stale(core, space, VirtAddr(page)).empty();
        }
      }
    compare_with_plain();
  }
  // One access of a core ends as without TLBs.
  void compare_with_plain() {
    const std::size_t core = rng_.below(mmus.size());
    const auto space = current(core);
    REQUIRE(space.has_value());
    REQUIRE(plain->write_cr3(mappers[*space]->root().value()).ok());
    const mmu::Access access{page(), 1, rng_.below(2) == 0 ? kUserRead : kUserWrite};
    const mmu::AccessOutcome came = mmus[core]->access(access), expected = plain->access(access);
    const bool same = came.exception.has_value() == expected.exception.has_value() &&
                      (came.exception ? came.exception->error_code == expected.exception->error_code
                                      : came.first.address == expected.first.address);
    stale_found += !same;
  }

  static constexpr std::uint64_t kPages[] = {0x1000,         0x2000,         0x3000,      0x20'0000,
                                             0x20'1000,      0x4000'0000,    0x4000'1000, 0x80'0000'0000,
                                             0x80'0020'0000, 0x100'0000'0000};
  Rng rng_;
};

PW_TEST(after_each_delivered_shootdown_no_core_holds_what_the_tables_no_longer_allow) {
  std::uint64_t checked = 0, changes = 0, completed = 0;
  for (const ShootdownPolicy& policy :
       {kImmediate, kLazy, batch_of(0), batch_of(2), batch_of(33), batch_of(2, true)})
    for (std::uint64_t seed = 0; seed < 28; ++seed) {
      RandomGroup group(seed, policy, seed % 3 != 0);
      group.run(1500, true);
      EXPECT_EQ(group.stale_found, 0);
      checked += group.checked;
      changes += group.changes;
      completed += group.completed;
    }
  EXPECT(changes > 10'000 && completed > 10'000 && checked > 1'000'000);
}

PW_TEST(the_same_programs_find_stale_translations_where_nobody_is_told) {
  for (std::uint64_t seed = 0; seed < 14; ++seed) {
    RandomGroup group(seed, kImmediate, seed % 3 != 0);
    group.run(1500, false);
    EXPECT(group.stale_found > 0);
  }
}

}  // namespace
}  // namespace pw::test
