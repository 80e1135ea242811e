// SPDX-License-Identifier: MIT
// The core whose TLBs choose ways by tree-PLRU.
#include "machine/core/all.h"

namespace pw::machine {

template class Core<tlb::TreePlruWays>;

}  // namespace pw::machine
