// SPDX-License-Identifier: MIT
// The core whose TLBs choose ways by SRRIP.
#include "machine/core/all.h"

namespace pw::machine {

template class Core<tlb::SrripWays>;

}  // namespace pw::machine
