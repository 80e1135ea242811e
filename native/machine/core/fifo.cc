// SPDX-License-Identifier: MIT
#include "machine/core/all.h"

namespace pw::machine {

template class Core<tlb::FifoWays>;

}  // namespace pw::machine
