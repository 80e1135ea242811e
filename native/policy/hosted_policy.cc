// SPDX-License-Identifier: MIT
#include "policy/hosted_policy.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace pw::policy {
namespace {

constexpr double kPages = 4503599627370496.0;  // 2^52: page numbers are below

bool is_page(double value) {
  return value >= 0 && value < kPages && static_cast<double>(static_cast<std::uint64_t>(value)) == value;
}

}  // namespace

HostedPolicy::HostedPolicy(const PolicyContext& context, PolicyHost& host)
    : host_(host),
      columns_(host.columns()),
      accessed_bits_(context.accessed_bits),
      dirty_bits_(context.dirty_bits),
      slot_in_(context.frames),
      page_of_(context.capacity),
      frame_of_(context.capacity) {
  PW_CHECK(context.capacity <= std::numeric_limits<std::uint32_t>::max());
  write(PolicyEvent::Reset, static_cast<double>(context.capacity), 0, 0);
}

std::uint32_t HostedPolicy::find(std::uint64_t page) const {
  return slot_of_page_.find(page, [&](std::uint32_t slot) { return page_of_[slot - 1]; });
}

std::uint32_t HostedPolicy::take_slot() {
  if (free_.empty()) return slots_++;
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

void HostedPolicy::write(PolicyEvent event, double page, std::uint32_t slot, std::uint32_t count) {
  if (rows_ == columns_.kinds.size()) flush();
  columns_.kinds[rows_] = event;
  columns_.pages[rows_] = page;
  columns_.slots[rows_] = slot;
  columns_.counts[rows_] = count;
  ++rows_;
}

void HostedPolicy::flush() {
  if (rows_ == 0) return;
  host_.deliver(rows_);
  rows_ = 0;
}

void HostedPolicy::on_insert(const Resident& page, Arrival) {
  const std::uint32_t slot = take_slot();
  slot_in_[page.frame.value()] = slot + 1;
  page_of_[slot] = page.page.value();
  frame_of_[slot] = static_cast<std::uint32_t>(page.frame.value());
  slot_of_page_.insert(page.page.value(), slot + 1);
  write(PolicyEvent::Insert, slot);
}

void HostedPolicy::on_touches(std::span<const Touch> touches) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  for (const Touch& touch : touches)
    write(PolicyEvent::Access, slot_in_[touch.frame.value()] - 1,
          static_cast<std::uint32_t>(std::min(touch.value, kMost)));
}

void HostedPolicy::on_remove(const Resident& page, Departure) {
  const std::uint32_t slot = slot_in_[page.frame.value()] - 1;
  write(PolicyEvent::Remove, slot);
  slot_of_page_.remove(page_of_[slot], [&](std::uint32_t number) { return page_of_[number - 1]; });
  slot_in_[page.frame.value()] = kNowhere;
  free_.push_back(slot);
  candidate_.reset();
}

FrameIndex HostedPolicy::choose_victim() {
  if (candidate_) return *candidate_;
  for (;;) {
    const std::uint32_t number = next_queued();
    if (number == kNowhere) {
      if (!ask()) return kNoVictim;
      continue;
    }
    const FrameIndex frame(frame_of_[number - 1]);
    if (is_hardware() && host_.observes_references() && accessed_bits_->test_and_clear(frame)) {
      write(PolicyEvent::Access, number - 1);
      continue;
    }
    candidate_ = frame;
    return frame;
  }
}

// Pages that left since they were named are passed over.
std::uint32_t HostedPolicy::next_queued() {
  while (queued_ < queue_.size())
    if (const std::uint32_t number = find(queue_[queued_++]); number != kNowhere) return number;
  return kNowhere;
}

bool HostedPolicy::ask() {
  const std::span<const double> victims = host_.choose_victims(faulting_, rows_);
  rows_ = 0;
  queue_.clear();
  queued_ = 0;
  for (std::size_t i = 0; i < victims.size(); ++i) {
    if (!is_page(victims[i]) || find(static_cast<std::uint64_t>(victims[i])) == kNowhere) {
      queue_.clear();
      host_.refuse_victim(i);
      return false;
    }
    queue_.push_back(static_cast<std::uint64_t>(victims[i]));
  }
  return !queue_.empty();
}

void HostedPolicy::remove_all() {
  for (std::uint32_t slot = 0; slot < slots_; ++slot)
    if (slot_in_[frame_of_[slot]] == slot + 1) write(PolicyEvent::Remove, slot);
  flush();
}

std::optional<bool> HostedPolicy::test_and_clear_accessed(std::uint64_t page) {
  const std::uint32_t number = find(page);
  if (number == kNowhere) return std::nullopt;
  return accessed_bits_->test_and_clear(FrameIndex(frame_of_[number - 1]));
}

std::optional<bool> HostedPolicy::test_dirty(std::uint64_t page) {
  const std::uint32_t number = find(page);
  if (number == kNowhere) return std::nullopt;
  return dirty_bits_ != nullptr && dirty_bits_->test(FrameIndex(frame_of_[number - 1]));
}

}  // namespace pw::policy
