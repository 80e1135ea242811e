// SPDX-License-Identifier: MIT
// What the native side of lib/system.ts tells of processes and of the system as a whole.
#include "binding/health_values.h"
#include "binding/stats_values.h"
#include "binding/system_values.h"
#include "binding/system_wrap.h"
#include "binding/values.h"
#include "machine/system_stats.h"
#include "mm/proportional.h"

namespace pw::binding {

Napi::Value SystemWrap::vmas(const Napi::CallbackInfo& info) {
  const os::Process& process = process_of(info[0]);
  if (process.state() == os::ProcessState::Ended) return Napi::Array::New(info.Env());
  return vmas_to_js(info.Env(), process);
}

Napi::Value SystemWrap::process(const Napi::CallbackInfo& info) {
  return process_to_js(info.Env(), process_of(info[0]));
}

Napi::Value SystemWrap::proportional_pages(const Napi::CallbackInfo& info) {
  const os::Process& process = process_of(info[0]);
  const bool ended = process.state() == os::ProcessState::Ended;
  return to_js(info.Env(), ended ? 0 : mm::proportional_pages(process.space()));
}

Napi::Value SystemWrap::processes(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  std::uint32_t index = 0;
  system_->processes().for_each(
      [&](os::Process& process) { list.Set(index++, to_js(info.Env(), process.pid())); });
  return list;
}

// (pid): whether it had ended.
Napi::Value SystemWrap::reap(const Napi::CallbackInfo& info) {
  const os::Process& process = process_of(info[0]);
  require_no_wait(info.Env());
  const bool ended = process.state() == os::ProcessState::Ended;
  if (ended) system_->processes().reap(process.pid());
  return to_js(info.Env(), ended);
}

Napi::Value SystemWrap::violations(const Napi::CallbackInfo& info) {
  return list_to_js(info.Env(), system_->violations().latest(),
                    [&](const os::Violation& violation) { return violation_to_js(info.Env(), violation); });
}

Napi::Value SystemWrap::last_violation(const Napi::CallbackInfo& info) {
  if (system_->violations().count() == 0) return info.Env().Null();
  return violation_to_js(info.Env(), system_->violations().last());
}

Napi::Value SystemWrap::triple_fault(const Napi::CallbackInfo& info) {
  const auto& fault = system_->exceptions().triple_fault();
  return fault ? triple_fault_to_js(info.Env(), *fault) : info.Env().Null();
}

Napi::Value SystemWrap::stats(const Napi::CallbackInfo& info) {
  Napi::Object stats = stats_to_js(info.Env(), machine::stats_of(*system_, cost_));
  stats["kernel"] = kernel_to_js(info.Env(), *system_);
  return stats;
}

Napi::Value SystemWrap::health(const Napi::CallbackInfo& info) {
  Napi::Object health = Napi::Object::New(info.Env());
  health["checks"] = health_to_js(info.Env(), system_->health());
  health["counts"] = counts_to_js(info.Env(), *system_);
  return health;
}

Napi::Value SystemWrap::boot_log(const Napi::CallbackInfo& info) {
  return boot_log_to_js(info.Env(), system_->boot_log());
}

Napi::Value SystemWrap::unhealthy(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), std::string_view(system_->unhealthy()));
}

}  // namespace pw::binding
