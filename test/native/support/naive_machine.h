// SPDX-License-Identifier: MIT
// The naive twin of the whole machine: what docs/reference/counting.md says, step by step, with standard
// containers and no page tables. Way choice and policy `random` are left out: chance has no twin.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/access.h"
#include "machine/config.h"
#include "machine/stats.h"
#include "support/naive_replacement.h"
#include "support/naive_tlb.h"

namespace pw::test {

class NaiveMachine {
 public:
  explicit NaiveMachine(const machine::Config& config)
      : config_(config),
        shift_(shift_of(config.page_size)),
        pml4e_(config.structure_caches.pml4e),
        pdpte_(config.structure_caches.pdpte),
        pde_(config.structure_caches.pde),
        replacement_(
            config.policy,
            config.observe == machine::Observe::Exact
                ? NaiveReplacement::TestAndClear()
                : [this](std::uint64_t page) { return std::exchange(pages_[page].accessed, false); }) {
    for (const tlb::TlbConfig& tlb : config.tlb.tlbs)
      tlbs_.emplace_back(tlb, config.page_size, config.tlb.way_choice);
    stats_.memory.frames = config.memory_bytes >> kFrameShift;
    stats_.memory.table_frames = 1;
  }
  NaiveMachine(const NaiveMachine&) = delete;

  // One word of the stream; false if it was refused.
  bool access(PackedAccess word) {
    const VirtAddr address = address_of(word);
    const std::uint64_t number = (address.value() & kAddressMask) >> shift_;
    if (is_second_half(word) && number == last_page_) return true;
    last_page_ = number;
    if (!is_canonical(address, 12 + 9 * config_.levels)) return false;
    const AccessKind kind = kind_of(word);
    if (kind != AccessKind::Modify || config_.modify == machine::Modify::Once) return reference(number, kind);
    return reference(number, AccessKind::Load) && reference(number, AccessKind::Store);
  }

  machine::Stats stats() const {
    machine::Stats stats = stats_;
    for (std::size_t i = 0; i < tlbs_.size(); ++i)
      stats.tlbs.push_back(
          {config_.tlb.tlbs[i].name, config_.tlb.tlbs[i].level, tlbs_[i].hits, tlbs_[i].misses});
    stats.memory.resident_pages = replacement_.size();
    charge(stats);
    return stats;
  }

 private:
  struct Page {
    bool resident = false;
    bool evicted = false;  // at some time
    bool accessed = false;
    bool dirty = false;
  };

  bool reference(std::uint64_t number, AccessKind kind) {
    Page& page = pages_[number];
    const bool faults = !page.resident;
    if (faults && !serve_fault(number, page)) return false;
    translate(number, page, kind);
    if (!faults) replacement_.use(number);
    ++stats_.accesses.accesses;
    stats_.accesses.fetches += kind == AccessKind::Fetch;
    return true;
  }

  // --- translation of a page that is resident ------------------------------------------------------

  void translate(std::uint64_t number, Page& page, AccessKind kind) {
    std::vector<NaiveTlb*> missed;
    for (unsigned level = 1; level <= 4; ++level)
      for (std::size_t i = 0; i < tlbs_.size(); ++i) {
        const tlb::TlbConfig& config = config_.tlb.tlbs[i];
        if (config.level != level || !config.kinds[static_cast<std::size_t>(kind)]) continue;
        if (NaiveTlb::Way* way = tlbs_[i].find(number)) {
          ++tlbs_[i].hits;
          tlbs_[i].use(*way);
          if (is_write(kind) && !way->dirty) update_dirty(number, page);
          return fill(missed, number, way->dirty);
        }
        ++tlbs_[i].misses;
        missed.push_back(&tlbs_[i]);
      }
    walk(number, page, kind);
    fill(missed, number, page.dirty);
  }

  static void fill(const std::vector<NaiveTlb*>& missed, std::uint64_t number, bool dirty) {
    for (NaiveTlb* tlb : missed) tlb->fill(number, dirty);
  }

  void update_dirty(std::uint64_t number, Page& page) {
    ++stats_.walks.dirty_updates;
    page.accessed = page.dirty = true;
    for (NaiveTlb& tlb : tlbs_)
      if (NaiveTlb::Way* way = tlb.find(number)) way->dirty = true;
  }

  void walk(std::uint64_t number, Page& page, AccessKind kind) {
    const std::uint64_t address = number << shift_;
    const unsigned leaf = static_cast<unsigned>(config_.page_size) + 1;
    const unsigned level = first_level(number);
    ++stats_.walks.total;
    stats_.walks.fetch += kind == AccessKind::Fetch;
    stats_.walks.references += level - leaf + 1;
    if (level >= 4 && leaf < 4) pml4e_.insert(address >> 39);
    if (level >= 3 && leaf < 3) pdpte_.insert(address >> 30);
    if (level >= 2 && leaf < 2) pde_.insert(address >> 21);
    page.accessed = true;
    page.dirty = page.dirty || is_write(kind);
  }

  // Of the first table that a walk reads.
  unsigned first_level(std::uint64_t number) {
    const std::uint64_t address = number << shift_;
    if (pde_.lookup(address >> 21)) return 1;
    if (pdpte_.lookup(address >> 30)) return 2;
    if (pml4e_.lookup(address >> 39)) return 3;
    return config_.levels;
  }

  // --- faults --------------------------------------------------------------------------------------

  bool serve_fault(std::uint64_t number, Page& page) {
    ++stats_.walks.faulted;
    first_level(number);  // the walk that faults is one: what it hits is used, but nothing is inserted
    if (config_.resident_limit != 0 && replacement_.size() >= config_.resident_limit) evict();
    if (!make_room()) return false;
    ++frames_held_;
    if (!create_tables(number)) {
      --frames_held_;
      return false;
    }
    ++(page.evicted ? stats_.faults.major : stats_.faults.minor);
    page = {true, page.evicted, false, false};
    replacement_.insert(number);
    stats_.memory.peak_resident_pages =
        std::max<std::uint64_t>(stats_.memory.peak_resident_pages, replacement_.size());
    return true;
  }

  // Frames of the page size, of which tables take one each; memory as the limit is meant for 4 KiB pages.
  bool make_room() {
    while (frames_held_ + stats_.memory.table_frames >= stats_.memory.frames) {
      if (replacement_.size() == 0) return false;
      evict();
    }
    return true;
  }

  bool create_tables(std::uint64_t number) {
    for (unsigned level = config_.levels - 1; level > static_cast<unsigned>(config_.page_size); --level) {
      const std::pair table{level, number << shift_ >> (12 + 9 * level)};
      if (tables_.contains(table)) continue;
      if (!make_room()) return false;
      tables_.insert(table);
      ++stats_.memory.table_frames;
    }
    return true;
  }

  void evict() {
    const std::uint64_t victim = replacement_.evict();
    Page& page = pages_[victim];
    ++stats_.replacement.evictions;
    stats_.replacement.writebacks += page.dirty;
    page = {false, true, false, false};
    --frames_held_;
    ++stats_.invalidations;
    for (NaiveTlb& tlb : tlbs_) tlb.drop(victim);
    if (config_.structure_caches_on_evict == machine::StructureCachesOnEvict::None) return;
    pml4e_.clear();
    pdpte_.clear();
    pde_.clear();
  }

  void charge(machine::Stats& stats) const {
    const CostTable& cost = config_.cost;
    for (const machine::TlbStats& tlb : stats.tlbs)
      stats.cycles.translation += tlb.hits * (tlb.level == 1 ? cost.l1_hit : cost.l2_hit);
    stats.cycles.translation += stats.walks.references * cost.walk_reference;
    stats.cycles.faults = stats.faults.minor * cost.minor_fault + stats.faults.major * cost.major_fault;
    stats.cycles.invalidations = stats.invalidations * cost.invalidation;
  }

  machine::Config config_;
  unsigned shift_;
  std::vector<NaiveTlb> tlbs_;
  NaiveStructureCache pml4e_, pdpte_, pde_;
  NaiveReplacement replacement_;
  std::map<std::uint64_t, Page> pages_;
  std::set<std::pair<unsigned, std::uint64_t>> tables_;  // level and what it translates; the root apart
  std::uint64_t frames_held_ = 0;                        // by pages
  std::uint64_t last_page_ = ~0ull;
  machine::Stats stats_;
};

}  // namespace pw::test
