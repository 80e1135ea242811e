// SPDX-License-Identifier: MIT
#include "binding/option_tables.h"

#include <string>

#include "binding/config_values.h"
#include "binding/memory_map_values.h"
#include "binding/system_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

enum class Defaults : std::uint8_t { Own, OfPresets };

template <class Config>
void add_numbers(Napi::Env env, Napi::Object numbers, std::span<const NumberOption<Config>> options,
                 Defaults defaults = Defaults::Own) {
  for (const NumberOption<Config>& option : options) {
    Napi::Object object = Napi::Object::New(env);
    if (defaults == Defaults::Own) object["default"] = to_js(env, option.standard());
    object["min"] = to_js(env, option.least);
    object["max"] = to_js(env, option.most);
    object["unit"] = to_js(env, option.unit);
    numbers.Set(std::string(option.name), object);
  }
}

}  // namespace

Napi::Value check_memory_map(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::uint64_t most = machine::number_options().front().most;
  const std::vector<Error> errors = phys::check_memory(0, ranges_of(info[0], "memoryMap"), most);
  return list_to_js(env, errors, [env](const Error& error) {
    Napi::Object object = Napi::Object::New(env);
    object["code"] = to_js(env, info_of(error.code).name);
    object["message"] = to_js(env, std::string_view(error.message));
    return object;
  });
}

Napi::Value option_tables(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object numbers = Napi::Object::New(env);
  add_numbers(env, numbers, machine::number_options());
  add_numbers(env, numbers, os::number_options());
  add_numbers(env, numbers, mm::swap_options());
  add_numbers(env, numbers, tlb::array_options(), Defaults::OfPresets);
  add_numbers(env, numbers, tlb::structure_cache_options(), Defaults::OfPresets);
  add_numbers(env, numbers, machine::cost_options(), Defaults::OfPresets);
  Napi::Object choices = Napi::Object::New(env);
  add_machine_choices(env, choices);
  add_system_choices(env, choices);
  add_memory_choices(env, choices);
  Napi::Object tables = Napi::Object::New(env);
  tables["numbers"] = numbers;
  tables["choices"] = choices;
  return tables;
}

}  // namespace pw::binding
