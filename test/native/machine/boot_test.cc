// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "base/rng.h"
#include "machine/machine.h"
#include "machine/pieces.h"
#include "paging/table_view.h"
#include "support/test.h"

namespace pw::test {
namespace {

using machine::Config;
using machine::Machine;
using phys::RangeKind;

constexpr std::uint64_t kMiB = 1ull << 20;

std::vector<Error> failures_of(const Config& config, BootSequence sequence = BootSequence()) {
  auto booted = Machine::boot(config, std::move(sequence));
  const auto* errors = std::get_if<std::vector<Error>>(&booted);
  return errors == nullptr ? std::vector<Error>{} : *errors;
}

bool says(const std::vector<Error>& errors, const std::string& part) {
  return std::ranges::any_of(
      errors, [&](const Error& error) { return error.message.find(part) != std::string::npos; });
}

// Low memory, a hole as of a PC's adapters, memory that firmware keeps, memory again.
Config with_holes() {
  Config config;
  config.tlb = machine::find_preset("intel-skylake-sp")->hierarchy();
  config.memory_map = {{PhysAddr(0), 640 << 10, RangeKind::Usable},
                       {PhysAddr(640 << 10), 384 << 10, RangeKind::Hole},
                       {PhysAddr(kMiB), kMiB, RangeKind::Reserved},
                       {PhysAddr(4 * kMiB), 2 * kMiB, RangeKind::Usable}};
  return config;
}

PW_TEST(a_boot_says_what_each_step_made) {
  const auto machine = boot(with_holes());
  const BootLog& log = machine->boot_log();
  REQUIRE(log.size() == 8);
  EXPECT_EQ(log[0].name, "memory map");
  EXPECT_EQ(log[0].made, "4 ranges, 672 of 1536 frames usable");
  EXPECT_EQ(log[3].made, "672 frames to give out");
  EXPECT_EQ(log[4].made, "4 levels, root at 0x5ff000");
  EXPECT_EQ(log[7].made, "lru");
  for (const BootStep& step : log) EXPECT(!step.made.empty());
}

PW_TEST(two_boots_say_the_same_and_so_does_a_reset) {
  const auto first = boot(with_holes());
  const auto second = boot(with_holes());
  second->reset();
  REQUIRE(first->boot_log().size() == second->boot_log().size());
  for (std::size_t i = 0; i < first->boot_log().size(); ++i)
    EXPECT_EQ(first->boot_log()[i].made, second->boot_log()[i].made);
}

PW_TEST(each_step_of_a_boot_may_fail_and_undoes_those_before) {
  const BootLog log = boot(with_holes())->boot_log();
  std::string undone;
  for (const BootStep& step : log) {
    const std::vector<Error> errors = failures_of(with_holes(), BootSequence(step.name));
    REQUIRE(errors.size() == 1);
    EXPECT(errors[0].code == ErrorCode::BootFailed);
    EXPECT_EQ(errors[0].message, "boot: " + std::string(step.name) + ": made to fail" +
                                     (undone.empty() ? "" : " (undone: " + undone + ")"));
    undone = std::string(step.name) + (undone.empty() ? "" : ", " + undone);
  }
}

PW_TEST(a_memory_map_that_cannot_be_is_refused_with_every_violation) {
  Config config = with_holes();
  config.memory_map[1].start = PhysAddr(4096);
  config.memory_map[2].bytes = 4097;
  config.memory_map[3].bytes = 0;
  const std::vector<Error> errors = failures_of(config);
  EXPECT(says(errors, "range 1: expected a start at or after 0xa0000"));
  EXPECT(says(errors, "range 2: expected whole frames"));
  EXPECT(says(errors, "range 3: expected at least one frame"));
  config = with_holes();
  for (phys::MemoryRange& range : config.memory_map) range.kind = RangeKind::Reserved;
  EXPECT(says(failures_of(config), "expected a usable range"));
  config.memory_map = {{PhysAddr(1ull << 43), kMiB, RangeKind::Usable}};
  EXPECT(says(failures_of(config), "memory map: expected at most 8 TiB"));
}

PW_TEST(a_map_whose_runs_are_too_short_for_a_page_fails_where_paging_is_set_up) {
  Config config = with_holes();
  config.memory_map[3] = {PhysAddr(5 * kMiB), 2 * kMiB, RangeKind::Usable};  // 2 MiB, but not aligned
  config.page_size = PageSize::Size2MiB;
  const std::vector<Error> errors = failures_of(config);
  REQUIRE(errors.size() == 1);
  EXPECT(errors[0].code == ErrorCode::BootFailed);
  EXPECT(says(errors, "boot: demand paging: expected a usable run of 512 frames"));
  EXPECT(says(errors,
              "undone: processor, root table, frame allocator, frame table, physical memory, memory map"));
  config.memory_map[3].start = PhysAddr(4 * kMiB);
  EXPECT(failures_of(config).empty());
}

PW_TEST(frames_outside_usable_ranges_are_never_given_out) {
  Config config = with_holes();
  config.validate_every = 500;
  const phys::MemoryMap map(config.memory_map);
  const auto machine = boot(config);
  EXPECT_EQ(machine->stats().memory.frames, 672);
  Rng rng(7);
  std::vector<std::uint64_t> addresses;
  for (int i = 0; i < 20000; ++i) addresses.push_back(0x7f0000000000 + rng.below(3000) * 4096);
  const auto progress = machine->replay(addresses, std::span<const std::uint8_t>());
  EXPECT(progress.stop == machine::Stop::End);
  EXPECT(machine->stats().replacement.evictions > 1000);
  std::set<std::uint64_t> used;
  const machine::TableView tables = machine->tables();
  paging::for_each_entry(tables.memory, tables.root, tables.levels, paging::virtual_bits(tables.levels),
                         [&](const paging::TableEntry& found) {
                           used.insert(frame_of(found.table).value());
                           if (found.level == paging::kPt && found.entry.is_present())
                             used.insert(frame_of(found.entry.page(PageSize::Size4KiB)).value());
                         });
  EXPECT_EQ(used.size(), 672);  // all of them, and no other
  for (const phys::FrameRange& range : map.unusable())
    EXPECT(std::ranges::none_of(used, [&](std::uint64_t frame) {
      return frame >= range.first.value() && frame < range.first.value() + range.count;
    }));
  EXPECT_EQ(tables.memory.read64(PhysAddr(640 << 10)), 0);  // a hole reads as zero
  EXPECT(machine->validate().empty());
}

PW_TEST(what_the_map_leaves_is_the_limit_of_residence) {
  Config config = with_holes();
  config.page_size = PageSize::Size2MiB;
  config.policy = "fifo";
  const auto machine = boot(config);
  const std::vector<std::uint64_t> addresses = {0, 2 * kMiB, 0, 4 * kMiB};
  // The only run of 2 MiB lost a frame to the root table.
  EXPECT(machine->replay(addresses, std::span<const std::uint8_t>()).stop == machine::Stop::Refused);
  EXPECT(machine->error().code == ErrorCode::OutOfMemory);
  EXPECT(machine->validate().empty());
}

}  // namespace
}  // namespace pw::test
