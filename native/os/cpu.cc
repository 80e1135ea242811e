// SPDX-License-Identifier: MIT
#include "os/cpu.h"

#include <map>
#include <utility>

#include "base/check.h"
#include "base/hex.h"

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

namespace {

using Spaces = std::map<mm::SpaceId, const mm::AddressSpace*>;

void check_translation(const std::string& tlb, const mm::AddressSpace* space, tlb::Tag tag, tlb::Entry cached,
                       HealthCheck& check) {
  ++check.checked;
  const PageSize size = tlb::size_of(tag);
  const VirtAddr address = tlb::address_of(tag, size);
  const std::string who = tlb + " holds address " + hex(address.value());
  const auto leaf = space == nullptr ? std::nullopt : space->mapper().find(address);
  if (!leaf) return check.problems.push_back(who + " of a space that does not map it");
  const paging::Entry mapped(*leaf->slot);
  if (mapped.page(size) != cached.page(size)) check.problems.push_back(who + " with another frame");
  const std::uint64_t more = cached.bits() & ~mapped.bits();
  if (more & (paging::flag::kWritable | paging::flag::kUser | paging::flag::kDirty))
    check.problems.push_back(who + " with more rights than the tables");
}

void check_upper(const mm::AddressSpace* space, std::uint64_t tag, paging::Level level, tlb::Entry upper,
                 HealthCheck& check) {
  ++check.checked;
  const std::uint64_t page = tag & ((1ull << tlb::StructureCaches::kAsidShift) - 1);
  const VirtAddr address = sign_extend(page << paging::shift_of(level), kMaxVirtBits);
  const auto slot = space == nullptr ? std::nullopt : space->mapper().find_slot(address, level);
  if (!slot || paging::Entry(*slot->slot).table() != upper.table())
    check.problems.push_back("the " + std::string(paging::entry_name(level)) +
                             " cache disagrees with the tables for address " + hex(address.value()));
}

}  // namespace

HealthReport Cpu::health(const mm::Kernel& kernel) const {
  Spaces spaces;
  kernel.for_each_space([&](mm::AddressSpace& space) { spaces[space.id()] = &space; });
  const auto space_of = [&](Asid pcid) -> const mm::AddressSpace* {
    const auto owner = spaces.find(owners_[pcid.value()]);
    return owner == spaces.end() ? nullptr : owner->second;
  };
  HealthCheck tlbs{"TLBs", "translations"};
  for (const auto& tlb : mmu_->caches().tlbs().tlbs())
    tlb.for_each([&](tlb::Tag tag, tlb::Entry cached, tlb::Time) {
      check_translation(tlb.name(), space_of(tlb::asid_of(tag)), tag, cached, tlbs);
    });
  HealthCheck caches{"paging-structure caches", "entries"};
  mmu_->caches().structure_caches().for_each([&](std::uint64_t tag, paging::Level level, tlb::Entry upper) {
    check_upper(space_of(Asid(tag >> tlb::StructureCaches::kAsidShift)), tag, level, upper, caches);
  });
  return {std::move(tlbs), std::move(caches)};
}

}  // namespace pw::os
