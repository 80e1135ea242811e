// SPDX-License-Identifier: MIT
// The core whose TLBs choose ways by FIFO.
#include "machine/core/all.h"

namespace pw::machine {

template class Core<tlb::FifoWays>;

}  // namespace pw::machine
