// SPDX-License-Identifier: MIT
#include "binding/policy_values.h"

#include <algorithm>
#include <limits>

#include "binding/values.h"

namespace pw::binding {

std::vector<policy::ParsedPolicy> policies_of(const Napi::Value& value) {
  const Napi::Array array = array_of(value, "policy");
  std::vector<std::string> specs;
  for (std::uint32_t i = 0; i < array.Length(); ++i) specs.push_back(text_of(array.Get(i), "policy"));
  return value_or_raise(value.Env(), analysis::parse_policies(specs));
}

std::vector<analysis::FrameRequest> frame_requests_of(const Napi::Value& value) {
  const Napi::Array array = array_of(value, "frames");
  std::vector<analysis::FrameRequest> requests;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Array pair = array_of(array.Get(i), "frames");
    requests.push_back({unsigned_of(pair.Get(0U), "frames"), unsigned_of(pair.Get(1U), "frames")});
  }
  value_or_raise(value.Env(), analysis::check_frames(requests));
  return requests;
}

analysis::Observe observe_of(const Napi::Value& value) {
  constexpr std::string_view kNames[] = {"exact", "hardware"};
  return choice_of<analysis::Observe>(value, "observe", kNames);
}

unsigned threads_of(const Napi::Value& value) {
  const std::uint64_t threads = unsigned_of(value, "threads");
  return static_cast<unsigned>(std::min<std::uint64_t>(threads, std::numeric_limits<unsigned>::max()));
}

void require_no_shares_of_pipe(Napi::Env env, const trace::Trace& trace,
                               const std::vector<analysis::FrameRequest>& requests) {
  const bool has_share = std::ranges::any_of(requests, [](const auto& one) { return one.of != 0; });
  if (has_share && !trace.seekable())
    raise(env, ErrorCode::TraceNotSeekable,
          "frames: expected numbers of frames, since trace " + trace.path() +
              " is a pipe, which can be read only once; got a share of its pages");
}

Napi::Object params_to_js(Napi::Env env, const policy::ParsedPolicy& policy) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t i = 0; i < policy.entry->params.size(); ++i)
    object[std::string(policy.entry->params[i].name)] = to_js(env, policy.params.real(i));
  return object;
}

}  // namespace pw::binding
