// SPDX-License-Identifier: MIT
// What runs tell of themselves, and what replays of programs counted.
#pragma once

#include <napi.h>

#include "programs/program_replay.h"

namespace pw::binding {

// { position, total, accesses, faults }
Napi::Object progress_to_js(Napi::Env env, const trace::AccessSource& source,
                            const trace::ReplayProgress& progress);
// { list: [{ recorded, pid, accesses }], events, differing, differences, refused, skipped, guessedRegions }
Napi::Object programs_to_js(Napi::Env env, const programs::ProgramReplay& replay);
// { kind: number, …, failed, unrelated, cut }
Napi::Object events_to_js(Napi::Env env, const trace::EventCounts& events);

}  // namespace pw::binding
