// SPDX-License-Identifier: MIT
// How a core is built: its parts, its filter and its routes.
#pragma once

#include <string>
#include <type_traits>

#include "machine/core/core.h"
#include "policy/replacement/registry.h"

namespace pw::machine {

inline paging::Control control_of(const Config& config) {
  paging::Control control;
  control.levels = config.levels;
  return control;
}

// In pages. Where the map has holes, what it leaves is the limit that the frame numbers do not tell.
std::uint64_t resident_limit_of(const Config& config, const phys::MemoryMap& map);
std::string describe_processor(const Config& config);
// The step fails if the memory map leaves no place for a page.
void begin_paging(BootSequence& boot, const Config& config, const MemoryParts& parts);

inline std::unique_ptr<policy::ReplacementPolicy> make_policy(const Config& config,
                                                              const policy::PolicyContext& context) {
  if (config.make_policy) return config.make_policy(context);
  auto made = policy::make_policy(config.policy, context);
  PW_CHECK(made.ok());
  return std::move(made).value();
}

template <class Ways>
Parts<Ways>::Parts(const Config& config, mm::Translations& translations, policy::WithheldUses& uses,
                   BootSequence& boot)
    : MemoryParts(config, boot),
      mmu(boot.step(
          "processor",
          [&] {
            return mmu::Mmu<Ways>(memory, control_of(config), config.tlb, config.structure_caches,
                                  config.seed);
          },
          [&config] { return describe_processor(config); })),
      pager(((void)begin_paging(boot, config, *this), mm::PhysicalParts{memory, allocator, frames}), mapper,
            translations, config.page_size, resident_limit_of(config, map)),
      rng(config.seed) {
  boot.begin("replacement policy", [&config] { return config.policy; });
  const policy::PolicyContext context{.frames = pager.policy_frames(),
                                      .capacity = pager.capacity(),
                                      .rng = &rng,
                                      .accessed_bits = config.observe == Observe::Hardware ? &pager : nullptr,
                                      .withheld_uses = config.observe == Observe::Exact ? &uses : nullptr,
                                      .dirty_bits = &pager};
  pager.set_policy(make_policy(config, context));
  touches.deliver_to(pager.policy());
  last_uses = pager.policy().last_uses();
  mmu.set_root(mapper.root());
}

template <class Ways>
Core<Ways>::Core(const Config& config, BootSequence& boot) : config_(config) {
  build(boot);
}

template <class Ways>
void Core<Ways>::reset() {
  BootSequence boot;
  build(boot);
}

template <class Ways>
void Core<Ways>::build(BootSequence& boot) {
  parts_.reset();
  parts_ = std::make_unique<Parts<Ways>>(config_, static_cast<mm::Translations&>(*this),
                                         static_cast<policy::WithheldUses&>(*this), boot);
  boot_log_ = boot.finish();
  observation_ = config_.observe == Observe::Hardware ? policy::Observation::Nothing
                                                      : parts_->pager.policy().observation();
  clock_ = 0;
  lookups_ = {};
  faults_ = {};
  invalidations_ = 0;
  retries_ = 0;
  reply_.reset();
  last_fetch_.reset();
  half_space_ = 1ull << (parts_->mmu.virtual_bits() - 1);
  configure_filter();
}

// A kind of access is filtered if it has a TLB of the first level that holds the pages which demand paging
// maps. A modify that is a load and then a store is so only if both look the same TLB up and nobody counts
// references.
template <class Ways>
void Core<Ways>::configure_filter() {
  routes_ = {};
  for (unsigned kind = 0; kind < kAccessKinds; ++kind) route_of_[kind] = &routes_[kind];
  const auto& tlbs = parts_->mmu.tlbs();
  const auto& loads = tlbs.path(AccessKind::Load);
  const auto& stores = tlbs.path(AccessKind::Store);
  const bool apart = loads.is_empty() || stores.is_empty() || &loads[0] != &stores[0];
  const bool two_references =
      config_.modify == Modify::Twice && (apart || observation_ == policy::Observation::Runs);
  for (unsigned i = 0; i < kAccessKinds; ++i) {
    const auto kind = static_cast<AccessKind>(i);
    const auto& path = tlbs.path(kind);
    const bool has_first = !path.is_empty() && path[0].level() == 1;
    tlb::Array<Ways>* first = has_first ? path.array(0, config_.page_size) : nullptr;
    if (first == nullptr || (kind == AccessKind::Modify && two_references)) continue;
    parts_->filter.serve(kind, mmu::operation_of(kind), *first);
  }
  // Once it is known how many operations each array serves.
  for (unsigned i = 0; i < kAccessKinds; ++i) {
    const auto kind = static_cast<AccessKind>(i);
    if (parts_->filter.array(kind) != nullptr &&
        (kind != AccessKind::Modify || config_.modify == Modify::Once))
      configure_route(kind);
  }
}

// REQUIRES: the kind is filtered and one reference.
template <class Ways>
void Core<Ways>::configure_route(AccessKind kind) {
  if constexpr (std::is_same_v<Ways, tlb::LruWays>) {
    const auto& path = parts_->mmu.tlbs().path(kind);
    if (path.size() != 2 || config_.page_size != PageSize::Size4KiB) return;
    tlb::Array<Ways>* first = path.array(0, config_.page_size);
    tlb::Array<Ways>* second = path.array(1, config_.page_size);
    mmu::FilteredArray<Ways>& filtered = *parts_->filter.array(kind);
    if (filtered.operations() > 2) return;
    if (second == nullptr || !first->has_power_of_two_sets() || !second->has_power_of_two_sets()) return;
    const mmu::Grant grant = mmu::Grant::user(mmu::operation_of(kind));
    mmu::Lane& own = parts_->filter.lane(kind);
    const bool serves_loads = is_write(kind) && &filtered == parts_->filter.array(AccessKind::Load);
    routes_[static_cast<unsigned>(kind)] = {
        .first = first->set_memory(),
        .second = second->set_memory(),
        .own = &own,
        .other = &filtered.lane_beside(own),
        .weaker = serves_loads ? &parts_->filter.lane(AccessKind::Load) : &own,
        .kind = kind,
        .grant = grant,
        .settled_leaf = parts_->mmu.walker().settled_for(grant.bits())};
  }
}

}  // namespace pw::machine
