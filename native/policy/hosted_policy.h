// SPDX-License-Identifier: MIT
// A replacement policy whose decisions are made by a host outside the simulator (policy_host.h). It keeps the
// books that the host has no access to, writes events into the host's columns, and checks what the host
// answers.
//
// - With exact observation a host that observes references is told of each run of them.
// - With hardware observation it is told of a use when it names a page whose Accessed bit is set, and is then
//   asked again, as adapter.h does for the policies of the table. While it chooses it may test bits.
// - Where the host fails, choose_victim answers kNoVictim; nothing has changed then.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/hash_index.h"
#include "base/lazy_array.h"
#include "policy/policy_host.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class HostedPolicy final : public ReplacementPolicy {
 public:
  // REQUIRES: the host outlives this, up to its destructor; context.capacity < 2^32.
  HostedPolicy(const PolicyContext& context, PolicyHost& host);

  Observation observation() const override {
    return host_.observes_references() && !is_hardware() ? Observation::Runs : Observation::Nothing;
  }
  void on_fault(VirtPage page, std::uint64_t) override { faulting_ = page; }
  bool gives_up(std::uint64_t) override { return false; }
  bool may_give_up() const override { return false; }
  bool expects_faults() const override { return true; }
  void on_insert(const Resident& page, Arrival arrival) override;
  void on_touches(std::span<const Touch> touches) override;
  void on_remove(const Resident& page, Departure departure) override;
  FrameIndex choose_victim() override;

  // Delivers what is written.
  void flush();
  // Tells the host that every resident page leaves; the policy is not used afterwards.
  void remove_all();

  // While the host chooses: bits of a page, or nothing if it is not resident.
  std::optional<bool> test_and_clear_accessed(std::uint64_t page);
  std::optional<bool> test_dirty(std::uint64_t page);
  // Whether it may test Accessed bits.
  bool is_hardware() const { return accessed_bits_ != nullptr; }

 private:
  static constexpr std::uint32_t kNowhere = 0;  // slots are kept plus one

  std::uint32_t find(std::uint64_t page) const;
  std::uint32_t take_slot();
  void write(PolicyEvent event, double page, std::uint32_t slot, std::uint32_t count);
  void write(PolicyEvent event, std::uint32_t slot, std::uint32_t count = 1) {
    write(event, static_cast<double>(page_of_[slot]), slot, count);
  }
  // Puts the host's answer into queue_; false if there is none that can be used.
  bool ask();
  // The slot of the next victim, or kNowhere.
  std::uint32_t next_queued();

  PolicyHost& host_;
  EventColumns columns_;
  AccessedBits* accessed_bits_;
  DirtyBits* dirty_bits_;
  std::size_t rows_ = 0;  // written and not delivered
  VirtPage faulting_;

  LazyArray<std::uint32_t> slot_in_;   // by frame, plus one
  LazyArray<std::uint64_t> page_of_;   // by slot
  LazyArray<std::uint32_t> frame_of_;  // by slot
  HashIndex slot_of_page_;             // plus one
  std::vector<std::uint32_t> free_;    // slots whose pages left
  std::uint32_t slots_ = 0;            // at and above never used
  std::vector<std::uint64_t> queue_;   // pages named, the next one at queued_
  std::size_t queued_ = 0;
  std::optional<FrameIndex> candidate_;  // named already, and not removed yet
};

}  // namespace pw::policy
