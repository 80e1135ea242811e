// SPDX-License-Identifier: MIT
#include "mm/swap/space.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace pw::mm {
namespace {

std::uint64_t sum(const std::vector<SwapAreaConfig>& areas) {
  std::uint64_t slots = 0;
  for (const SwapAreaConfig& area : areas) slots += area.slots;
  PW_CHECK(slots < std::numeric_limits<SwapSlot>::max());
  return slots;
}

}  // namespace

std::span<const NumberOption<SwapAreaConfig>> swap_options() {
  static constexpr std::uint64_t kMostSlots = (1ull << 31) - 1;
  static constexpr NumberOption<SwapAreaConfig> kOptions[] = {
      {"swap.size", 1, kMostSlots, "pages", [](const SwapAreaConfig& c) { return c.slots; }},
      {"swap.readLatency", 0, kMostNanoseconds, "ns", [](const SwapAreaConfig& c) { return c.read_ns; }},
      {"swap.writeLatency", 0, kMostNanoseconds, "ns", [](const SwapAreaConfig& c) { return c.write_ns; }},
  };
  return kOptions;
}

SwapSpace::SwapSpace(std::vector<SwapAreaConfig> areas)
    : areas_(std::move(areas)),
      slots_(sum(areas_)),
      used_(slots_ + 1),
      records_(static_cast<std::size_t>(slots_ + 1)) {
  used_.set_used(0);  // slot 0 means that there is none
}

const SwapAreaConfig& SwapSpace::area_of(SwapSlot slot) const {
  std::uint64_t end = 1;
  for (const SwapAreaConfig& area : areas_) {
    end += area.slots;
    if (slot < end) return area;
  }
  check_failed("a slot of one of the areas", __FILE__, __LINE__);
}

std::optional<SwapSlot> SwapSpace::allocate() {
  std::uint64_t slot = 0;
  if (!used_.take<phys::End::Low>(slot)) return std::nullopt;
  ++in_use_;
  records_[slot] = {.is_used = true};
  return static_cast<SwapSlot>(slot);
}

void SwapSpace::drop_reference(SwapSlot slot) {
  PW_CHECK(records_[slot].references > 0);
  --records_[slot].references;
  release_if_unused(slot);
}

void SwapSpace::drop_cached(SwapSlot slot) {
  records_[slot].frame_plus_1 = 0;
  release_if_unused(slot);
}

void SwapSpace::release_if_unused(SwapSlot slot) {
  const Record& record = records_[slot];
  if (record.references != 0 || record.frame_plus_1 != 0) return;
  records_[slot] = {};
  used_.set_free(slot);
  --in_use_;
  contents_.erase(slot);
}

std::optional<SwapSlot> SwapSpace::find_cached_only() {
  for (std::uint64_t step = 0; step < slots_; ++step) {
    hand_ = hand_ >= slots_ ? 1 : hand_ + 1;
    const Record& record = records_[hand_];
    if (record.is_used && record.references == 0 && record.frame_plus_1 != 0) return hand_;
  }
  return std::nullopt;
}

void SwapSpace::store(SwapSlot slot, const Page& page) {
  if (std::ranges::all_of(page, [](std::byte byte) { return byte == std::byte{0}; })) {
    contents_.erase(slot);
    return;
  }
  contents_[slot] = std::make_unique<Page>(page);
}

const SwapSpace::Page* SwapSpace::load(SwapSlot slot) const {
  const auto found = contents_.find(slot);
  return found == contents_.end() ? nullptr : found->second.get();
}

std::vector<std::string> SwapSpace::validate() const {
  std::vector<std::string> violations;
  std::uint64_t used = 0;
  for_each_used([&](SwapSlot slot) {
    const Record& record = records_[slot];
    ++used;
    if (!record.is_used || (record.references == 0 && record.frame_plus_1 == 0))
      violations.push_back("swap slot " + std::to_string(slot) + " is in use without a user");
  });
  if (used != in_use_)
    violations.push_back(std::to_string(used) + " swap slots are in use, " + std::to_string(in_use_) +
                         " are counted");
  return violations;
}

}  // namespace pw::mm
