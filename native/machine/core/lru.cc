// SPDX-License-Identifier: MIT
// The core whose TLBs choose ways by true LRU.
#include "machine/core/all.h"

namespace pw::machine {

template class Core<tlb::LruWays>;

}  // namespace pw::machine
