// SPDX-License-Identifier: MIT
#include "binding/comparison_task.h"

#include <utility>

#include "analysis/comparison.h"
#include "binding/page_stream_reading.h"
#include "binding/policy_values.h"
#include "binding/selection_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

struct Outcomes {
  std::uint64_t pages = 0;
  std::uint64_t references = 0;
  std::vector<analysis::Compared> results;
};

analysis::Comparison comparison_of(const Napi::Value& value) {
  const Napi::Object asked = object_of(value, "options");
  return {.policies = policies_of(asked.Get("policies")),
          .frames = frame_requests_of(asked.Get("frames")),
          .observe = observe_of(asked.Get("observe")),
          .seed = unsigned_of(asked.Get("seed"), "seed"),
          .threads = threads_of(asked.Get("threads"))};
}

Result<Outcomes> run(const trace::Trace& trace, const trace::Selection& selection,
                     const analysis::Comparison& comparison, TaskProgress& progress) {
  PW_TRY_ASSIGN(const analysis::PageStream stream, read_page_stream(trace, selection, progress));
  const analysis::Watch watch = watch_analysis(progress, analysis::work_of(stream, comparison));
  PW_TRY_ASSIGN(std::vector<analysis::Compared> results, analysis::compare(stream, comparison, watch));
  return Outcomes{stream.pages(), stream.references(), std::move(results)};
}

Napi::Object result_to_js(Napi::Env env, const policy::ParsedPolicy& policy, const analysis::Compared& one) {
  const bool is_fixed = policy.entry->info.allocation == policy::Allocation::Fixed;
  Napi::Object object = Napi::Object::New(env);
  object["policy"] = to_js(env, one.policy);
  object["asked"] = to_js(env, one.asked);
  object["canonical"] = to_js(env, policy.entry->info.name);
  object["params"] = params_to_js(env, policy);
  object["allocation"] = to_js(env, std::string_view(is_fixed ? "fixed" : "variable"));
  object["frames"] = to_js(env, one.frames);
  object["requests"] = to_js(env, one.outcome.requests);
  object["misses"] = to_js(env, one.outcome.misses);
  object["evictions"] = to_js(env, one.outcome.evictions);
  object["writebacks"] = to_js(env, one.outcome.writebacks);
  object["meanResident"] = to_js(env, one.outcome.mean_resident);
  object["seconds"] = to_js(env, one.seconds);
  return object;
}

}  // namespace

Napi::Object start_comparison(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace) {
  const trace::Selection selection = selection_of(info[0]);
  const auto comparison = std::make_shared<const analysis::Comparison>(comparison_of(info[1]));
  require_no_shares_of_pipe(info.Env(), *trace, comparison->frames);
  return start_task<Outcomes>(
      info.Env(),
      [trace, selection, comparison](TaskProgress& progress) {
        return run(*trace, selection, *comparison, progress);
      },
      [comparison](Napi::Env env, const Outcomes& outcomes) {
        Napi::Object object = Napi::Object::New(env);
        object["pages"] = to_js(env, outcomes.pages);
        object["requests"] = to_js(env, outcomes.references);
        object["results"] = list_to_js(env, outcomes.results, [&](const analysis::Compared& one) {
          return result_to_js(env, comparison->policies[one.policy], one);
        });
        return object;
      });
}

}  // namespace pw::binding
