// SPDX-License-Identifier: MIT
// The native side of lib/trace.ts.
#include "binding/trace_wrap.h"

#include <utility>

#include "binding/addon_data.h"
#include "binding/comparison_task.h"
#include "binding/curve_task.h"
#include "binding/errors.h"
#include "binding/reuse_task.h"
#include "binding/selection_values.h"
#include "binding/stats_values.h"
#include "binding/task.h"
#include "binding/trace_values.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

using Handle = Napi::External<std::shared_ptr<trace::Trace>>;

trace::PassOptions pass_options(TaskProgress& progress) {
  return {.abort = &progress.abort,
          .progress =
              [&progress](std::uint64_t position, std::uint64_t total) {
                progress.position.store(position, std::memory_order_relaxed);
                progress.total.store(total, std::memory_order_relaxed);
              },
          .digest = trace::Digest::Sha256};
}

}  // namespace

Napi::Function TraceWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&TraceWrap::name>("name", Member::Getter),
      member<&TraceWrap::format>("format", Member::Getter),
      member<&TraceWrap::compression>("compression", Member::Getter),
      member<&TraceWrap::has_events>("hasEvents", Member::Getter),
      member<&TraceWrap::info>("info"),
      member<&TraceWrap::distinct_pages>("distinctPages"),
      member<&TraceWrap::convert>("convert"),
      member<&TraceWrap::compare>("compare"),
      member<&TraceWrap::miss_ratio_curves>("missRatioCurves"),
      member<&TraceWrap::reuse>("reuse"),
      member<&TraceWrap::close>("close"),
  };
  static constexpr WrapClass kClass = {"NativeTrace", make_wrap<TraceWrap>, kMembers};
  return define_class(env, kClass);
}

Napi::Object TraceWrap::make(Napi::Env env, std::shared_ptr<trace::Trace> trace) {
  const auto* data = env.GetInstanceData<AddonData>();
  return data->trace_class.New({Handle::New(env, &trace)});
}

TraceWrap::TraceWrap(const Napi::CallbackInfo& info) {
  if (!info[0].IsExternal())
    raise(info.Env(), ErrorCode::InvalidArgument, "traces are opened, not constructed");
  trace_ = std::move(*info[0].As<Handle>().Data());
  info.This().As<Napi::Object>().TypeTag(&kTraceTag);
}

TraceWrap& TraceWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTraceTag))
    raise_expected("a trace", "trace", value);
  return unwrap<TraceWrap>(value);
}

std::shared_ptr<trace::Trace> TraceWrap::trace(Napi::Env env) const {
  if (!trace_) raise(env, ErrorCode::Closed, "the trace was closed");
  return trace_;
}

Napi::Value TraceWrap::name(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), std::string_view(trace(info.Env())->name()));
}

Napi::Value TraceWrap::format(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), std::string_view(trace(info.Env())->format()));
}

Napi::Value TraceWrap::has_events(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), trace(info.Env())->has_events());
}

Napi::Value TraceWrap::compression(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), trace::name_of(trace(info.Env())->compression()));
}

// (): a task for the counts of the whole trace
Napi::Value TraceWrap::info(const Napi::CallbackInfo& info) {
  return start_task<trace::TraceInfo>(
      info.Env(),
      [trace = trace(info.Env())](TaskProgress& progress) { return trace->info(pass_options(progress)); },
      [](Napi::Env env, const trace::TraceInfo& counted) { return info_to_js(env, counted); });
}

// (selection, pageSize): a task for a number
Napi::Value TraceWrap::distinct_pages(const Napi::CallbackInfo& info) {
  const trace::Selection selection = selection_of(info[0]);
  const PageSize size = page_size_of(info[1], "pageSize");
  return start_task<std::uint64_t>(
      info.Env(),
      [trace = trace(info.Env()), selection, size](TaskProgress& progress) {
        return trace->distinct_pages(selection, size, &progress.abort);
      },
      [](Napi::Env env, std::uint64_t pages) { return to_js(env, pages); });
}

// (path, { compress, limit? }): a task that writes the packed form
Napi::Value TraceWrap::convert(const Napi::CallbackInfo& info) {
  const std::string path = text_of(info[0], "path");
  const Napi::Object asked = object_of(info[1], "options");
  const bool as_text = asked.Get("text").ToBoolean();
  trace::ConvertOptions options;
  if (asked.Get("compress").ToBoolean()) options.compress = trace::Compress::Yes;
  if (const Napi::Value limit = asked.Get("limit"); !is_absent(limit))
    options.limit = unsigned_of(limit, "limit");
  return start_task<trace::TraceInfo>(
      info.Env(),
      [trace = trace(info.Env()), path, options, as_text](TaskProgress& progress) {
        trace::ConvertOptions with_progress = options;
        with_progress.pass = pass_options(progress);
        return (as_text ? trace::convert_to_text : trace::convert)(*trace, path, with_progress);
      },
      [](Napi::Env env, const trace::TraceInfo& written) { return counts_to_js(env, written.counts); });
}

// As start_comparison() says.
Napi::Value TraceWrap::compare(const Napi::CallbackInfo& info) {
  return start_comparison(info, trace(info.Env()));
}

// As start_curves() says.
Napi::Value TraceWrap::miss_ratio_curves(const Napi::CallbackInfo& info) {
  return start_curves(info, trace(info.Env()));
}

// As start_reuse() says.
Napi::Value TraceWrap::reuse(const Napi::CallbackInfo& info) { return start_reuse(info, trace(info.Env())); }

Napi::Value TraceWrap::close(const Napi::CallbackInfo&) {
  trace_.reset();
  return {};
}

}  // namespace pw::binding
