// SPDX-License-Identifier: MIT
// A piece of native work as JavaScript sees it: { promise, progress(), cancel() }.
#pragma once

#include <napi.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "binding/background.h"
#include "binding/errors.h"

namespace pw::binding {

// What the thread and JavaScript share while it works.
struct TaskProgress {
  std::atomic<bool> abort{false};
  std::atomic<std::uint64_t> position{0};
  std::atomic<std::uint64_t> total{0};
};

// The object around a promise.
Napi::Object task_object(Napi::Env env, Napi::Promise promise, std::shared_ptr<TaskProgress> progress);

// The result of native work; what it throws is an error like any other.
template <class T>
Result<T> caught(const std::function<Result<T>()>& work) {
  try {
    return work();
  } catch (const InternalError& error) {
    return internal_error(error.what());
  } catch (const std::bad_alloc&) {
    return host_memory_error();
  }
}

// `work` runs on a thread of its own, `convert` on the JavaScript thread.
template <class T>
Napi::Object start_task(Napi::Env env, std::function<Result<T>(TaskProgress&)> work,
                        std::function<Napi::Value(Napi::Env, T)> convert) {
  auto progress = std::make_shared<TaskProgress>();
  auto deferred = std::make_shared<Napi::Promise::Deferred>(Napi::Promise::Deferred::New(env));
  auto result = std::make_shared<std::optional<Result<T>>>();
  const auto settle = [deferred, result, convert](Napi::Env on) {
    if ((*result)->ok())
      deferred->Resolve(convert(on, std::move(**result).value()));
    else
      deferred->Reject(to_js(on, (*result)->error()).Value());
  };
  run_in_background(env, {.work = [=] { result->emplace(caught<T>([&] { return work(*progress); })); },
                          .done = settle,
                          .cancel = [progress] { progress->abort = true; }});
  return task_object(env, deferred->Promise(), progress);
}

}  // namespace pw::binding
