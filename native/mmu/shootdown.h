// SPDX-License-Identifier: MIT
// TLB shootdowns: what an operating system does when it takes a mapping away from an address space that
// several cores use. The core that changed the tables forgets by itself and sends an inter-processor
// interrupt to the others that may hold what changed (as Linux's flush_tlb_mm_range).
//
// - Holders: a core may hold translations of an address space since it last ran it, with PCIDs also while
//   it runs another. Global pages may be held by every core.
// - Lazy: a core that runs something else is not interrupted; it forgets the address space when it comes
//   back to it.
// - Batched: pages gather until flush(); more than a ceiling are forgotten by forgetting the address space.
//   Tables that were freed do not wait: a walk could go on through them.
//
// The caller tells of every change of CR3.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "mmu/address_space.h"
#include "mmu/control_registers.h"

namespace pw::mmu {

struct ShootdownPolicy {
  bool lazy = false;
  // Pages that a batch forgets one by one; nothing: each change is delivered at once.
  std::optional<std::uint32_t> batch;
};

struct ShootdownCounters {
  std::uint64_t shootdowns = 0;        // deliveries, whoever had to forget
  std::uint64_t ipis = 0;              // interrupts sent to other cores
  std::uint64_t pages = 0;             // pages forgotten one by one, by core
  std::uint64_t full_flushes = 0;      // address spaces forgotten as a whole, by core
  std::uint64_t skipped = 0;           // interrupts that laziness spared
  std::uint64_t deferred_flushes = 0;  // address spaces forgotten because of that by a core that came back
};

// Core: an MMU with registers(), write_cr3(), invlpg() and invpcid().
template <class Core>
class Shootdowns {
 public:
  // The cores stay where they are. REQUIRES: 1 to CoreSet::kMaxCores.
  Shootdowns(std::vector<Core*> cores, const ShootdownPolicy& policy)
      : cores_(std::move(cores)), everyone_(CoreSet::first(cores_.size())), policy_(policy) {}

  std::size_t cores() const { return cores_.size(); }
  const ShootdownCounters& counters() const { return counters_; }
  std::size_t spaces() const { return spaces_.size(); }
  const AddressSpace& space(std::size_t space) const { return spaces_[space]; }
  bool has_pcid(Asid pcid) const {
    return std::any_of(spaces_.begin(), spaces_.end(),
                       [&](const AddressSpace& space) { return space.pcid == pcid; });
  }

  // The number of a new address space. REQUIRES: no other has the root or the PCID.
  std::size_t add_space(PhysAddr root, Asid pcid) {
    spaces_.push_back({.root = root, .pcid = pcid});
    for (std::size_t core = 0; core < cores_.size(); ++core)
      if (runs(core, spaces_.back())) spaces_.back().holders.add(core);
    return spaces_.size() - 1;
  }

  // The core's scheduler enters an address space. Errors: GeneralProtection.
  Status switch_to(std::size_t core, std::size_t entered) {
    AddressSpace& space = spaces_[entered];
    std::uint64_t cr3 = space.root.value();
    if (has_pcids(core)) {
      const bool keeps = space.holders.contains(core) && !space.stale.contains(core);
      cr3 |= space.pcid.value() | (keeps ? ControlRegisters::kKeepTranslations : 0);
    }
    PW_TRY(cores_[core]->write_cr3(cr3));
    count_return(core, space);
    note_cr3(core);
    return Done{};
  }
  // CR3 of the core was written, by whomever.
  void note_cr3(std::size_t core) {
    for (AddressSpace& space : spaces_) {
      if (!has_pcids(core)) leave(core, space);
      if (!runs(core, space)) continue;
      if (count_return(core, space)) forget_space(core, space);
      space.holders.add(core);
    }
  }

  // The duty that a change leaves, taken over on the core that made it.
  void post(std::size_t core, std::size_t changed, const paging::PendingInvalidation& change) {
    if (change.scope() == paging::InvalidationScope::Nothing) return;
    AddressSpace& space = spaces_[changed];
    space.gathered.add(change, ceiling());
    if (!policy_.batch || change.scope() == paging::InvalidationScope::Tables) deliver(core, space);
  }
  // Delivers what was gathered.
  void flush(std::size_t core) {
    for (AddressSpace& space : spaces_)
      if (!space.gathered.is_empty()) deliver(core, space);
  }
  // Whether changes wait for a flush().
  bool is_pending(std::size_t space) const { return !spaces_[space].gathered.is_empty(); }

  bool runs(std::size_t core, const AddressSpace& space) const {
    const ControlRegisters& registers = cores_[core]->registers();
    if (registers.root().upper.table() != space.root) return false;
    return !has_pcids(core) || registers.pcid() == space.pcid;
  }

 private:
  std::size_t ceiling() const {
    return policy_.batch ? *policy_.batch : std::numeric_limits<std::size_t>::max();
  }
  bool has_pcids(std::size_t core) const { return cores_[core]->registers().bits().pcide; }

  static void leave(std::size_t core, AddressSpace& space) {
    space.holders.remove(core);
    space.stale.remove(core);
  }
  // A core that was spared a shootdown enters the address space.
  bool count_return(std::size_t core, AddressSpace& space) {
    if (!space.stale.contains(core)) return false;
    space.stale.remove(core);
    ++counters_.deferred_flushes;
    return true;
  }

  void deliver(std::size_t initiator, AddressSpace& space) {
    const GatheredPages gathered = std::exchange(space.gathered, {});
    ++counters_.shootdowns;
    const CoreSet targets = gathered.has_global() ? everyone_ : space.holders;
    targets.for_each([&](std::size_t core) {
      if (policy_.lazy && !gathered.has_global() && !runs(core, space)) {
        space.stale.add(core);
        counters_.skipped += core != initiator;
        return;
      }
      counters_.ipis += core != initiator;
      execute(core, space, gathered);
    });
  }

  // What a core does when the interrupt arrives.
  void execute(std::size_t core, AddressSpace& space, const GatheredPages& gathered) {
    if (gathered.pages().size() > ceiling()) {
      ++counters_.full_flushes;
      if (gathered.has_global()) return forget_everything(core);
      forget_space(core, space);
      if (!runs(core, space)) leave(core, space);
      return;
    }
    for (const VirtAddr page : gathered.pages()) {
      ++counters_.pages;
      forget_page(core, space, page, gathered.has_global());
    }
  }

  // INVLPG reaches the current address space and global pages, INVPCID the others.
  void forget_page(std::size_t core, const AddressSpace& space, VirtAddr page, bool is_global) {
    Core& mmu = *cores_[core];
    const bool runs_it = runs(core, space);
    if (runs_it || is_global) mmu.invlpg(page);
    if (!runs_it && has_pcids(core) && is_canonical(page, mmu.registers().virtual_bits()))
      PW_CHECK(mmu.invpcid(InvpcidType::Address, space.pcid.value(), page).ok());
  }
  void forget_space(std::size_t core, const AddressSpace& space) {
    Core& mmu = *cores_[core];
    if (has_pcids(core))
      PW_CHECK(mmu.invpcid(InvpcidType::Pcid, space.pcid.value(), VirtAddr(0)).ok());
    else if (runs(core, space))
      PW_CHECK(mmu.write_cr3(mmu.registers().cr3()).ok());
  }
  void forget_everything(std::size_t core) {
    PW_CHECK(cores_[core]->invpcid(InvpcidType::EverythingAndGlobals, 0, VirtAddr(0)).ok());
    for (AddressSpace& space : spaces_)
      if (!runs(core, space)) leave(core, space);
  }

  std::vector<Core*> cores_;
  CoreSet everyone_;
  ShootdownPolicy policy_;
  std::deque<AddressSpace> spaces_;
  ShootdownCounters counters_;
};

}  // namespace pw::mmu
