// SPDX-License-Identifier: MIT
// Page faults: who decides, what is counted, and why a replay stops.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/hex.h"
#include "machine/core/core.h"

namespace pw::machine {

inline std::optional<VirtAddr> last_fetch_in(std::span<const PackedAccess> words) {
  for (std::size_t i = words.size(); i-- > 0;)
    if (kind_of(words[i]) == AccessKind::Fetch && !is_second_half(words[i])) return pw::address_of(words[i]);
  return std::nullopt;
}

template <class Ways>
bool Core<Ways>::serve_fault(VirtAddr address, AccessKind kind, const paging::WalkResult& walk, Time at) {
  mm::FaultKind fault = parts_->pager.classify(walk);
  if (observation_ == policy::Observation::Runs) settle();
  auto outcome = mm::FaultOutcome::Pass;
  if (handler_ != nullptr) {
    const auto reply = ask_handler(address, kind, walk, fault, at);
    if (!reply) return false;
    outcome = reply->outcome;
  }
  parts_->mmu.count_faulted_walk();
  if (outcome != mm::FaultOutcome::Retry) retries_ = 0;
  switch (outcome) {
    case mm::FaultOutcome::Pass: return resolve(fault, address, kind, walk, at);
    case mm::FaultOutcome::ResolvedMinor: return resolve(mm::FaultKind::Minor, address, kind, walk, at);
    case mm::FaultOutcome::ResolvedMajor: return resolve(mm::FaultKind::Major, address, kind, walk, at);
    case mm::FaultOutcome::Retry:
      if (++retries_ <= kMaxRetries) return true;
      retries_ = 0;
      return refuse({ErrorCode::HandlerAnswer, "the fault handler answered 'retry' " +
                                                   std::to_string(kMaxRetries + 1) + " times in a row for " +
                                                   hex(address.value())});
    case mm::FaultOutcome::OutOfMemory:
      return refuse(
          {ErrorCode::OutOfMemory, "the fault handler answered 'out-of-memory' for " + hex(address.value())});
    case mm::FaultOutcome::BusError:
      ++faults_.protection;
      return refuse(
          {ErrorCode::BusError, "the fault handler answered 'bus-error' for " + hex(address.value())});
    case mm::FaultOutcome::SegmentationFault:
    case mm::FaultOutcome::Blocked: break;
  }
  ++faults_.protection;
  return refuse({ErrorCode::SegmentationFault,
                 "the fault handler answered 'segmentation-fault' for " + hex(address.value())});
}

// Nothing: the answer comes later, or the handler broke down.
template <class Ways>
std::optional<mm::FaultReply> Core<Ways>::ask_handler(VirtAddr address, AccessKind kind,
                                                      const paging::WalkResult& walk, mm::FaultKind fault,
                                                      Time at) {
  mm::FaultReply reply;
  if (reply_) {
    reply = *reply_;
    reply_.reset();
  } else {
    settle_counts();
    reply = handler_->handle({address, walk.error_code, kind, fault, instruction_pointer(address, kind, at)});
  }
  if (reply.failed) {
    refuse({ErrorCode::HandlerFailed, "the fault handler failed on " + hex(address.value())});
    return std::nullopt;
  }
  if (!reply.pending) return reply;
  stop_ = Stop::Pending;
  return std::nullopt;
}

template <class Ways>
bool Core<Ways>::resolve(mm::FaultKind fault, VirtAddr address, AccessKind kind,
                         const paging::WalkResult& walk, Time at) {
  if (walk.end != paging::WalkEnd::NotPresent) {
    ++faults_.protection;
    return refuse(
        {ErrorCode::SegmentationFault, "the page tables refuse the access to " + hex(address.value())});
  }
  return load_page(fault, address, kind, parts_->pager.leaf_at(walk), at);
}

template <class Ways>
bool Core<Ways>::load_page(mm::FaultKind fault, VirtAddr address, AccessKind kind, const paging::Leaf& leaf,
                           Time at) {
  if (!parts_->pager.serve(address, kind, leaf, at)) [[unlikely]]
    return refuse_page(address);
  inserted_ = true;
  last_fault_ = fault;
  ++(fault == mm::FaultKind::Major ? faults_.major : faults_.minor);
  return config_.validate_every == 0 || is_healthy();
}

template <class Ways>
bool Core<Ways>::refuse(Error error) {
  error_ = std::move(error);
  stop_ = Stop::Refused;
  return false;
}

template <class Ways>
bool Core<Ways>::refuse_page(VirtAddr address) {
  return refuse({ErrorCode::OutOfMemory,
                 "no frame is free for the page at " + hex(address.value()) +
                     " and nothing can be evicted (" + std::to_string(parts_->allocator.usable_frames()) +
                     " frames, " + std::to_string(parts_->mapper.table_count()) + " of them tables)"});
}

template <class Ways>
Step Core<Ways>::refuse_kind(unsigned kind) {
  refuse({ErrorCode::OutOfRange,
          "kind: expected 0 (fetch), 1 (load), 2 (store) or 3 (modify), got " + std::to_string(kind)});
  return Step::Stopped;
}

template <class Ways>
Step Core<Ways>::refuse_address(VirtAddr address) {
  refuse({ErrorCode::NotCanonical, "expected an address that is canonical for " +
                                       std::to_string(parts_->mmu.virtual_bits()) + " bits, got " +
                                       hex(address.value())});
  return Step::Stopped;
}

// The address of the last fetch before the access, where the input tells.
template <class Ways>
std::optional<VirtAddr> Core<Ways>::instruction_pointer(VirtAddr address, AccessKind kind, Time at) {
  if (kind == AccessKind::Fetch) return address;
  if (words_.empty()) return std::nullopt;
  note_fetches(static_cast<std::size_t>(at - clock_ - 1));
  return last_fetch_;
}

// Keeps the last fetch of the words up to `end`. However many faults ask, each word is looked at once.
template <class Ways>
void Core<Ways>::note_fetches(std::size_t end) {
  if (const auto fetch = last_fetch_in(words_.subspan(noted_, end - noted_))) last_fetch_ = fetch;
  noted_ = end;
}

}  // namespace pw::machine
