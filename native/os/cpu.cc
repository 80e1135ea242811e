// SPDX-License-Identifier: MIT
#include "os/cpu.h"

#include <utility>

#include "base/check.h"

namespace pw::os {

void Cpu::connect(phys::PhysicalMemory& memory, unsigned levels) {
  PW_CHECK(mmu_ == nullptr);
  mmu_ = std::make_unique<Mmu>(memory, mmu::Processor{}, config_.tlb, config_.structure_caches, config_.seed);
  PW_CHECK(mmu_->set_control({.pke = config_.protection_keys, .pcide = true, .la57 = levels == 5}).ok());
}

void Cpu::enter(const mm::AddressSpace& space, std::uint32_t pkru) {
  if (pkru != pkru_) mmu_->set_keys(pkru, 0);
  pkru_ = pkru;
  if (space.id() == current_ && space.root() == root_) return;
  const std::uint32_t pcid = pcid_of(space.id());
  const bool keeps = owners_[pcid] == space.id();
  counters_.pcids_taken_over += !keeps && owners_[pcid] != 0;
  owners_[pcid] = space.id();
  const std::uint64_t keep = keeps ? mmu::ControlRegisters::kKeepTranslations : 0;
  PW_CHECK(mmu_->write_cr3(space.root().value() | pcid | keep).ok());
  current_ = space.id();
  root_ = space.root();
  ++counters_.switches;
}

void Cpu::forget(mm::SpaceId space, VirtPage page) {
  const std::uint32_t pcid = pcid_of(space);
  if (owners_[pcid] != space) return;
  ++counters_.invalidations;
  if (space == current_)
    mmu_->invlpg(address_of(page));
  else
    PW_CHECK(mmu_->invpcid(mmu::InvpcidType::Address, pcid, address_of(page)).ok());
}

void Cpu::forget_all(mm::SpaceId space) {
  const std::uint32_t pcid = pcid_of(space);
  if (owners_[pcid] != space) return;
  ++counters_.space_flushes;
  PW_CHECK(mmu_->invpcid(mmu::InvpcidType::Pcid, pcid, VirtAddr(0)).ok());
}

}  // namespace pw::os
