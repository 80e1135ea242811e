// SPDX-License-Identifier: MIT
// The ordered chain of fault handlers: the first that does not pass decides.
//
// The order is Linux's (arch/x86/mm/fault.c, mm/memory.c): first what no memory could make right, then rights, then
// where the page comes from. Handlers behind bad_address may rely on fault.vma, those behind the rights on `leaf`.
#pragma once

#include <span>
#include <string_view>

#include "mm/fault/space_fault.h"

namespace pw::mm {

struct FaultStep {
  std::string_view name;
  FaultOutcome (*handle)(SpaceFault& fault);
};

std::span<const FaultStep> fault_chain();

// Never Pass.
FaultOutcome handle(SpaceFault& fault);

// The page is resident afterwards, with R/W if `write`. For calls that bring pages in ahead of accesses.
FaultOutcome fault_in(AddressSpace& space, VirtPage page, bool write);

}  // namespace pw::mm
