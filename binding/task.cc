// SPDX-License-Identifier: MIT
// A piece of native work as JavaScript sees it.
#include "binding/task.h"

#include "binding/values.h"

namespace pw::binding {

Napi::Object task_object(Napi::Env env, Napi::Promise promise, std::shared_ptr<TaskProgress> progress) {
  Napi::Object object = Napi::Object::New(env);
  object["promise"] = promise;
  object["cancel"] =
      Napi::Function::New(env, [progress](const Napi::CallbackInfo&) { progress->abort = true; });
  object["progress"] = Napi::Function::New(env, [progress](const Napi::CallbackInfo& info) {
    Napi::Object state = Napi::Object::New(info.Env());
    state["position"] = to_js(info.Env(), progress->position.load(std::memory_order_relaxed));
    state["total"] = to_js(info.Env(), progress->total.load(std::memory_order_relaxed));
    return state;
  });
  return object;
}

}  // namespace pw::binding
