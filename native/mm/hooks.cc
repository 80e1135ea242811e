// SPDX-License-Identifier: MIT
// Where the kernel asks its hooks, and what it makes of their answers.
#include "mm/hooks.h"

#include <utility>
#include <vector>

#include "mm/kernel.h"

namespace pw::mm {

void Kernel::fail_hook(HookPoint point, std::string message) {
  if (!hook_failure_) hook_failure_ = HookFailure{point, std::move(message)};
}

std::optional<HookFailure> Kernel::take_hook_failure() { return std::exchange(hook_failure_, std::nullopt); }

PageName Kernel::page_in(FrameIndex frame) const {
  const PageRecord& record = records_[frame.value()];
  return {record.kind, record.owner, frames_[frame].owner().value()};
}

phys::MaybeFrame Kernel::take_frame_for(PageKind kind, std::uint32_t owner, std::uint64_t page) {
  if (hook_failure_ || !ensure_free_frame()) return std::nullopt;
  const FrameAnswer answer = hooks_->on_frame_allocation({kind, owner, page});
  switch (answer.kind) {
    case FrameAnswer::Kind::AllocatorsChoice: return allocator_.allocate();
    case FrameAnswer::Kind::ThisFrame: {
      const Status taken = allocator_.allocate_at(answer.frame);
      if (taken.ok()) return answer.frame;
      fail_hook(HookPoint::FrameAllocation, "expected a free frame, got " +
                                                std::to_string(answer.frame.value()) + ": " +
                                                taken.error().message);
      return std::nullopt;
    }
    case FrameAnswer::Kind::Failed: break;
  }
  fail_hook(HookPoint::FrameAllocation);
  return std::nullopt;
}

// The frame that leaves as the hook says; nothing if the policy's choice is to stay, or the hook failed.
phys::MaybeFrame Kernel::ask_for_victim(FrameIndex chosen) {
  const EvictionAnswer answer = hooks_->on_eviction(
      {chosen, page_in(chosen), test(chosen), static_cast<std::uint32_t>(frames_[chosen].references())});
  switch (answer.kind) {
    case EvictionAnswer::Kind::Evict: return chosen;
    case EvictionAnswer::Kind::Keep: return std::nullopt;
    case EvictionAnswer::Kind::Instead:
      if (answer.frame.value() < frames_.frames() && records_[answer.frame.value()].is_evictable)
        return answer.frame;
      fail_hook(HookPoint::Eviction,
                "expected a frame whose page may be evicted, got " + std::to_string(answer.frame.value()));
      return std::nullopt;
    case EvictionAnswer::Kind::Failed: break;
  }
  fail_hook(HookPoint::Eviction);
  return std::nullopt;
}

// What the hook keeps is out of the policy's sight until this eviction is over, so that each page is asked for once.
bool Kernel::evict_as_asked() {
  std::vector<FrameIndex> kept;
  bool evicted = false;
  while (!evicted && !hook_failure_ && resident_.evictable() > 0) {
    const FrameIndex chosen = resident_.choose_victim();
    const phys::MaybeFrame victim = ask_for_victim(chosen);
    if (hook_failure_) break;
    if (victim != chosen) {
      resident_.remove(chosen, policy::Departure::Pinned);
      kept.push_back(chosen);
    }
    if (!victim) continue;
    evicted = evict(*victim);
    if (!evicted && !hook_failure_) resident_.put_aside(*victim);
  }
  for (const FrameIndex frame : kept) make_evictable(frame, policy::Arrival::Unpinned);
  return evicted;
}

std::optional<std::uint64_t> Kernel::ask_for_swap_out(FrameIndex frame) {
  const SwapSlot slot = frames_[frame].swap_slot();
  const std::uint64_t device_ns = swap_.area_of(slot).write_ns;
  if (hooks_ == nullptr) return device_ns;
  const SwapAnswer answer = hooks_->on_swap_out({slot, page_in(frame), device_ns});
  if (!answer) fail_hook(HookPoint::SwapOut);
  return answer;
}

std::optional<std::uint64_t> Kernel::ask_for_swap_in(SwapSlot slot, const PageName& page) {
  const std::uint64_t device_ns = swap_.area_of(slot).read_ns;
  if (hooks_ == nullptr) return device_ns;
  const SwapAnswer answer = hooks_->on_swap_in({slot, page, device_ns});
  if (!answer) fail_hook(HookPoint::SwapIn);
  return answer;
}

}  // namespace pw::mm
