// SPDX-License-Identifier: MIT
#include "binding/curve_task.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "analysis/miss_ratio_curve.h"
#include "binding/page_stream_reading.h"
#include "binding/policy_values.h"
#include "binding/selection_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

struct Curves {
  std::uint64_t pages = 0;
  std::uint64_t references = 0;
  std::vector<analysis::MissRatioCurve> curves;
};

analysis::CurveSizes sizes_of(const Napi::Value& value) {
  constexpr std::string_view kRules[] = {"usual", "every", "points", "listed"};
  const Napi::Object asked = object_of(value, "sizes");
  analysis::CurveSizes sizes{.rule = choice_of<analysis::SizeRule>(asked.Get("rule"), "sizes", kRules),
                             .listed = {}};
  if (sizes.rule == analysis::SizeRule::Points) sizes.points = unsigned_of(asked.Get("points"), "points");
  if (sizes.rule == analysis::SizeRule::Listed) sizes.listed = frame_requests_of(asked.Get("frames"));
  return sizes;
}

analysis::CurveRequest request_of(const Napi::Value& value) {
  const Napi::Object asked = object_of(value, "options");
  analysis::CurveRequest request{.policies = policies_of(asked.Get("policies")),
                                 .sizes = sizes_of(asked.Get("sizes")),
                                 .seed = unsigned_of(asked.Get("seed"), "seed"),
                                 .threads = threads_of(asked.Get("threads"))};
  for (const policy::ParsedPolicy& policy : request.policies)
    value_or_raise(value.Env(), analysis::check_has_curve(policy));
  return request;
}

Result<Curves> run(const trace::Trace& trace, const trace::Selection& selection,
                   const analysis::CurveRequest& request, TaskProgress& progress) {
  PW_TRY_ASSIGN(const analysis::PageStream stream, read_page_stream(trace, selection, progress));
  const analysis::Watch watch = watch_analysis(progress, analysis::work_of(stream, request));
  PW_TRY_ASSIGN(std::vector<analysis::MissRatioCurve> curves, analysis::exact_curves(stream, request, watch));
  return Curves{stream.pages(), stream.references(), std::move(curves)};
}

template <class T>
Napi::Float64Array numbers_to_js(Napi::Env env, const std::vector<T>& numbers) {
  Napi::Float64Array array = Napi::Float64Array::New(env, numbers.size());
  std::ranges::copy(numbers, array.Data());
  return array;
}

Napi::Object curve_to_js(Napi::Env env, const policy::ParsedPolicy& policy,
                         const analysis::MissRatioCurve& curve) {
  Napi::Object object = Napi::Object::New(env);
  object["canonical"] = to_js(env, policy.entry->info.name);
  object["params"] = params_to_js(env, policy);
  object["frames"] = numbers_to_js(env, curve.frames);
  object["misses"] = numbers_to_js(env, curve.misses);
  return object;
}

}  // namespace

Napi::Object start_curves(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace) {
  const trace::Selection selection = selection_of(info[0]);
  const auto request = std::make_shared<const analysis::CurveRequest>(request_of(info[1]));
  require_no_shares_of_pipe(info.Env(), *trace, request->sizes.listed);
  return start_task<Curves>(
      info.Env(),
      [trace, selection, request](TaskProgress& progress) {
        return run(*trace, selection, *request, progress);
      },
      [request](Napi::Env env, const Curves& outcome) {
        Napi::Object object = Napi::Object::New(env);
        object["pages"] = to_js(env, outcome.pages);
        object["requests"] = to_js(env, outcome.references);
        Napi::Array curves = Napi::Array::New(env);
        for (std::size_t i = 0; i < outcome.curves.size(); ++i)
          curves.Set(static_cast<std::uint32_t>(i),
                     curve_to_js(env, request->policies[i], outcome.curves[i]));
        object["curves"] = curves;
        return object;
      });
}

}  // namespace pw::binding
