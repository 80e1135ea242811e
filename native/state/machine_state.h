// SPDX-License-Identifier: MIT
// What a machine is to its page walks: processor, registers, memory. Written to a file and read again; what
// TLBs and structure caches hold is not part of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mmu/control_registers.h"
#include "phys/memory.h"

namespace pw::state {

struct Registers {
  mmu::Processor processor;
  mmu::ControlBits control;
  std::optional<std::uint64_t> cr3;  // nothing before its first MOV
  std::uint32_t pkru = 0;
  std::uint32_t pkrs = 0;
};

struct MachineState {
  Registers registers;
  std::string config;  // the caller's own text, or nothing
};

// Takes all bytes that it is given.
using Sink = std::function<Status(std::string_view)>;
// Fills from the front: at least one byte, or 0 at the end.
using Source = std::function<Result<std::size_t>(std::span<char>)>;
// Makes the memory, of so many bytes, that a state is read into; it has to be zero.
using MakeMemory = std::function<phys::PhysicalMemory&(std::uint64_t bytes)>;

// REQUIRES: registers that a processor takes; a config of at most kMaxConfigBytes.
Status write_state(const MachineState& state, const phys::PhysicalMemory& memory, const Sink& sink);
// What is refused is StateTruncated, StateCorrupt or StateFormat with the offset; the memory may then have been
// made and hold a part.
Result<MachineState> read_state(const Source& source, const MakeMemory& make_memory);

// A whole file, under a temporary name until it is complete.
Status save_state(const MachineState& state, const phys::PhysicalMemory& memory, const std::string& path);
Result<MachineState> load_state(const std::string& path, const MakeMemory& make_memory);

}  // namespace pw::state
