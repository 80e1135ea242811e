// SPDX-License-Identifier: MIT
// The core whose TLBs choose ways by random replacement.
#include "machine/core/all.h"

namespace pw::machine {

template class Core<tlb::RandomWays>;

}  // namespace pw::machine
