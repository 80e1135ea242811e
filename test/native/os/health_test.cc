// SPDX-License-Identifier: MIT
// Planted corruptions of a system's memory, each noticed by the check that is named for it.
#include <algorithm>

#include "os/system.h"
#include "support/test.h"
#include "tlb/mixed.h"

namespace pw::test {
namespace {

using os::AccessEnd;
using os::System;

// A process and its child over a memory that is smaller than what they use.
struct Busy {
  explicit Busy(std::uint64_t validate_every = 0) {
    os::SystemConfig config;
    config.kernel.memory_bytes = 128 * kFrameBytes;
    config.kernel.swap = {{.slots = 512}};
    config.cpu.tlb = {{{.name = "l1",
                        .level = 1,
                        .kinds = {true, true, true, true},
                        .arrays = {{16, 4, {true, true, true}}}}}};
    config.cpu.structure_caches = {2, 4, 8};
    config.validate_every = validate_every;
    std::vector<Error> violations;
    system = System::boot(config, violations);
    REQUIRE(system != nullptr);
    process = system->processes().create({});
    REQUIRE(process != nullptr);
    at = system->allocate_region(*process, kPages * kFrameBytes, 3).value;
    for (std::uint64_t page = 0; page < kPages; ++page) store(page);
    REQUIRE(system->processes().fork(*process) != nullptr);
    for (std::uint64_t page = kPages - 8; page < kPages; ++page) store(page);
  }

  AccessEnd store(std::uint64_t page) {
    return system->access(*process, VirtAddr(at + page * kFrameBytes), AccessKind::Store).end;
  }
  mm::Kernel& kernel() { return system->kernel(); }
  // The place of a page's entry.
  paging::Leaf leaf(std::uint64_t page) {
    const auto found = process->space().find_leaf(page_of(VirtAddr(at + page * kFrameBytes)));
    REQUIRE(found.has_value());
    return *found;
  }
  paging::Entry entry(std::uint64_t page) { return paging::Entry(*leaf(page).slot); }
  FrameIndex frame(std::uint64_t page) { return mm::leaf::frame_of(entry(page)); }
  // The last one is resident, the first one is not.
  static constexpr std::uint64_t kPages = 200;
  static constexpr std::uint64_t kLast = kPages - 1;

  std::unique_ptr<System> system;
  os::Process* process = nullptr;
  std::uint64_t at = 0;
};

void expect_noticed(Busy& busy, std::string_view name, const std::string& part) {
  const HealthReport report = busy.system->health();
  const auto check = std::ranges::find(report, name, &HealthCheck::name);
  REQUIRE(check != report.end());
  const bool noticed = std::ranges::any_of(
      check->problems, [&](const std::string& text) { return text.find(part) != std::string::npos; });
  if (!noticed)
    record_failure(__FILE__, __LINE__,
                   std::string(name) + " does not say: " + part +
                       (problems_of(report).empty() ? "" : "; but " + problems_of(report).front()));
}

PW_TEST(a_busy_system_is_healthy_and_says_what_was_looked_at) {
  Busy busy;
  const HealthReport report = busy.system->health();
  EXPECT(problems_of(report).empty());
  for (const HealthCheck& check : report)
    if (check.name != "shared objects") EXPECT(check.checked > 0);
  EXPECT_EQ(report.size(), 12);
  EXPECT_EQ(report.front().checked, 128);
}

PW_TEST(a_reference_too_many_or_too_few_is_noticed) {
  for (const int change : {-1, 1}) {
    Busy busy;
    phys::FrameRecord& record = busy.kernel().frames()[busy.frame(Busy::kLast)];
    const std::uint32_t before = record.references();
    record.set_references(before + static_cast<std::uint32_t>(change));
    expect_noticed(busy, "references", "its record says " + std::to_string(record.references()));
    record.set_references(before);
    EXPECT(busy.system->validate().empty());
  }
}

PW_TEST(an_entry_of_a_table_that_was_changed_is_noticed) {
  const auto with_entry = [](std::uint64_t bits, std::string_view check, const std::string& part) {
    Busy busy;
    std::uint64_t& slot = *busy.leaf(Busy::kLast).slot;
    const std::uint64_t before = slot;
    slot = bits;
    expect_noticed(busy, check, part);
    slot = before;
    EXPECT(busy.system->validate().empty());
  };
  Busy model;
  const std::uint64_t other = *model.leaf(Busy::kLast - 1).slot;
  const std::string other_frame = "frame " + std::to_string(model.frame(Busy::kLast - 1).value());
  with_entry(other, "references", other_frame + " has 2 references");
  with_entry(1ull << 45 | 7, "references", "which holds no page of data");
  with_entry(1ull << 45 | 7, "address spaces", "beyond the memory");
  const std::uint64_t root = model.process->space().root().value();
  with_entry(root | 7, "references", "which holds no page of data");
  with_entry(0, "page tables", "its record disagrees");
}

PW_TEST(a_table_that_nothing_leads_to_any_more_is_noticed) {
  Busy busy;
  const auto upper = busy.process->space().mapper().find_slot(VirtAddr(busy.at), paging::kPd);
  REQUIRE(upper.has_value());
  const std::uint64_t before = *upper->slot;
  *upper->slot = 0;
  expect_noticed(busy, "page tables", "tables are reachable");
  *upper->slot = before;
  EXPECT(busy.system->validate().empty());
}

PW_TEST(a_translation_that_the_tables_do_not_give_is_noticed) {
  Busy busy;
  auto& caches = const_cast<mmu::TranslationCaches<tlb::LruWays>&>(busy.system->cpu().mmu().caches());
  auto& tlb = const_cast<tlb::Hierarchy<tlb::LruWays>&>(caches.tlbs()).tlbs().front();
  const std::uint32_t pcid = busy.process->space().id();
  tlb::insert(tlb, VirtAddr(busy.at + 3 * kFrameBytes), {paging::Entry(0x5000 | 7), PageSize::Size4KiB},
              Asid(pcid), 1);
  expect_noticed(busy, "TLBs", "l1 holds address");
  expect_noticed(busy, "TLBs", "of a space that does not map it");
}

PW_TEST(a_cached_upper_entry_that_the_tables_do_not_give_is_noticed) {
  Busy busy;
  const auto upper = busy.process->space().mapper().find_slot(VirtAddr(busy.at), paging::kPdpt);
  REQUIRE(upper.has_value());
  const std::uint64_t before = *upper->slot;
  *upper->slot = (before & ~0xfffull) + 0x1000 + 7;
  expect_noticed(busy, "paging-structure caches", "disagrees with the tables");
  *upper->slot = before;
}

PW_TEST(a_swap_slot_whose_count_is_wrong_is_noticed) {
  Busy busy;
  const mm::SwapSlot slot = mm::SwapEntry::slot_of(busy.entry(0));
  REQUIRE(slot != 0);
  busy.kernel().swap().add_reference(slot);
  expect_noticed(busy, "swap slots", "swap slot " + std::to_string(slot) + " is named");
  busy.kernel().swap().drop_reference(slot);
  EXPECT(busy.system->validate().empty());
  const auto leaked = busy.kernel().swap().allocate();
  REQUIRE(leaked.has_value());
  expect_noticed(busy, "swap slots", "swap slot " + std::to_string(*leaked) + " is in use without a user");
}

PW_TEST(a_swap_cache_that_names_another_frame_is_noticed) {
  Busy busy;
  phys::FrameRecord& record = busy.kernel().frames()[busy.frame(Busy::kLast)];
  const std::uint32_t before = record.swap_slot();
  record.set_swap_slot(mm::SwapEntry::slot_of(busy.entry(0)));
  expect_noticed(busy, "swap slots", "has in the swap cache");
  record.set_swap_slot(before);
  EXPECT(busy.system->validate().empty());
}

PW_TEST(a_reverse_mapping_that_is_missing_is_noticed) {
  Busy busy;
  const FrameIndex frame = busy.frame(Busy::kLast);
  busy.kernel().reverse_map().remove(frame, busy.leaf(Busy::kLast));
  expect_noticed(busy, "reverse map", "is mapped 1 times, the reverse map says 0");
  busy.kernel().reverse_map().add(frame, busy.leaf(Busy::kLast), busy.process->space().id(),
                                  page_of(VirtAddr(busy.at + Busy::kLast * kFrameBytes)));
  EXPECT(busy.system->validate().empty());
}

PW_TEST(a_reverse_mapping_of_another_frame_is_noticed) {
  Busy busy;
  const FrameIndex frame = busy.frame(Busy::kLast);
  const FrameIndex other = busy.frame(Busy::kLast - 1);
  const paging::Leaf leaf = busy.leaf(Busy::kLast);
  const VirtPage page = page_of(VirtAddr(busy.at + Busy::kLast * kFrameBytes));
  busy.kernel().reverse_map().remove(frame, leaf);
  busy.kernel().reverse_map().add(other, leaf, busy.process->space().id(), page);
  expect_noticed(busy, "reverse map", "names a page that does not map it");
  busy.kernel().reverse_map().remove(other, leaf);
  busy.kernel().reverse_map().add(frame, leaf, busy.process->space().id(), page);
  EXPECT(busy.system->validate().empty());
}

PW_TEST(a_frame_that_leaked_is_noticed) {
  Busy busy;
  REQUIRE(busy.kernel().evict());
  const auto page = busy.kernel().allocator().allocate();
  REQUIRE(page.has_value());
  expect_noticed(busy, "frames", "free, of 128");
  REQUIRE(busy.kernel().allocator().free(*page).ok());
}

PW_TEST(a_system_that_checks_itself_stops_at_the_fault_after_a_corruption) {
  Busy busy(5);
  EXPECT(busy.store(0) == AccessEnd::Done);
  phys::FrameRecord& record = busy.kernel().frames()[busy.frame(0)];
  record.set_references(record.references() + 1);
  AccessEnd end = AccessEnd::Done;
  for (std::uint64_t page = 1; page < 6 && end == AccessEnd::Done; ++page) end = busy.store(page);
  EXPECT(end == AccessEnd::Unhealthy);
  EXPECT_EQ(busy.system->unhealthy().find("after "), 0);
  expect_noticed(busy, "references", "its record says 2");
  record.set_references(record.references() - 1);
}

}  // namespace
}  // namespace pw::test
