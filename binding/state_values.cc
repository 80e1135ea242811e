// SPDX-License-Identifier: MIT
// Saved states.
#include "binding/state_values.h"

#include <algorithm>
#include <span>

#include "binding/addresses.h"
#include "binding/mmu_values.h"
#include "binding/physical_memory_wrap.h"
#include "binding/values.h"
#include "state/layout.h"

namespace pw::binding {
namespace {

state::Source source_of(std::span<const std::uint8_t> bytes) {
  return [bytes](std::span<char> into) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(into.size(), bytes.size());
    std::copy_n(bytes.begin(), count, into.begin());
    bytes = bytes.subspan(count);
    return count;
  };
}

Napi::Object state_to_js(Napi::Env env, const state::MachineState& state) {
  const state::Registers& registers = state.registers;
  Napi::Object processor = Napi::Object::New(env);
  processor["maxPhysAddr"] = to_js(env, registers.processor.max_phys_bits);
  processor["pages1GiB"] = to_js(env, registers.processor.pages_1gib);
  Napi::Object object = Napi::Object::New(env);
  object["processor"] = processor;
  object["control"] = control_bits_to_js(env, registers.control);
  object["cr3"] = registers.cr3 ? address_to_js(env, *registers.cr3) : env.Null();
  object["pkru"] = address_to_js(env, registers.pkru);
  object["pkrs"] = address_to_js(env, registers.pkrs);
  object["config"] = to_js(env, std::string_view(state.config));
  return object;
}

Napi::Value load_state(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Function make = function_of(info[1], "makeMemory");
  const state::MakeMemory make_memory = [&](std::uint64_t bytes) -> phys::PhysicalMemory& {
    return *PhysicalMemoryWrap::from(make.Call({Napi::Number::New(env, static_cast<double>(bytes))}))
                .memory();
  };
  return guarded(env, [&] {
    auto loaded =
        info[0].IsString()
            ? state::load_state(text_of(info[0], "path"), make_memory)
            : state::read_state(
                  source_of(view_of<Napi::Uint8Array>(info[0], napi_uint8_array, "a Uint8Array", "bytes")),
                  make_memory);
    return state_to_js(env, value_or_raise(env, std::move(loaded)));
  });
}

}  // namespace

Napi::Value save_state(const Napi::CallbackInfo& info, const state::Registers& registers,
                       const phys::PhysicalMemory& memory) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const state::MachineState state{registers, text_of(info[1], "config")};
    if (state.config.size() > state::kMaxConfigBytes)
      raise(env, ErrorCode::OutOfRange,
            "config: expected at most " + std::to_string(state::kMaxConfigBytes) + " bytes of text, got " +
                std::to_string(state.config.size()));
    if (!is_absent(info[0])) {
      value_or_raise(env, state::save_state(state, memory, text_of(info[0], "path")));
      return env.Undefined();
    }
    std::string bytes;
    const state::Sink append = [&](std::string_view more) -> Status {
      bytes += more;
      return Done{};
    };
    value_or_raise(env, state::write_state(state, memory, append));
    return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
  });
}

void define_states(Napi::Env env, Napi::Object exports) {
  exports["loadState"] = Napi::Function::New<load_state>(env);
}

}  // namespace pw::binding
