// SPDX-License-Identifier: MIT
#include "mm/fault/chain.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "mm/fault/access_rights.h"
#include "mm/fault/bad_address.h"
#include "mm/fault/copy_on_write.h"
#include "mm/fault/demand_zero.h"
#include "mm/fault/kernel_access.h"
#include "mm/fault/mapping_hook.h"
#include "mm/fault/object_page.h"
#include "mm/fault/protection_key.h"
#include "mm/fault/reserved_bit.h"
#include "mm/fault/spurious.h"
#include "mm/fault/stack_growth.h"
#include "mm/fault/swap_in.h"
#include "mm/fault/user_handler.h"

namespace pw::mm {
namespace {

// Finds where the page's entry stands, for all that follow.
FaultOutcome find_leaf(SpaceFault& fault) {
  fault.leaf = fault.space.ensure_leaf(fault.page());
  if (!fault.leaf) return fault.out_of_memory();
  fault.entry = paging::Entry(*fault.leaf->slot);
  return FaultOutcome::Pass;
}

constexpr std::array kChain = {
    FaultStep{"kernel-access", kernel_access},
    FaultStep{"reserved-bit", reserved_bit},
    FaultStep{"stack-growth", stack_growth},
    FaultStep{"bad-address", bad_address},
    FaultStep{"protection-key", protection_key},
    FaultStep{"access-rights", access_rights},
    FaultStep{"find-leaf", find_leaf},
    FaultStep{"spurious", spurious},
    FaultStep{"mapping-hook", mapping_hook},
    FaultStep{"user-handler", user_handler},
    FaultStep{"swap-in", swap_in},
    FaultStep{"copy-on-write", copy_on_write},
    FaultStep{"demand-zero", demand_zero},
    FaultStep{"object-page", object_page},
};

// Written out, so that calls are direct and small steps have none.
template <std::size_t... kStep>
FaultOutcome first_decision(SpaceFault& fault, std::index_sequence<kStep...>) {
  FaultOutcome outcome = FaultOutcome::Pass;
  (void)(((outcome = kChain[kStep].handle(fault)) != FaultOutcome::Pass) || ...);
  return outcome;
}

}  // namespace

std::span<const FaultStep> fault_chain() { return kChain; }

FaultOutcome handle(SpaceFault& fault) {
  const FaultOutcome outcome = first_decision(fault, std::make_index_sequence<kChain.size()>());
  PW_CHECK(outcome != FaultOutcome::Pass);
  if (fault.grew_stack && fault.reason == FaultReason::DemandZero) fault.reason = FaultReason::StackGrowth;
  return outcome;
}

FaultOutcome fault_in(AddressSpace& space, VirtPage page, bool write) {
  constexpr unsigned kMost = 4;  // a read, then the copy; more is a mistake
  FaultOutcome outcome = FaultOutcome::Retry;
  for (unsigned i = 0; i < kMost && outcome == FaultOutcome::Retry; ++i) {
    const auto leaf = space.find_leaf(page);
    const paging::Entry entry(leaf ? *leaf->slot : 0);
    if (entry.is_present() && (!write || entry.is_writable())) return FaultOutcome::ResolvedMinor;
    SpaceFault fault{.space = space,
                     .address = address_of(page),
                     .error_code = paging::error_code::kUser | (write ? paging::error_code::kWrite : 0) |
                                   (entry.is_present() ? paging::error_code::kPresent : 0),
                     .is_call = true};
    outcome = handle(fault);
    if (is_resolved(outcome) && write && fault.is_protected())
      outcome = FaultOutcome::Retry;  // not for stores
  }
  return outcome;
}

}  // namespace pw::mm
