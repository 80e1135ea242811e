// SPDX-License-Identifier: MIT
// A small system with one process, for tests; healthy when it goes.
#pragma once

#include <memory>

#include "os/system.h"
#include "support/test.h"

namespace pw::test {

inline tlb::HierarchyConfig small_tlbs() {
  const std::array<bool, kPageSizes> all{true, true, true};
  return {{{.name = "l1", .level = 1, .kinds = {true, true, true, true}, .arrays = {{16, 4, all}}},
           {.name = "l2", .level = 2, .kinds = {true, true, true, true}, .arrays = {{64, 4, all}}}}};
}

inline os::SystemConfig config_of(std::uint64_t frames, std::uint64_t slots = 0) {
  os::SystemConfig config;
  config.kernel.memory_bytes = frames * kFrameBytes;
  config.kernel.contents = true;
  if (slots != 0) config.kernel.swap = {{.slots = slots, .read_ns = 100'000, .write_ns = 100'000}};
  config.cpu.tlb = small_tlbs();
  config.cpu.structure_caches = {2, 4, 8};
  return config;
}

struct Booted {
  explicit Booted(const os::SystemConfig& config) {
    std::vector<Error> violations;
    system = os::System::boot(config, violations);
    REQUIRE(violations.empty());
    process = system->processes().create({});
    REQUIRE(process != nullptr);
  }
  ~Booted() { check(); }
  void check() {
    const auto violations = system->validate();
    EXPECT_EQ(violations.empty() ? "" : violations.front(), "");
  }
  std::uint64_t region(std::uint64_t pages) {
    return system->allocate_region(*process, pages * kFrameBytes, mm::abi::kProtRead | mm::abi::kProtWrite)
        .value;
  }
  os::Accessed load(std::uint64_t address) {
    return system->access(*process, VirtAddr(address), AccessKind::Load, VirtAddr(0x400000));
  }
  os::Accessed store(std::uint64_t address) {
    return system->access(*process, VirtAddr(address), AccessKind::Store, VirtAddr(0x400000));
  }

  std::unique_ptr<os::System> system;
  os::Process* process = nullptr;
};

}  // namespace pw::test
