// SPDX-License-Identifier: MIT
// Functions that make traces.
#include "binding/trace_makers.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "binding/addresses.h"
#include "binding/task.h"
#include "binding/trace_values.h"
#include "binding/trace_wrap.h"
#include "binding/values.h"
#include "trace/record/recording.h"

namespace pw::binding {
namespace {

using TracePtr = std::shared_ptr<trace::Trace>;

trace::OpenOptions open_options_of(const Napi::Value& value) {
  constexpr std::string_view kOnError[] = {"stop", "skip"};
  trace::OpenOptions options;
  const Napi::Object asked = object_of(value, "options");
  if (const Napi::Value format = asked.Get("format"); !is_absent(format))
    options.format = text_of(format, "format");
  if (const Napi::Value compression = asked.Get("compression"); !is_absent(compression))
    options.compression = text_of(compression, "compression");
  if (const Napi::Value on_error = asked.Get("onError"); !is_absent(on_error))
    options.on_error = choice_of<trace::OnError>(on_error, "onError", kOnError);
  return options;
}

// ({ folder, pid, output, compress }): a task for what the trace holds
Napi::Value record_trace(const Napi::CallbackInfo& info) {
  const Napi::Object asked = object_of(info[0], "options");
  trace::RecordingOptions options;
  options.folder = text_of(asked.Get("folder"), "folder");
  options.pid = static_cast<std::uint32_t>(unsigned_of(asked.Get("pid"), "pid"));
  options.output = text_of(asked.Get("output"), "output");
  if (asked.Get("compress").ToBoolean()) options.compress = trace::Compress::Yes;
  return start_task<trace::TraceInfo>(
      info.Env(),
      [options](TaskProgress& progress) {
        trace::RecordingOptions watched = options;
        watched.abort = &progress.abort;
        watched.progress = [&progress](std::uint64_t accesses) { progress.position = accesses; };
        return trace::record(watched);
      },
      [](Napi::Env env, const trace::TraceInfo& recorded) { return info_to_js(env, recorded); });
}

// (path, options): a task for a trace
Napi::Value open_trace(const Napi::CallbackInfo& info) {
  return start_task<TracePtr>(
      info.Env(),
      [path = text_of(info[0], "path"), options = open_options_of(info[1])](TaskProgress&) {
        return trace::Trace::open(path, options);
      },
      [](Napi::Env env, TracePtr trace) { return TraceWrap::make(env, std::move(trace)); });
}

// (addresses, kinds or undefined, sizes or undefined)
Napi::Value trace_from_addresses(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&] {
    const std::vector<std::uint64_t> addresses = addresses_of(info[0]);
    const auto kinds = view_of<Napi::Uint8Array>(info[1], napi_uint8_array, "a Uint8Array", "kinds");
    const auto sizes = view_of<Napi::Uint32Array>(info[2], napi_uint32_array, "a Uint32Array", "sizes");
    return TraceWrap::make(env, value_or_raise(env, trace::Trace::from_addresses(addresses, kinds, sizes)));
  });
}

double number_or(const Napi::Object& object, const char* key, double standard) {
  const Napi::Value value = object.Get(key);
  if (is_absent(value)) return standard;
  if (!value.IsNumber()) raise_expected("a number", key, value);
  return value.As<Napi::Number>().DoubleValue();
}

std::uint64_t unsigned_or(const Napi::Object& object, const char* key, std::uint64_t standard) {
  const Napi::Value value = object.Get(key);
  return is_absent(value) ? standard : unsigned_of(value, key);
}

trace::GeneratorConfig generator_config_of(const Napi::Value& value) {
  const Napi::Object asked = object_of(value, "options");
  trace::GeneratorConfig config;
  config.name = text_of(asked.Get("name"), "name");
  config.accesses = unsigned_or(asked, "accesses", config.accesses);
  config.bytes = unsigned_or(asked, "bytes", config.bytes);
  config.base = unsigned_or(asked, "base", config.base);
  config.stores = number_or(asked, "stores", config.stores);
  config.seed = unsigned_or(asked, "seed", config.seed);
  config.exponent = number_or(asked, "exponent", config.exponent);
  config.stride = unsigned_or(asked, "stride", config.stride);
  config.phase = unsigned_or(asked, "phase", config.phase);
  return config;
}

// (options)
Napi::Value generate_trace(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&] {
    return TraceWrap::make(env, value_or_raise(env, trace::Trace::generate(generator_config_of(info[0]))));
  });
}

}  // namespace

void define_trace_makers(Napi::Env env, Napi::Object exports) {
  exports["openTrace"] = Napi::Function::New<open_trace>(env);
  exports["recordTrace"] = Napi::Function::New<record_trace>(env);
  exports["traceFromAddresses"] = Napi::Function::New<trace_from_addresses>(env);
  exports["generateTrace"] = Napi::Function::New<generate_trace>(env);
}

}  // namespace pw::binding
