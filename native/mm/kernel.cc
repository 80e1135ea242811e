// SPDX-License-Identifier: MIT
#include "mm/kernel.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "mm/address_space.h"
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

std::uint64_t Kernel::capacity() const {
  const std::uint64_t most = map_.usable_frames();
  return config_.resident_limit == 0 ? most : std::min(config_.resident_limit, most);
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

Kernel::~Kernel() = default;

SpaceId Kernel::enter(AddressSpace& space) {
  if (free_spaces_.empty()) {
    spaces_.push_back(&space);
    return static_cast<SpaceId>(spaces_.size() - 1);
  }
  const SpaceId id = free_spaces_.back();
  free_spaces_.pop_back();
  spaces_[id] = &space;
  return id;
}

void Kernel::leave(SpaceId space) {
  spaces_[space] = nullptr;
  free_spaces_.push_back(space);
}

std::shared_ptr<VmObject> Kernel::make_object(ObjectKind kind, std::string name, std::uint64_t bytes) {
  if (free_objects_.empty()) {
    free_objects_.push_back(static_cast<std::uint32_t>(objects_.size()));
    objects_.push_back(nullptr);
  }
  const std::uint32_t number = free_objects_.back();
  std::shared_ptr<VmObject> object(new VmObject(number, kind, std::move(name), bytes),
                                   [this](VmObject* unused) { retire(unused); });
  free_objects_.pop_back();
  objects_[number] = object.get();
  return object;
}

void Kernel::retire(VmObject* object) {
  const std::unique_ptr<VmObject> owned(object);
  drop_pages(*object, 0, ~0ull);
  commit_.uncharge(object->charged_pages());
  objects_[object->number()] = nullptr;
  free_objects_.push_back(object->number());
}

// As far as the policy wants it, and the limit.
void Kernel::shrink() {
  while (resident_.gives_up())
    if (!evict()) break;
  while (is_at_limit())
    if (!evict()) break;  // what cannot leave may exceed the limit as long as there is memory
}

std::optional<FrameIndex> Kernel::make_room_for_frame() {
  for (;;) {
    if (!evict()) {
      if (hook_failure_) return std::nullopt;
      ++counters_.out_of_memory;
      if (out_of_memory_ == nullptr || !out_of_memory_->relieve()) return std::nullopt;
    }
    if (const auto frame = allocator_.allocate()) return frame;
  }
}

bool Kernel::ensure_free_frame() {
  if (allocator_.free_count() > 0) return true;
  const auto frame = take_frame();
  if (frame) PW_CHECK(allocator_.free(*frame).ok());
  return frame.has_value();
}

void Kernel::free_page(FrameIndex frame) {
  PW_DCHECK(!reverse_map_.is_mapped(frame));
  resident_.remove(frame, policy::Departure::Unmapped);
  if (const SwapSlot slot = frames_[frame].swap_slot(); slot != 0) swap_.drop_cached(slot);
  frames_[frame] = {};
  records_[frame.value()] = {};
  PW_CHECK(allocator_.free(frame).ok());
  counters_.resident_pages = --data_pages_;
}

void Kernel::lock_page(FrameIndex frame) {
  if (records_[frame.value()].locks++ == 0) resident_.remove(frame, policy::Departure::Pinned);
}

void Kernel::unlock_page(FrameIndex frame) {
  PW_DCHECK(records_[frame.value()].locks > 0);
  if (--records_[frame.value()].locks == 0) make_evictable(frame, policy::Arrival::Unpinned);
}

bool Kernel::test_and_clear(FrameIndex frame) {
  bool accessed = false;
  reverse_map_.for_each(frame, [&](const Mapping& mapping) {
    const paging::Entry entry(*mapping.leaf.slot);
    if (!entry.is_accessed()) return;
    accessed = true;
    *mapping.leaf.slot = entry.without(paging::flag::kAccessed).bits();  // TLBs are not told, as on Linux
  });
  return accessed;
}

bool Kernel::test(FrameIndex frame) {
  bool dirty = frames_[frame].is_dirty();
  reverse_map_.for_each(
      frame, [&](const Mapping& mapping) { dirty |= paging::Entry(*mapping.leaf.slot).is_dirty(); });
  return dirty;
}

}  // namespace pw::mm
