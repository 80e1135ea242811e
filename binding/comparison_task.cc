// SPDX-License-Identifier: MIT
#include "binding/comparison_task.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "analysis/comparison.h"
#include "binding/page_stream_reading.h"
#include "binding/selection_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

struct Outcomes {
  std::uint64_t pages = 0;
  std::uint64_t references = 0;
  std::vector<analysis::Compared> results;
};

std::vector<std::string> texts_of(const Napi::Value& value, const std::string& name) {
  const Napi::Array array = array_of(value, name);
  std::vector<std::string> texts;
  for (std::uint32_t i = 0; i < array.Length(); ++i) texts.push_back(text_of(array.Get(i), name));
  return texts;
}

std::vector<analysis::FrameRequest> frames_of(const Napi::Value& value) {
  const Napi::Array array = array_of(value, "frames");
  std::vector<analysis::FrameRequest> requests;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Array pair = array_of(array.Get(i), "frames");
    requests.push_back({unsigned_of(pair.Get(0U), "frames"), unsigned_of(pair.Get(1U), "frames")});
  }
  return requests;
}

analysis::Comparison comparison_of(const Napi::Value& value) {
  constexpr std::string_view kObserve[] = {"exact", "hardware"};
  const Napi::Env env = value.Env();
  const Napi::Object asked = object_of(value, "options");
  const std::uint64_t threads = unsigned_of(asked.Get("threads"), "threads");
  analysis::Comparison comparison{
      .policies = value_or_raise(env, analysis::parse_policies(texts_of(asked.Get("policies"), "policy"))),
      .frames = frames_of(asked.Get("frames")),
      .observe = choice_of<analysis::Observe>(asked.Get("observe"), "observe", kObserve),
      .seed = unsigned_of(asked.Get("seed"), "seed"),
      .threads =
          static_cast<unsigned>(std::min<std::uint64_t>(threads, std::numeric_limits<unsigned>::max()))};
  value_or_raise(env, analysis::check_frames(comparison.frames));
  return comparison;
}

// A share is of the pages of a first pass, which a pipe has not.
void require_seekable_for_shares(Napi::Env env, const trace::Trace& trace,
                                 const analysis::Comparison& comparison) {
  const bool has_share = std::ranges::any_of(comparison.frames, [](const auto& one) { return one.of != 0; });
  if (has_share && !trace.seekable())
    raise(env, ErrorCode::TraceNotSeekable,
          "frames: expected numbers of frames, since trace " + trace.path() +
              " is a pipe, which can be read only once; got a share of its pages");
}

Result<Outcomes> run(const trace::Trace& trace, const trace::Selection& selection,
                     const analysis::Comparison& comparison, TaskProgress& progress) {
  PW_TRY_ASSIGN(const analysis::PageStream stream, read_page_stream(trace, selection, progress));
  const analysis::Watch watch = watch_analysis(progress, analysis::work_of(stream, comparison));
  PW_TRY_ASSIGN(std::vector<analysis::Compared> results, analysis::compare(stream, comparison, watch));
  return Outcomes{stream.pages(), stream.references(), std::move(results)};
}

Napi::Object params_to_js(Napi::Env env, const policy::ParsedPolicy& policy) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t i = 0; i < policy.entry->params.size(); ++i)
    object[std::string(policy.entry->params[i].name)] = to_js(env, policy.params.real(i));
  return object;
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
  require_seekable_for_shares(info.Env(), *trace, *comparison);
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
