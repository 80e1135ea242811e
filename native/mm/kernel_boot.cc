// SPDX-License-Identifier: MIT
// How a kernel is built, and what is wrong with a configuration of one.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "mm/kernel.h"
#include "policy/replacement/registry.h"

namespace pw::mm {

std::vector<Error> check(const KernelConfig& config) {
  std::vector<Error> violations;
  const auto note = [&](const Status& status) {
    if (!status.ok()) violations.push_back(status.error());
  };
  note(policy::check_policy(config.policy));
  std::vector<Error> memory =
      phys::check_memory(config.memory_bytes, config.memory_map, (1ull << (32 + kFrameShift)) - kFrameBytes);
  if (memory.empty() &&
      phys::MemoryMap::of(config.memory_bytes, config.memory_map).usable_frames() < Kernel::kLeastFrames)
    memory.push_back({ErrorCode::OutOfRange, "memory: expected at least " +
                                                 std::to_string(Kernel::kLeastFrames) +
                                                 " frames for a process and the page of zeros"});
  violations.insert(violations.end(), std::make_move_iterator(memory.begin()),
                    std::make_move_iterator(memory.end()));
  std::uint64_t slots = 0;
  for (const SwapAreaConfig& area : config.swap) {
    check_numbers(swap_options(), area, violations);
    slots = std::min(slots + std::min(area.slots, Kernel::kMostSlots), 2 * Kernel::kMostSlots);
  }
  if (slots >= Kernel::kMostSlots)
    violations.push_back({ErrorCode::OutOfRange, "swap: expected fewer than 2^31 pages in all areas"});
  return violations;
}

Kernel::Kernel(const KernelConfig& config, SpaceTranslations& translations, BootSequence& boot)
    : config_(config),
      translations_(translations),
      map_(boot.step(
          "memory map", [&] { return phys::MemoryMap::of(config.memory_bytes, config.memory_map); },
          [this] { return map_.description(); })),
      memory_(boot.step(
          "physical memory", [&] { return phys::PhysicalMemory(map_.bytes()); },
          [this] { return std::to_string(memory_.size()) + " bytes, none written"; })),
      frames_(boot.step(
          "frame table", [&] { return phys::FrameTable(map_.frames()); },
          [this] { return std::to_string(frames_.frames()) + " records"; })),
      allocator_(boot.step(
          "frame allocator", [&] { return phys::BitmapAllocator(map_); },
          [this] { return std::to_string(allocator_.usable_frames()) + " frames to give out"; })),
      records_(boot.step(
          "page records", [&] { return PageRecords(map_.frames()); },
          [this] { return std::to_string(records_.size()) + " records"; })),
      reverse_map_(boot.step(
          "reverse map", [&] { return ReverseMap(records_, map_.frames()); },
          [this] { return "room for tables in " + std::to_string(records_.size()) + " frames"; })),
      swap_(boot.step(
          "swap areas", [&] { return SwapSpace(config.swap); },
          [this] {
            return std::to_string(config_.swap.size()) + " areas, " + std::to_string(swap_.slots()) +
                   " slots";
          })),
      resident_(records_, frames_),
      commit_(config.overcommit, map_.usable_frames(), swap_.slots()),
      rng_(config.seed),
      spaces_(1),
      objects_(1) {
  boot.begin("replacement policy",
             [this] { return config_.policy + ", at most " + std::to_string(capacity()) + " pages"; });
  make_policy();
  boot.begin("page of zeros", [this] { return "frame " + std::to_string(zero_frame_.value()); });
  take_zero_frame(boot);
}

void Kernel::make_policy() {
  auto policy = policy::make_policy(
      config_.policy, {.frames = map_.frames(),
                       .capacity = capacity(),
                       .rng = &rng_,
                       .accessed_bits = config_.exact ? nullptr : static_cast<policy::AccessedBits*>(this),
                       .dirty_bits = this});
  PW_CHECK(policy.ok());
  resident_.set_policy(std::move(policy).value());
  resident_.observe_references();
}

void Kernel::take_zero_frame(BootSequence& boot) {
  const auto zero = allocator_.allocate(0, phys::End::High);
  if (!zero) boot.fail({{ErrorCode::BootFailed, "the memory map leaves no frame for it"}});
  zero_frame_ = *zero;
  frames_[zero_frame_].set_use(phys::FrameUse::Reserved);
}

}  // namespace pw::mm
