// SPDX-License-Identifier: MIT
// Cores with small TLBs over one memory with several trees of tables: what the tests of shootdowns stand on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mmu/shootdown.h"
#include "mmu_case.h"

namespace pw::test {

using Core = mmu::ArchitecturalMmu<tlb::LruWays>;

struct CoreGroup {
  static constexpr std::uint64_t kKeep = mmu::ControlRegisters::kKeepTranslations;

  CoreGroup(std::size_t cores, std::size_t spaces, const mmu::ShootdownPolicy& policy, bool pcide = true)
      : tables(4, 64ull << 20) {
    mmu::ControlBits bits;
    bits.pcide = pcide;
    bits.pge = true;
    std::vector<Core*> all;
    for (std::size_t i = 0; i < cores; ++i) {
      mmus.push_back(std::make_unique<Core>(tables.memory, mmu::Processor{}, small_tlbs(), caches(), i));
      REQUIRE(mmus.back()->set_control(bits).ok());
      all.push_back(mmus.back().get());
    }
    plain = std::make_unique<Core>(tables.memory, mmu::Processor{}, tlb::HierarchyConfig{},
                                   tlb::StructureCacheConfig{}, 0);
    REQUIRE(plain->set_control(bits).ok());
    group = std::make_unique<mmu::Shootdowns<Core>>(all, policy);
    for (std::size_t i = 0; i < spaces; ++i) {
      mappers.push_back(std::make_unique<paging::Mapper>(tables.memory, tables.allocator, tables.frames, 4));
      group->add_space(mappers[i]->root(), Asid(i + 1));
    }
  }

  static tlb::StructureCacheConfig caches() { return {2, 4, 8}; }

  void enter(std::size_t core, std::size_t space) { REQUIRE(group->switch_to(core, space).ok()); }
  // The space that a core runs.
  std::optional<std::size_t> current(std::size_t core) const {
    for (std::size_t space = 0; space < mappers.size(); ++space)
      if (group->runs(core, group->space(space))) return space;
    return std::nullopt;
  }
  void map(std::size_t space, VirtAddr page, std::uint64_t frame, std::uint64_t flags = 6) {
    auto change = mappers[space]->map(page, PhysAddr(frame), PageSize::Size4KiB, paging::LeafFlags{flags});
    REQUIRE(change.ok());
    std::move(change).value().ignore("the entry becomes present");
  }
  void unmap(std::size_t core, std::size_t space, VirtAddr page) {
    auto change = mappers[space]->unmap(page);
    REQUIRE(change.ok());
    group->post(core, space, std::move(change).value());
  }
  bool reaches(std::size_t core, VirtAddr page, paging::AccessType type = kUserRead) {
    return !mmus[core]->access({page, 1, type}).exception.has_value();
  }

  // What a core holds for a page of a space and the tables no longer say; empty where there is nothing.
  std::string stale(std::size_t core, std::size_t space, VirtAddr page) {
    const mmu::Space tags{pcid(core, space), true};
    const auto root = paging::WalkStart::root(mappers[space]->root(), 4);
    const paging::Walker walker(tables.memory, plain->registers().control());
    const paging::WalkResult walk = walker.probe(root, page, kKernelRead);
    const bool translated = walk.end == paging::WalkEnd::Translated;
    for (const AccessKind kind : {AccessKind::Fetch, AccessKind::Load}) {
      const auto hit = mmus[core]->caches().find(kind, page, tags);
      if (hit && (!translated || grants_more(*hit, walk))) return "a TLB entry";
    }
    const auto start = tlb::peek_start(mmus[core]->caches().structure_caches(), page, tags.pcid, root);
    const paging::WalkResult shorter = walker.probe(start, page, kKernelRead);
    if (shorter.end == paging::WalkEnd::Translated &&
        (!translated || shorter.page.bits() != walk.page.bits() || shorter.slot != walk.slot))
      return "an upper entry";
    return {};
  }

  Tables tables;
  std::vector<std::unique_ptr<Core>> mmus;
  std::unique_ptr<Core> plain;  // caches nothing
  std::vector<std::unique_ptr<paging::Mapper>> mappers;
  std::unique_ptr<mmu::Shootdowns<Core>> group;

 private:
  Asid pcid(std::size_t core, std::size_t space) const {
    return mmus[core]->registers().bits().pcide ? group->space(space).pcid : Asid(0);
  }
  template <class Hit>
  static bool grants_more(const Hit& hit, const paging::WalkResult& walk) {
    constexpr std::uint64_t kGranting = paging::flag::kWritable | paging::flag::kUser;
    const std::uint64_t held = hit.translation.page.bits() ^ paging::flag::kNoExecute;
    const std::uint64_t said = walk.page.bits() ^ paging::flag::kNoExecute;
    const std::uint64_t more = held & ~said & (kGranting | paging::flag::kNoExecute);
    return more != 0 || hit.translation.size != walk.page_size() ||
           hit.translation.page.page(walk.page_size()) != walk.page.page(walk.page_size());
  }
};

}  // namespace pw::test
