// SPDX-License-Identifier: MIT
// States in files.
#include "trace/file.h"
#include "state/machine_state.h"

namespace pw::state {

Status save_state(const MachineState& state, const phys::PhysicalMemory& memory, const std::string& path) {
  PW_TRY_ASSIGN(const auto file, trace::OutputFile::create(path));
  PW_TRY(write_state(state, memory, [&](std::string_view bytes) { return file->write(bytes); }));
  return file->commit();
}

Result<MachineState> load_state(const std::string& path, const MakeMemory& make_memory) {
  const trace::FileContent content{
      .noun = "state", .missing = ErrorCode::StateNotFound, .unreadable = ErrorCode::StateUnreadable};
  PW_TRY_ASSIGN(const auto file, trace::InputFile::open(path, content));
  auto state = read_state([&](std::span<char> into) { return file->read(into); }, make_memory);
  if (state.ok() || state.error().file) return state;
  Error error = state.error();
  error.message = path + ": " + error.message;
  error.file = path;
  return error;
}

}  // namespace pw::state
