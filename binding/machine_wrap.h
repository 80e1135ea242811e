// SPDX-License-Identifier: MIT
// The native side of lib/machine.ts: one machine, one mailbox, and who may use it now.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "binding/fault_bridge.h"
#include "binding/mailbox.h"
#include "binding/policy_host_wrap.h"
#include "binding/wrap.h"
#include "machine/machine.h"

namespace pw::binding {

class MachineWrap : public Wrap {
 public:
  static Napi::Function define(Napi::Env env);
  // The wrapper behind an argument; raises if it is something else.
  static MachineWrap& from(const Napi::Value& value);

  // (config, mailbox, policy host or undefined)
  explicit MachineWrap(const Napi::CallbackInfo& info);

  // For a run: takes the machine until release(). Raises if it is not free.
  std::shared_ptr<machine::Machine> take(Napi::Env env);
  void release() { taken_ = false; }
  // The run's handler has not answered yet.
  void set_waiting(bool waiting) { waiting_ = waiting; }
  // After an error of our own: later calls say so.
  void break_down(const std::string& why) { broken_ = why; }
  // nullptr without hooks.
  FaultBridge* bridge() { return bridge_.get(); }
  // Tells a policy of JavaScript's what it was not told of yet. REQUIRES: the machine is not closed.
  void tell_policy();

 private:
  Napi::Value call(Method method, const Napi::CallbackInfo& info) override;

  Napi::Value access(const Napi::CallbackInfo& info);
  Napi::Value access_many(const Napi::CallbackInfo& info);
  Napi::Value set_fault_handler(const Napi::CallbackInfo& info);
  Napi::Value stats(const Napi::CallbackInfo& info);
  Napi::Value reset(const Napi::CallbackInfo& info);
  Napi::Value save_state(const Napi::CallbackInfo& info);
  Napi::Value validate(const Napi::CallbackInfo& info);
  Napi::Value health(const Napi::CallbackInfo& info);
  Napi::Value boot_log(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  void require_free(Napi::Env env) const;
  void set_bridge(std::unique_ptr<FaultBridge> bridge);

  PolicyHostWrap* policy_ = nullptr;  // without one the policy is the table's
  std::shared_ptr<machine::Machine> machine_;
  Mailbox mailbox_;
  std::unique_ptr<FaultBridge> bridge_;
  std::string broken_;
  bool taken_ = false;
  bool waiting_ = false;
};

}  // namespace pw::binding
