// SPDX-License-Identifier: MIT
// The native side of lib/machine.ts.
#include "binding/machine_wrap.h"

#include <array>
#include <utility>
#include <variant>

#include "binding/batch.h"
#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/health_values.h"
#include "binding/state_values.h"
#include "binding/stats_values.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

// One error out of all: the first one's code, everybody's words.
Error joined(const std::vector<Error>& errors) {
  Error all = errors.front();
  for (std::size_t i = 1; i < errors.size(); ++i) all.message += "; " + errors[i].message;
  return all;
}

std::shared_ptr<machine::Machine> boot(Napi::Env env, const machine::Config& config) {
  auto booted = machine::Machine::boot(config);
  if (const auto* errors = std::get_if<std::vector<Error>>(&booted)) raise(env, joined(*errors));
  return std::move(std::get<std::unique_ptr<machine::Machine>>(booted));
}

std::array<double, 4> values_of(const machine::BatchTotals& totals) {
  return {static_cast<double>(totals.lookups), static_cast<double>(totals.misses),
          static_cast<double>(totals.walks), static_cast<double>(totals.faults)};
}

}  // namespace

// Checks that the machine is free, and turns what native code throws into an error after which the
// machine says that it is not usable.
Napi::Value MachineWrap::call(Method method, const Napi::CallbackInfo& info) {
  require_free(info.Env());
  try {
    return (this->*method)(info);
  } catch (const InternalError& error) {
    break_down(error.what());
    raise(info.Env(), internal_error(error.what()));
  } catch (const std::bad_alloc&) {
    break_down("the host had no memory left");
    raise(info.Env(), host_memory_error());
  }
}

Napi::Function MachineWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&MachineWrap::access>("access"),
      member<&MachineWrap::access_many>("accessMany"),
      member<&MachineWrap::set_fault_handler>("setFaultHandler"),
      member<&MachineWrap::stats>("stats"),
      member<&MachineWrap::reset>("reset"),
      member<&MachineWrap::validate>("validate"),
      member<&MachineWrap::health>("health"),
      member<&MachineWrap::boot_log>("bootLog"),
      member<&MachineWrap::save_state>("saveState"),
      member<&MachineWrap::close>("close"),
  };
  static constexpr WrapClass kClass = {"NativeMachine", make_wrap<MachineWrap>, kMembers};
  return define_class(env, kClass);
}

MachineWrap& MachineWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kMachineTag))
    raise_expected("a machine", "machine", value);
  return unwrap<MachineWrap>(value);
}

MachineWrap::MachineWrap(const Napi::CallbackInfo& info) {
  machine::Config config = config_of(info[0]);
  if (!info[2].IsUndefined()) {
    policy_ = &PolicyHostWrap::from(info[2]);
    info.This().As<Napi::Object>().Set("policy", info[2]);  // keeps the host alive as long as this
    config.make_policy = [host = policy_](const policy::PolicyContext& context) {
      return host->make(context);
    };
  }
  machine_ = boot(info.Env(), config);
  if (!info[1].IsArrayBuffer() || info[1].As<Napi::ArrayBuffer>().ByteLength() < Mailbox::kWords * 8)
    raise_expected("an ArrayBuffer of 64 bytes", "mailbox", info[1]);
  mailbox_.attach(info[1].As<Napi::ArrayBuffer>());
  if (policy_) set_bridge(std::make_unique<FaultBridge>(mailbox_));
  info.This().As<Napi::Object>().TypeTag(&kMachineTag);
}

void MachineWrap::require_free(Napi::Env env) const {
  if (!machine_) raise(env, ErrorCode::Closed, "the machine was closed");
  if (!broken_.empty())
    raise(env, ErrorCode::Internal, "the machine is not usable since an earlier call failed: " + broken_);
  if (waiting_ || (bridge_ && bridge_->is_asking()))
    raise(env, ErrorCode::Reentered, "a page-fault handler called the machine that waits for its answer");
  if (policy_ && policy_->is_asking())
    raise(env, ErrorCode::Reentered, "a policy called the machine that waits for its answer");
  if (taken_) raise(env, ErrorCode::Busy, "the machine is busy with a run that has not ended");
}

std::shared_ptr<machine::Machine> MachineWrap::take(Napi::Env env) {
  require_free(env);
  taken_ = true;
  return machine_;
}

// Address and kind come by mailbox; so does the outcome.
Napi::Value MachineWrap::access(const Napi::CallbackInfo& info) {
  const auto outcome =
      machine_->access(VirtAddr(mailbox_.address()), static_cast<AccessKind>(mailbox_.kind() & 3));
  tell_policy();
  if (!outcome.ok()) raise(info.Env(), outcome.error());
  const machine::AccessOutcome& done = outcome.value();
  mailbox_.put_outcome(done.physical.value(), static_cast<unsigned>(done.page_size),
                       static_cast<unsigned>(done.fault));
  return {};
}

// (addresses, kinds?): what the batch added to the counters comes by mailbox.
Napi::Value MachineWrap::access_many(const Napi::CallbackInfo& info) {
  const auto before = values_of(machine_->totals());
  try {
    replay_batch(*machine_, info[0], info[1], bridge_ ? Handlers::Some : Handlers::None);
  } catch (const Napi::Error&) {
    tell_policy();
    throw;
  }
  tell_policy();
  const auto after = values_of(machine_->totals());
  mailbox_.put_batch(
      {after[0] - before[0], after[1] - before[1], after[2] - before[2], after[3] - before[3]});
  return {};
}

void MachineWrap::tell_policy() {
  if (!policy_) return;
  machine_->settle_uses();
  policy_->flush();
}

void MachineWrap::set_bridge(std::unique_ptr<FaultBridge> bridge) {
  machine_->set_fault_handler(bridge.get());
  bridge_ = std::move(bridge);
}

// (function or undefined)
Napi::Value MachineWrap::set_fault_handler(const Napi::CallbackInfo& info) {
  if (!info[0].IsUndefined())
    set_bridge(std::make_unique<FaultBridge>(function_of(info[0], "handler"), mailbox_));
  else
    set_bridge(policy_ ? std::make_unique<FaultBridge>(mailbox_) : nullptr);
  return {};
}

Napi::Value MachineWrap::stats(const Napi::CallbackInfo& info) {
  return stats_to_js(info.Env(), machine_->stats());
}

Napi::Value MachineWrap::reset(const Napi::CallbackInfo&) {
  if (policy_) policy_->remove_all();
  machine_->reset();
  tell_policy();
  return {};
}

Napi::Value MachineWrap::validate(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), machine_->validate());
}

Napi::Value MachineWrap::health(const Napi::CallbackInfo& info) {
  return health_to_js(info.Env(), machine_->health());
}

Napi::Value MachineWrap::boot_log(const Napi::CallbackInfo& info) {
  return boot_log_to_js(info.Env(), machine_->boot_log());
}

// (path or undefined, config)
Napi::Value MachineWrap::save_state(const Napi::CallbackInfo& info) {
  const machine::TableView tables = machine_->tables();
  state::Registers registers;  // the control bits and the processor that every machine has
  registers.control.la57 = tables.levels == 5;
  registers.cr3 = tables.root.value();
  return binding::save_state(info, registers, tables.memory);
}

Napi::Value MachineWrap::close(const Napi::CallbackInfo&) {
  machine_.reset();
  bridge_.reset();
  return {};
}

}  // namespace pw::binding
