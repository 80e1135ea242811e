// SPDX-License-Identifier: MIT
// What a whole trace holds, as a JavaScript object.
#include "binding/trace_values.h"

#include <cinttypes>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <utility>

#include "binding/program_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

using Field = std::pair<const char*, Napi::Value>;

Napi::Object object_with(Napi::Env env, std::initializer_list<Field> fields) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : fields) object[name] = value;
  return object;
}

Napi::Value hex(Napi::Env env, std::uint64_t value) {
  char text[20];
  const int length = std::snprintf(text, sizeof text, "0x%" PRIx64, value);
  return Napi::String::New(env, text, static_cast<std::size_t>(length));
}

Napi::Value distinct(Napi::Env env, const trace::DistinctCounts& counts) {
  return object_with(env, {{"data", to_js(env, counts.data)},
                           {"instruction", to_js(env, counts.instruction)},
                           {"either", to_js(env, counts.either)},
                           {"in_both", to_js(env, counts.in_both)}});
}

// null where there is no such access
Napi::Value range(Napi::Env env, const trace::AddressRange& range) {
  if (range.lowest > range.highest) return env.Null();
  return object_with(env, {{"lowest", hex(env, range.lowest)}, {"highest", hex(env, range.highest)}});
}

Napi::Value sizes(Napi::Env env, const trace::SizeCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  for (const trace::SizeCount& count : counts) object.Set(count.size, to_js(env, count.accesses));
  return object;
}

Napi::Value lines(Napi::Env env, const trace::TraceInfo& info) {
  const trace::TraceCounts& counts = info.counts;
  return object_with(env, {{"I", to_js(env, counts.fetches)},
                           {"L", to_js(env, counts.loads)},
                           {"S", to_js(env, counts.stores)},
                           {"M", to_js(env, counts.modifies)},
                           {"references", to_js(env, counts.records)},
                           {"data_references", to_js(env, counts.records - counts.fetches)},
                           {"other", to_js(env, info.other)},
                           {"skipped", to_js(env, info.skipped)}});
}

template <class T>
Napi::Value or_null(Napi::Env env, const std::optional<T>& value) {
  return value ? to_js(env, *value) : env.Null();
}

}  // namespace

Napi::Object info_to_js(Napi::Env env, const trace::TraceInfo& info) {
  const auto digest = info.sha256.empty() ? env.Null() : to_js(env, std::string_view(info.sha256));
  Napi::Object object = object_with(
      env,
      {{"sha256_of_text", digest},
       {"lines", lines(env, info)},
       {"instructions", to_js(env, info.counts.instructions)},
       {"text_bytes", or_null(env, info.text_bytes)},
       {"distinct_4KiB_pages", object_with(env, {{"by_start", distinct(env, info.pages_4KiB_by_start)},
                                                 {"by_span", distinct(env, info.pages_4KiB_by_span)}})},
       {"distinct_2MiB_regions", object_with(env, {{"by_start", distinct(env, info.regions_2MiB_by_start)},
                                                   {"by_span", distinct(env, info.regions_2MiB_by_span)}})},
       {"distinct_1GiB_regions", object_with(env, {{"by_start", distinct(env, info.regions_1GiB_by_start)}})},
       {"references_crossing", object_with(env, {{"4KiB_page", to_js(env, info.counts.crossing)},
                                                 {"64B_line", or_null(env, info.crossing_64B)}})},
       {"address_range", object_with(env, {{"data", range(env, info.data_range)},
                                           {"instruction", range(env, info.instruction_range)}})},
       {"access_sizes", object_with(env, {{"data", sizes(env, info.data_sizes)},
                                          {"instruction", sizes(env, info.instruction_sizes)}})}});
  if (info.events.events() > 0) object["events"] = events_to_js(env, info.events);
  return object;
}

}  // namespace pw::binding
