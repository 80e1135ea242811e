// SPDX-License-Identifier: MIT
#include "binding/curve_task.h"

#include <utility>
#include <vector>

#include "analysis/miss_ratio_curve.h"
#include "analysis/sampled_curves.h"
#include "binding/page_stream_reading.h"
#include "binding/policy_values.h"
#include "binding/selection_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

enum class Method : std::uint8_t { Exact, Shards, Miniature };

struct Asked {
  Method method = Method::Exact;
  analysis::Sampling sampling;
  analysis::CurveRequest request;
};

struct Curves {
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

analysis::Sampling sampling_of(const Napi::Object& asked) {
  analysis::Sampling sampling;
  if (const Napi::Value rate = asked.Get("rate"); rate.IsNumber())
    sampling.rate = rate.As<Napi::Number>().DoubleValue();
  if (const Napi::Value samples = asked.Get("samples"); !is_absent(samples))
    sampling.pages = unsigned_of(samples, "samples");
  value_or_raise(asked.Env(), analysis::check_sampling(sampling));
  return sampling;
}

Asked asked_for(const Napi::Value& value) {
  constexpr std::string_view kMethods[] = {"exact", "shards", "miniature"};
  const Napi::Object options = object_of(value, "options");
  Asked asked{.method = choice_of<Method>(options.Get("method"), "method", kMethods),
              .sampling = {},
              .request = request_of(value)};
  if (asked.method != Method::Exact) asked.sampling = sampling_of(options);
  if (asked.method == Method::Shards)
    for (const policy::ParsedPolicy& policy : asked.request.policies)
      value_or_raise(value.Env(), analysis::check_shards(policy));
  return asked;
}

Result<Curves> run_exact(const trace::Trace& trace, const trace::Selection& selection,
                         const analysis::CurveRequest& request, TaskProgress& progress) {
  PW_TRY_ASSIGN(const analysis::PageStream stream, read_page_stream(trace, selection, progress));
  const analysis::Watch watch = watch_analysis(progress, analysis::work_of(stream, request));
  PW_TRY_ASSIGN(std::vector<analysis::MissRatioCurve> curves, analysis::exact_curves(stream, request, watch));
  return Curves{stream.references(), std::move(curves)};
}

// Reading is nearly all of the work.
Result<Curves> run_sampled(const trace::Trace& trace, const trace::Selection& selection, const Asked& asked,
                           TaskProgress& progress) {
  const auto sampler = asked.method == Method::Shards ? analysis::shards(asked.request, asked.sampling)
                                                      : analysis::miniature(asked.request, asked.sampling);
  std::uint64_t references = 0;
  PW_TRY(read_page_references(trace, selection, progress, 1, [&](const auto block) {
    references += block.size();
    sampler->add(block);
  }));
  PW_TRY_ASSIGN(std::vector<analysis::MissRatioCurve> curves, sampler->curves({.abort = &progress.abort}));
  return Curves{references, std::move(curves)};
}

Napi::Object curve_to_js(Napi::Env env, const policy::ParsedPolicy& policy,
                         const analysis::MissRatioCurve& curve) {
  Napi::Object object = Napi::Object::New(env);
  object["canonical"] = to_js(env, policy.entry->info.name);
  object["params"] = params_to_js(env, policy);
  object["frames"] = numbers_to_js(env, curve.frames);
  object["misses"] = numbers_to_js(env, curve.misses);
  if (!curve.error_bars.empty()) object["errorBars"] = numbers_to_js(env, curve.error_bars);
  object["pages"] = to_js(env, curve.pages);
  object["sampledPages"] = to_js(env, curve.sampled_pages);
  object["rate"] = to_js(env, curve.rate);
  return object;
}

}  // namespace

Napi::Object start_curves(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace) {
  const trace::Selection selection = selection_of(info[0]);
  const auto asked = std::make_shared<const Asked>(asked_for(info[1]));
  require_no_shares_of_pipe(info.Env(), *trace, asked->request.sizes.listed);
  return start_task<Curves>(
      info.Env(),
      [trace, selection, asked](TaskProgress& progress) {
        return asked->method == Method::Exact ? run_exact(*trace, selection, asked->request, progress)
                                              : run_sampled(*trace, selection, *asked, progress);
      },
      [asked](Napi::Env env, const Curves& outcome) {
        Napi::Object object = Napi::Object::New(env);
        object["requests"] = to_js(env, outcome.references);
        Napi::Array curves = Napi::Array::New(env);
        for (std::size_t i = 0; i < outcome.curves.size(); ++i)
          curves.Set(static_cast<std::uint32_t>(i),
                     curve_to_js(env, asked->request.policies[i], outcome.curves[i]));
        object["curves"] = curves;
        return object;
      });
}

}  // namespace pw::binding
