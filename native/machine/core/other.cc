// SPDX-License-Identifier: MIT
// The core whose TLBs choose ways otherwise.
#include "machine/core/all.h"

namespace pw::machine {

template class Core<tlb::AnyWays>;

}  // namespace pw::machine
