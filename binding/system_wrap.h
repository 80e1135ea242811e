// SPDX-License-Identifier: MIT
// The native side of lib/system.ts: one system of processes, one mailbox, and who may use it now.
#pragma once

#include <napi.h>

#include <map>
#include <memory>
#include <string>

#include "base/timing.h"
#include "binding/asker.h"
#include "binding/mailbox.h"
#include "binding/system_hooks.h"
#include "binding/wrap.h"
#include "os/system.h"

namespace pw::binding {

class SystemWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);
  // The wrapper behind an argument; raises if it is something else.
  static SystemWrap& from(const Napi::Value& value);

  // What JavaScript is asked; repeated in lib/native-system.ts.
  // From kHooks on those of mm::HookPoint.
  enum Question : std::uint32_t { kSignal, kPageFault, kException, kUserFault, kFailure, kHooks };

  // (configuration of the machine, what processes add to it, mailbox, ask)
  explicit SystemWrap(const Napi::CallbackInfo& info);

  // For a run: takes the system until release(). Raises if it is not free.
  os::System& take(Napi::Env env);
  void release() { taken_ = false; }
  // After an error of our own: later calls say so.
  void break_down(const std::string& why) { broken_ = why; }
  const CostTable& cost() const { return cost_; }

 private:
  Napi::Value call(Method method, const Napi::CallbackInfo& info) override;

  Napi::Value create_process(const Napi::CallbackInfo& info);
  Napi::Value system_call(const Napi::CallbackInfo& info);
  Napi::Value access(const Napi::CallbackInfo& info);
  Napi::Value access_many(const Napi::CallbackInfo& info);
  Napi::Value totals(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value mincore(const Napi::CallbackInfo& info);
  Napi::Value region(const Napi::CallbackInfo& info);
  Napi::Value free_region(const Napi::CallbackInfo& info);
  Napi::Value open(const Napi::CallbackInfo& info);
  Napi::Value shm_unlink(const Napi::CallbackInfo& info);
  Napi::Value create_file(const Napi::CallbackInfo& info);
  Napi::Value write_file(const Napi::CallbackInfo& info);
  Napi::Value read_file(const Napi::CallbackInfo& info);
  Napi::Value read_remote(const Napi::CallbackInfo& info);
  Napi::Value write_remote(const Napi::CallbackInfo& info);
  Napi::Value set_attributes(const Napi::CallbackInfo& info);
  Napi::Value set_signal_handler(const Napi::CallbackInfo& info);
  Napi::Value set_fault_handler(const Napi::CallbackInfo& info);
  Napi::Value set_exception_handler(const Napi::CallbackInfo& info);
  Napi::Value set_hooks(const Napi::CallbackInfo& info);
  Napi::Value open_range(const Napi::CallbackInfo& info);
  Napi::Value range_call(const Napi::CallbackInfo& info);
  Napi::Value vmas(const Napi::CallbackInfo& info);
  Napi::Value proportional_pages(const Napi::CallbackInfo& info);
  Napi::Value process(const Napi::CallbackInfo& info);
  Napi::Value processes(const Napi::CallbackInfo& info);
  Napi::Value reap(const Napi::CallbackInfo& info);
  Napi::Value violations(const Napi::CallbackInfo& info);
  Napi::Value last_violation(const Napi::CallbackInfo& info);
  Napi::Value triple_fault(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);
  Napi::Value health(const Napi::CallbackInfo& info);
  Napi::Value boot_log(const Napi::CallbackInfo& info);
  Napi::Value unhealthy(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  void require_free(Napi::Env env) const;
  // The process of that number; raises if there is none, and with running_of() if it does not run.
  os::Process& process_of(const Napi::Value& pid) const;
  os::Process& running_of(const Napi::Value& pid) const;
  // The error number, and the value by mailbox.
  Napi::Value result_to_js(Napi::Env env, const mm::CallResult& result);
  void require_no_wait(Napi::Env env) const;
  [[noreturn]] void raise_hook_failure(Napi::Env env);
  os::SignalAnswer ask_signal(const os::Violation& violation);
  mm::FaultReply ask_page_fault(const os::PageFault& fault);
  os::TrapResult ask_exception(const os::TrapFrame& frame);
  Napi::Value end_to_js(Napi::Env env, const os::Accessed& accessed, std::uint64_t done);

  std::unique_ptr<os::System> system_;
  std::map<std::uint8_t, os::Gate> built_in_gates_;  // those in whose place others stand
  Asker asker_;
  std::unique_ptr<SystemHooks> hooks_;
  std::map<std::uint32_t, std::shared_ptr<mm::UserFaults>> ranges_;
  std::uint32_t last_range_ = 0;
  CostTable cost_;
  Mailbox mailbox_;
  std::string broken_;
  bool taken_ = false;
};

}  // namespace pw::binding
