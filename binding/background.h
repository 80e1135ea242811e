// SPDX-License-Identifier: MIT
// Native work on a thread of its own, so that the libuv pool stays free for others.
//
// - `work` runs on the thread and touches nothing of JavaScript; it must not throw.
// - `done` runs on the JavaScript thread afterwards, and not at all if the environment dies first (a
//   worker that is terminated): then `cancel` is called and the thread joined before memory goes away.
#pragma once

#include <napi.h>

#include <functional>

namespace pw::binding {

struct BackgroundWork {
  std::function<void()> work;
  std::function<void(Napi::Env)> done;
  std::function<void()> cancel;  // makes `work` return soon; called on the JavaScript thread
};

void run_in_background(Napi::Env env, BackgroundWork work);

}  // namespace pw::binding
