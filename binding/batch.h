// SPDX-License-Identifier: MIT
// A batch of addresses from JavaScript through a machine.
#pragma once

#include <napi.h>

#include "machine/machine.h"

namespace pw::binding {

// Whether JavaScript can run while the batch is simulated, and so could detach its memory.
enum class Handlers : bool { None, Some };

// Addresses as a BigUint64Array (used in place where no handler can run) or a Float64Array; kinds as a
// Uint8Array or undefined for loads. Raises what the machine refused.
void replay_batch(machine::Machine& machine, const Napi::Value& addresses, const Napi::Value& kinds,
                  Handlers handlers);

}  // namespace pw::binding
