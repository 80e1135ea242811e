// SPDX-License-Identifier: MIT
// Values of replays of programs.
#include "binding/program_values.h"

#include <string>

#include "base/hex.h"
#include "binding/values.h"
#include "mm/errno.h"

namespace pw::binding {
namespace {

template <class Counts>
Napi::Object kinds_to_js(Napi::Env env, const Counts& by_kind) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t i = 0; i < trace::kEventKinds; ++i)
    object.Set(std::string(name_of(static_cast<trace::EventKind>(i))), to_js(env, by_kind[i]));
  return object;
}

// An address, or the name of an error.
std::string result_text(bool failed, std::uint64_t value) {
  if (!failed) return hex(value);
  const std::string_view name = mm::name_of(static_cast<mm::Errno>(value));
  return name == "unknown" ? "errno " + std::to_string(value) : std::string(name);
}

Napi::Object difference_to_js(Napi::Env env, const programs::Difference& difference) {
  const trace::Event& event = difference.event;
  Napi::Object object = Napi::Object::New(env);
  object["pid"] = to_js(env, event.pid);
  object["call"] = to_js(env, name_of(event.kind));
  Napi::Array arguments = Napi::Array::New(env);
  for (std::uint32_t i = 0; i < info_of(event.kind).arguments; ++i)
    arguments.Set(i, to_js(env, std::string_view(hex(event.arguments[i]))));
  object["arguments"] = arguments;
  object["recorded"] = to_js(env, std::string_view(result_text(event.failed, event.result)));
  object["replayed"] = to_js(env, std::string_view(result_text(difference.failed, difference.result)));
  return object;
}

}  // namespace

Napi::Object progress_to_js(Napi::Env env, const trace::AccessSource& source,
                            const trace::ReplayProgress& progress) {
  Napi::Object object = Napi::Object::New(env);
  object["position"] = to_js(env, source.position());
  object["total"] = to_js(env, source.total());
  object["accesses"] = to_js(env, progress.accesses.load(std::memory_order_relaxed));
  object["faults"] = to_js(env, progress.faults.load(std::memory_order_relaxed));
  return object;
}

Napi::Object programs_to_js(Napi::Env env, const programs::ProgramReplay& replay) {
  const programs::Report& report = replay.report();
  Napi::Object object = Napi::Object::New(env);
  object["list"] = list_to_js(env, replay.programs(), [&](const programs::Program& program) {
    Napi::Object one = Napi::Object::New(env);
    one["recorded"] = to_js(env, program.recorded_pid);
    one["pid"] = to_js(env, program.pid);
    one["accesses"] = to_js(env, program.accesses);
    return one;
  });
  object["events"] = kinds_to_js(env, report.events);
  object["differing"] = to_js(env, report.differing);
  object["differences"] = list_to_js(env, report.differences, [&](const programs::Difference& difference) {
    return difference_to_js(env, difference);
  });
  object["refused"] = to_js(env, report.refused);
  object["skipped"] = to_js(env, report.skipped);
  object["guessedRegions"] = to_js(env, report.guessed_regions);
  return object;
}

Napi::Object events_to_js(Napi::Env env, const trace::EventCounts& events) {
  Napi::Object object = kinds_to_js(env, events.by_kind);
  object["failed"] = to_js(env, events.failed);
  object["unrelated"] = to_js(env, events.unrelated);
  object["cut"] = to_js(env, events.cut);
  return object;
}

}  // namespace pw::binding
