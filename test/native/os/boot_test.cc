// SPDX-License-Identifier: MIT
#include <algorithm>

#include "os/system.h"
#include "support/test.h"

namespace pw::test {
namespace {

using os::System;
using phys::RangeKind;

os::SystemConfig config_of(std::vector<phys::MemoryRange> map) {
  os::SystemConfig config;
  config.kernel.memory_map = std::move(map);
  config.kernel.swap = {{.slots = 256, .read_ns = 77'000, .write_ns = 18'000}};
  return config;
}

os::SystemConfig with_holes() {
  return config_of({{PhysAddr(0), 16 * kFrameBytes, RangeKind::Usable},
                    {PhysAddr(16 * kFrameBytes), 16 * kFrameBytes, RangeKind::Reserved},
                    {PhysAddr(64 * kFrameBytes), 32 * kFrameBytes, RangeKind::Usable},
                    {PhysAddr(96 * kFrameBytes), 8 * kFrameBytes, RangeKind::Hole}});
}

std::vector<Error> failures_of(const os::SystemConfig& config, BootSequence sequence = BootSequence()) {
  std::vector<Error> violations;
  const auto system = System::boot(config, violations, std::move(sequence));
  EXPECT_EQ(system == nullptr, !violations.empty());
  return violations;
}

std::unique_ptr<System> boot(const os::SystemConfig& config) {
  std::vector<Error> violations;
  auto system = System::boot(config, violations);
  REQUIRE(system != nullptr);
  return system;
}

PW_TEST(each_step_of_a_system_may_fail_and_undoes_those_before) {
  const BootLog log = boot(with_holes())->boot_log();
  REQUIRE(log.size() == 11);
  std::string undone;
  for (const BootStep& step : log) {
    const std::vector<Error> errors = failures_of(with_holes(), BootSequence(step.name));
    REQUIRE(errors.size() == 1);
    EXPECT_EQ(errors[0].message, "boot: " + std::string(step.name) + ": made to fail" +
                                     (undone.empty() ? "" : " (undone: " + undone + ")"));
    undone = std::string(step.name) + (undone.empty() ? "" : ", " + undone);
  }
}

PW_TEST(a_system_says_what_each_step_made) {
  const auto system = boot(with_holes());
  const auto made = [&](std::string_view name) {
    const auto found = std::ranges::find(system->boot_log(), name, &BootStep::name);
    return found == system->boot_log().end() ? std::string("no step") : found->made;
  };
  EXPECT_EQ(made("memory map"), "4 ranges, 48 of 104 frames usable");
  EXPECT_EQ(made("swap areas"), "1 areas, 256 slots");
  EXPECT_EQ(made("replacement policy"), "clock, at most 48 pages");
  EXPECT_EQ(made("page of zeros"), "frame 95");
}

PW_TEST(a_system_without_room_is_refused) {
  const auto refused = [](const os::SystemConfig& config, const char* part) {
    const std::vector<Error> errors = failures_of(config);
    EXPECT(std::ranges::any_of(
        errors, [&](const Error& error) { return error.message.find(part) != std::string::npos; }));
  };
  refused(config_of({{PhysAddr(0), 7 * kFrameBytes, RangeKind::Usable}}), "expected at least 8 frames");
  refused(config_of({{PhysAddr(0), 4 * kFrameBytes, RangeKind::Usable},
                     {PhysAddr(kFrameBytes), 64 * kFrameBytes, RangeKind::Usable}}),
          "range 1: expected a start at or after 0x4000");
  os::SystemConfig config = with_holes();
  config.kernel.swap = {{.slots = 1ull << 31}};
  refused(config, "swap.size: expected 1 to 2147483647 pages, got 2147483648");
  config.kernel.swap = {{.slots = (1ull << 31) - 1}, {.slots = 2}};
  refused(config, "swap: expected fewer than 2^31 pages in all areas");
}

PW_TEST(processes_get_frames_of_usable_ranges_alone) {
  os::SystemConfig config = with_holes();
  config.validate_every = 10;
  const auto system = boot(config);
  os::Process* const process = system->processes().create({});
  REQUIRE(process != nullptr);
  const std::uint64_t at = system->allocate_region(*process, 200 * kFrameBytes, 3).value;
  for (std::uint64_t page = 0; page < 200; ++page) {
    const os::Accessed accessed =
        system->access(*process, VirtAddr(at + page * kFrameBytes), AccessKind::Store);
    REQUIRE(accessed.end == os::AccessEnd::Done);
    const std::uint64_t frame = frame_of(accessed.physical).value();
    EXPECT(frame < 16 || (frame >= 64 && frame < 96));
  }
  EXPECT(system->kernel().counters().swap_outs > 100);
  EXPECT(system->validate().empty());
}

}  // namespace
}  // namespace pw::test
