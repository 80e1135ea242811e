// SPDX-License-Identifier: MIT
#include "binding/reuse_task.h"

#include "analysis/reuse.h"
#include "binding/page_stream_reading.h"
#include "binding/selection_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

constexpr std::uint64_t kPasses = 2;  // times, then distances

analysis::ReuseRequest request_of(const Napi::Value& value) {
  const Napi::Object asked = object_of(value, "options");
  analysis::ReuseRequest request{.bins_per_power = unsigned_of(asked.Get("bins"), "bins"), .windows = {}};
  const Napi::Array windows = array_of(asked.Get("windows"), "windows");
  for (std::uint32_t i = 0; i < windows.Length(); ++i)
    request.windows.push_back(unsigned_of(windows.Get(i), "windows"));
  value_or_raise(value.Env(), analysis::check_reuse(request));
  return request;
}

Napi::Object histogram_to_js(Napi::Env env, const analysis::Histogram& histogram) {
  Napi::Object object = Napi::Object::New(env);
  object["first"] = numbers_to_js(env, histogram.first);
  object["last"] = numbers_to_js(env, histogram.last);
  object["counts"] = numbers_to_js(env, histogram.count);
  return object;
}

Napi::Object reuse_to_js(Napi::Env env, const analysis::Reuse& reuse) {
  Napi::Object sets = Napi::Object::New(env);
  sets["windows"] = numbers_to_js(env, reuse.working_sets.windows);
  sets["meanPages"] = numbers_to_js(env, reuse.working_sets.mean_pages);
  sets["misses"] = numbers_to_js(env, reuse.working_sets.misses);
  Napi::Object object = Napi::Object::New(env);
  object["requests"] = to_js(env, reuse.references);
  object["pages"] = to_js(env, reuse.first_uses);
  object["times"] = histogram_to_js(env, reuse.times);
  object["distances"] = histogram_to_js(env, reuse.distances);
  object["workingSets"] = sets;
  return object;
}

}  // namespace

Napi::Object start_reuse(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace) {
  const trace::Selection selection = selection_of(info[0]);
  const analysis::ReuseRequest request = request_of(info[1]);
  return start_task<analysis::Reuse>(
      info.Env(),
      [trace, selection, request](TaskProgress& progress) -> Result<analysis::Reuse> {
        PW_TRY_ASSIGN(const analysis::PageStream stream, read_page_stream(*trace, selection, progress));
        return analysis::reuse_of(stream, request, watch_analysis(progress, kPasses * stream.references()));
      },
      [](Napi::Env env, const analysis::Reuse& reuse) { return reuse_to_js(env, reuse); });
}

}  // namespace pw::binding
