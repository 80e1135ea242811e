// SPDX-License-Identifier: MIT
// Native work on a thread of its own.
//
// The environment's cleanup hook is added after the thread-safe function's own, so it runs before it;
// whichever of hook and completion comes first takes the job out of the holder.
#include "binding/background.h"

#include <memory>
#include <thread>

namespace pw::binding {
namespace {

struct Job {
  napi_env env;
  BackgroundWork work;
  napi_threadsafe_function notify = nullptr;
  std::thread thread = {};
};

// Lives as long as the thread-safe function; holds nothing once the job is over.
struct Holder {
  std::unique_ptr<Job> job;
};

void on_environment_cleanup(void* data) {
  auto* holder = static_cast<Holder*>(data);
  const std::unique_ptr<Job> job = std::move(holder->job);
  job->work.cancel();
  job->thread.join();
}

void complete(napi_env env, napi_value, void* context, void*) {
  auto* holder = static_cast<Holder*>(context);
  if (env == nullptr || !holder->job) return;
  napi_remove_env_cleanup_hook(env, on_environment_cleanup, holder);
  const std::unique_ptr<Job> job = std::move(holder->job);
  job->thread.join();
  const Napi::HandleScope scope(env);
  try {
    job->work.done(Napi::Env(env));
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());
  }
}

void delete_holder(napi_env, void* data, void*) { delete static_cast<Holder*>(data); }

}  // namespace

void run_in_background(Napi::Env env, BackgroundWork work) {
  auto* holder = new Holder{std::make_unique<Job>(Job{.env = env, .work = std::move(work)})};
  Job& job = *holder->job;
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "pagewalk"), 0, 1, holder,
                                      delete_holder, holder, complete, &job.notify);
  if (status != napi_ok) {
    delete holder;
    throw Napi::Error::New(env);
  }
  napi_add_env_cleanup_hook(env, on_environment_cleanup, holder);
  job.thread = std::thread([&job] {
    job.work.work();
    // Nonblocking and unbounded: it fails only when the environment is closing, which needs no notice.
    const napi_threadsafe_function notify = job.notify;
    napi_call_threadsafe_function(notify, nullptr, napi_tsfn_nonblocking);
    napi_release_threadsafe_function(notify, napi_tsfn_release);
  });
}

}  // namespace pw::binding
