// SPDX-License-Identifier: MIT
// Whether what a core's TLBs and paging-structure caches hold is what the tables say.
#include <map>
#include <utility>

#include "base/hex.h"
#include "os/cpu.h"

namespace pw::os {
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
