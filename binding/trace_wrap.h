// SPDX-License-Identifier: MIT
// The native side of lib/trace.ts: a handle that shares a trace with the runs that read it.
#pragma once

#include <napi.h>

#include <memory>

#include "binding/wrap.h"
#include "trace/trace.h"

namespace pw::binding {

class TraceWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object make(Napi::Env env, std::shared_ptr<trace::Trace> trace);
  // The wrapper behind an argument; raises if it is something else.
  static TraceWrap& from(const Napi::Value& value);

  // Only make() calls it: JavaScript never sees the class.
  explicit TraceWrap(const Napi::CallbackInfo& info);

  // Raises after close().
  std::shared_ptr<trace::Trace> trace(Napi::Env env) const;

 private:
  Napi::Value name(const Napi::CallbackInfo& info);
  Napi::Value format(const Napi::CallbackInfo& info);
  Napi::Value has_events(const Napi::CallbackInfo& info);
  Napi::Value compression(const Napi::CallbackInfo& info);
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value distinct_pages(const Napi::CallbackInfo& info);
  Napi::Value convert(const Napi::CallbackInfo& info);
  Napi::Value compare(const Napi::CallbackInfo& info);
  Napi::Value miss_ratio_curves(const Napi::CallbackInfo& info);
  Napi::Value reuse(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<trace::Trace> trace_;
};

}  // namespace pw::binding
