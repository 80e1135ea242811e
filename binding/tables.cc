// SPDX-License-Identifier: MIT
// The native tables as JavaScript lists.
#include "binding/tables.h"

#include "base/param.h"
#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/option_tables.h"
#include "binding/values.h"
#include "policy/replacement/registry.h"
#include "trace/formats/table.h"
#include "trace/generators/generator.h"
#include "trace/source.h"

namespace pw::binding {
namespace {

using trace::Compression;

Napi::Object named(Napi::Env env, std::string_view name, std::string_view summary) {
  Napi::Object object = Napi::Object::New(env);
  object["name"] = to_js(env, name);
  object["summary"] = to_js(env, summary);
  return object;
}

struct Bounds {
  double standard, least, most;
};

Napi::Object parameter(Napi::Env env, std::string_view name, Bounds bounds, std::string_view unit,
                       std::string_view summary) {
  Napi::Object object = named(env, name, summary);
  object["default"] = to_js(env, bounds.standard);
  object["min"] = to_js(env, bounds.least);
  object["max"] = to_js(env, bounds.most);
  object["unit"] = to_js(env, unit);
  return object;
}

Napi::Object policy_parameter(Napi::Env env, const ParamSpec& spec) {
  Napi::Object object =
      parameter(env, spec.name, {spec.default_value, spec.minimum, spec.maximum}, spec.unit, spec.summary);
  if (!spec.alias.empty()) object["alias"] = to_js(env, spec.alias);
  return object;
}

Napi::Object generator_parameter(Napi::Env env, const trace::GeneratorParam& param) {
  return parameter(env, param.name, {param.standard, param.least, param.most}, param.unit, param.summary);
}

Napi::Value presets(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return list_to_js(env, machine::presets(), [&](const auto& preset) { return preset_to_js(env, preset); });
}

Napi::Value policies(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return list_to_js(env, policy::replacement_policies(), [&](const policy::PolicyEntry& entry) {
    Napi::Object object = named(env, entry.info.name, entry.info.summary);
    object["family"] = to_js(env, policy::name_of(entry.info.family));
    object["observes"] = to_js(env, policy::name_of(entry.info.observes));
    std::vector<std::string> aliases;
    for (const std::string_view alias : entry.info.aliases)
      if (!alias.empty()) aliases.emplace_back(alias);
    object["aliases"] = to_js(env, aliases);
    object["parameters"] =
        list_to_js(env, entry.params, [&](const ParamSpec& spec) { return policy_parameter(env, spec); });
    return object;
  });
}

Napi::Value formats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return list_to_js(env, trace::formats(),
                    [&](const trace::FormatInfo& format) { return named(env, format.name, format.summary); });
}

Napi::Value generators(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return list_to_js(env, trace::generators(), [&](const trace::GeneratorInfo& generator) {
    Napi::Object object = named(env, generator.name, generator.summary);
    std::vector<trace::GeneratorParam> params(trace::common_generator_params().begin(),
                                              trace::common_generator_params().end());
    params.insert(params.end(), generator.params.begin(), generator.params.end());
    object["parameters"] =
        list_to_js(env, params, [&](const auto& param) { return generator_parameter(env, param); });
    return object;
  });
}

Napi::Value errors(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return list_to_js(env, error_catalogue(), [&](const ErrorInfo& error) {
    Napi::Object object = named(env, "ERR_PAGEWALK_" + std::string(error.name), error.summary);
    object["type"] = to_js(env, class_name(error.type));
    return object;
  });
}

Napi::Value build(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<std::string> decoders;
  for (const Compression compression : {Compression::Gzip, Compression::Xz, Compression::Zstd})
    if (trace::has_decoder(compression)) decoders.emplace_back(name_of(compression));
  Napi::Object object = Napi::Object::New(env);
  object["decoders"] = to_js(env, decoders);
#ifdef __VERSION__
  object["compiler"] = to_js(env, std::string_view(__VERSION__));
#else
  object["compiler"] = to_js(env, std::string_view("MSVC"));
#endif
  return object;
}

}  // namespace

void define_tables(Napi::Env env, Napi::Object exports) {
  exports["presets"] = Napi::Function::New<presets>(env);
  exports["policies"] = Napi::Function::New<policies>(env);
  exports["formats"] = Napi::Function::New<formats>(env);
  exports["generators"] = Napi::Function::New<generators>(env);
  exports["errors"] = Napi::Function::New<errors>(env);
  exports["optionTables"] = Napi::Function::New<option_tables>(env);
  exports["checkMemoryMap"] = Napi::Function::New<check_memory_map>(env);
  exports["build"] = Napi::Function::New<build>(env);
}

}  // namespace pw::binding
