// SPDX-License-Identifier: MIT
// The core on which processes run: an MMU with PCIDs, which address space it runs, and what changes of tables
// make it forget. (Several cores share address spaces through mmu/shootdown.h; a system has one.)
//
// A PCID belongs to the address space that ran under it last; another one that takes it over begins with nothing
// cached. So more address spaces may live than there are PCIDs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/access.h"
#include "base/health_report.h"
#include "mm/address_space.h"
#include "mm/space_translations.h"
#include "mmu/architectural_mmu.h"
#include "tlb/config.h"

namespace pw::os {

struct CpuConfig {
  tlb::HierarchyConfig tlb;
  tlb::StructureCacheConfig structure_caches;
  bool protection_keys = false;  // CR4.PKE
  std::uint64_t seed = 0;
};

struct CpuCounters {
  std::uint64_t switches = 0;
  std::uint64_t invalidations = 0;  // of single pages
  std::uint64_t space_flushes = 0;  // of whole address spaces
  std::uint64_t pcids_taken_over = 0;
};

class Cpu final : public mm::SpaceTranslations {
 public:
  using Mmu = mmu::ArchitecturalMmu<tlb::LruWays>;
  static constexpr std::uint32_t kPcids = 4095;  // 1 to 4095; 0 is the kernel's own

  explicit Cpu(const CpuConfig& config) : config_(config) {}
  // REQUIRES: called once, before anything else.
  void connect(phys::PhysicalMemory& memory, unsigned levels);

  Mmu& mmu() { return *mmu_; }
  const Mmu& mmu() const { return *mmu_; }
  const CpuCounters& counters() const { return counters_; }

  // Enters an address space with the rights of its protection keys, if they are not in force already.
  void run(const mm::AddressSpace& space, std::uint32_t pkru = 0) {
    if (space.id() != current_ || space.root() != root_ || pkru != pkru_) enter(space, pkru);
  }
  void forget(mm::SpaceId space, VirtPage page) override;
  void forget_all(mm::SpaceId space) override;

  // What TLBs and paging-structure caches hold is what the tables of the owner of the PCID give.
  HealthReport health(const mm::Kernel& kernel) const;

 private:
  static std::uint32_t pcid_of(mm::SpaceId space) { return 1 + (space - 1) % kPcids; }
  PW_NOINLINE void enter(const mm::AddressSpace& space, std::uint32_t pkru);

  CpuConfig config_;
  std::unique_ptr<Mmu> mmu_;
  mm::SpaceId current_ = 0;
  PhysAddr root_;
  std::uint32_t pkru_ = 0;
  std::array<mm::SpaceId, kPcids + 1> owners_{};
  CpuCounters counters_;
};

}  // namespace pw::os
