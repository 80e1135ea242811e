// SPDX-License-Identifier: MIT
// Values of systems of processes: configuration in; processes, VMAs, violations and counters out.
#pragma once

#include <napi.h>

#include "machine/config.h"
#include "os/system.h"

namespace pw::binding {

// The words of options that are one of a few.
void add_system_choices(Napi::Env env, Napi::Object choices);

// Of the machine's configuration and what processes add to it.
os::SystemConfig system_config_of(const machine::Config& machine, const Napi::Value& processes);

// State, faults and, unless it has ended, memory.
Napi::Object process_to_js(Napi::Env env, const os::Process& process);
// As /proc/self/maps shows them, in order.
Napi::Array vmas_to_js(Napi::Env env, const os::Process& process);
Napi::Object violation_to_js(Napi::Env env, const os::Violation& violation);
Napi::Object page_fault_to_js(Napi::Env env, const os::PageFault& fault);
Napi::Object trap_frame_to_js(Napi::Env env, const os::TrapFrame& frame);
// The exceptions that led there, and the report in words.
Napi::Object triple_fault_to_js(Napi::Env env, const os::TripleFault& fault);
// What replays do not count: swap, copies, reasons of faults, memory that ran out.
Napi::Object kernel_to_js(Napi::Env env, os::System& system);
// How many there are of what health is about.
Napi::Object counts_to_js(Napi::Env env, os::System& system);

}  // namespace pw::binding
