// SPDX-License-Identifier: MIT
// The native side of lib/system.ts.
#include "binding/system_wrap.h"

#include <vector>

#include "binding/addresses.h"
#include "binding/bytes.h"
#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/system_values.h"
#include "binding/type_tags.h"
#include "binding/values.h"
#include "machine/system_stats.h"
#include "os/system_calls.h"

namespace pw::binding {
namespace {

// One error out of all: the first one's code, everybody's words.
Error joined(const std::vector<Error>& errors) {
  Error all = errors.front();
  for (std::size_t i = 1; i < errors.size(); ++i) all.message += "; " + errors[i].message;
  return all;
}

}  // namespace

// Checks that the system is free, and turns what native code throws into an error after which it is not usable.
Napi::Value SystemWrap::call(Method method, const Napi::CallbackInfo& info) {
  require_free(info.Env());
  try {
    const Napi::Value value = (this->*method)(info);
    if (system_ && system_->kernel().has_hook_failure()) raise_hook_failure(info.Env());
    return value;
  } catch (const InternalError& error) {
    broken_ = error.what();
    raise(info.Env(), internal_error(error.what()));
  } catch (const std::bad_alloc&) {
    broken_ = "the host had no memory left";
    raise(info.Env(), host_memory_error());
  }
}

Napi::Function SystemWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&SystemWrap::create_process>("createProcess"),
      member<&SystemWrap::system_call>("call"),
      member<&SystemWrap::access>("access"),
      member<&SystemWrap::access_many>("accessMany"),
      member<&SystemWrap::totals>("totals"),
      member<&SystemWrap::read>("read"),
      member<&SystemWrap::write>("write"),
      member<&SystemWrap::mincore>("mincore"),
      member<&SystemWrap::region>("allocateRegion"),
      member<&SystemWrap::free_region>("freeRegion"),
      member<&SystemWrap::open>("open"),
      member<&SystemWrap::shm_unlink>("shmUnlink"),
      member<&SystemWrap::create_file>("createFile"),
      member<&SystemWrap::write_file>("writeFile"),
      member<&SystemWrap::read_file>("readFile"),
      member<&SystemWrap::read_remote>("readRemote"),
      member<&SystemWrap::write_remote>("writeRemote"),
      member<&SystemWrap::set_attributes>("setAttributes"),
      member<&SystemWrap::set_signal_handler>("setSignalHandler"),
      member<&SystemWrap::set_fault_handler>("setFaultHandler"),
      member<&SystemWrap::set_exception_handler>("setExceptionHandler"),
      member<&SystemWrap::set_hooks>("setHooks"),
      member<&SystemWrap::open_range>("openRange"),
      member<&SystemWrap::range_call>("rangeCall"),
      member<&SystemWrap::vmas>("vmas"),
      member<&SystemWrap::proportional_pages>("proportionalPages"),
      member<&SystemWrap::process>("process"),
      member<&SystemWrap::processes>("processes"),
      member<&SystemWrap::reap>("reap"),
      member<&SystemWrap::violations>("violations"),
      member<&SystemWrap::last_violation>("lastViolation"),
      member<&SystemWrap::triple_fault>("tripleFault"),
      member<&SystemWrap::stats>("stats"),
      member<&SystemWrap::health>("health"),
      member<&SystemWrap::boot_log>("bootLog"),
      member<&SystemWrap::unhealthy>("unhealthy"),
      member<&SystemWrap::close>("close"),
  };
  static constexpr WrapClass kClass = {"NativeSystem", make_wrap<SystemWrap>, kMembers};
  return define_class(env, kClass);
}

SystemWrap& SystemWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kSystemTag))
    raise_expected("a system", "system", value);
  return unwrap<SystemWrap>(value);
}

os::System& SystemWrap::take(Napi::Env env) {
  require_free(env);
  taken_ = true;
  return *system_;
}

SystemWrap::SystemWrap(const Napi::CallbackInfo& info) {
  const machine::Config machine = config_of(info[0]);
  std::vector<Error> violations;
  system_ = os::System::boot(system_config_of(machine, info[1]), violations);
  if (!violations.empty()) raise(info.Env(), joined(violations));
  cost_ = machine.cost;
  if (!info[2].IsArrayBuffer() || info[2].As<Napi::ArrayBuffer>().ByteLength() < Mailbox::kWords * 8)
    raise_expected("an ArrayBuffer of 64 bytes", "mailbox", info[2]);
  mailbox_.attach(info[2].As<Napi::ArrayBuffer>());
  asker_.attach(info.This().As<Napi::Object>(), function_of(info[3], "ask"));
  hooks_ = std::make_unique<SystemHooks>(*system_, asker_, mailbox_, kHooks);
  info.This().As<Napi::Object>().TypeTag(&kSystemTag);
}

void SystemWrap::require_free(Napi::Env env) const {
  if (!system_) raise(env, ErrorCode::Closed, "the machine was closed or reset");
  if (!broken_.empty())
    raise(env, ErrorCode::Internal, "the machine is not usable since an earlier call failed: " + broken_);
  if (taken_) raise(env, ErrorCode::Busy, "the machine is busy with a run that has not ended");
  if (asker_.kernel_waits())
    raise(env, ErrorCode::Reentered, "a handler or hook called the machine that waits for its answer");
}

// For what would take away what a call under way uses.
void SystemWrap::require_no_wait(Napi::Env env) const {
  if (asker_.waits())
    raise(env, ErrorCode::Reentered, "a signal handler called what its process's access has to outlive");
}

os::Process& SystemWrap::process_of(const Napi::Value& pid) const {
  const std::uint64_t number = unsigned_of(pid, "pid");
  os::Process* const process = system_->processes().find(static_cast<os::Pid>(number));
  if (process == nullptr)
    raise(pid.Env(), ErrorCode::NotRunning, "process " + std::to_string(number) + " was reaped");
  return *process;
}

os::Process& SystemWrap::running_of(const Napi::Value& pid) const {
  os::Process& process = process_of(pid);
  if (const auto& fault = system_->exceptions().triple_fault())
    raise(pid.Env(), ErrorCode::Halted, "the machine stopped: " + fault->describe());
  if (process.is_running()) return process;
  if (process.state() == os::ProcessState::Blocked)
    raise(pid.Env(), ErrorCode::Busy,
          "process " + std::to_string(process.pid()) + " is blocked until a handler of its ranges wakes it");
  const bool ended = process.state() == os::ProcessState::Ended;
  raise(pid.Env(), ErrorCode::NotRunning,
        "process " + std::to_string(process.pid()) +
            (ended ? " has ended" : " waits until its child execs or exits"));
}

// The number of the process, or 0 where there is no memory for one.
Napi::Value SystemWrap::create_process(const Napi::CallbackInfo& info) {
  const os::Process* const process = system_->processes().create({});
  return to_js(info.Env(), process == nullptr ? 0 : process->pid());
}

// (pid, number): arguments and value by mailbox; Linux's error number, or 0.
Napi::Value SystemWrap::system_call(const Napi::CallbackInfo& info) {
  const std::uint64_t number = unsigned_of(info[1], "call");
  os::Process& blocked = process_of(info[0]);
  const bool may_exit = number == os::call::kExit && blocked.state() == os::ProcessState::Blocked;
  os::Process& process = may_exit ? blocked : running_of(info[0]);
  os::CallArguments arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) arguments[i] = mailbox_.argument(i);
  return result_to_js(info.Env(), system_->call(process, number, arguments));
}

Napi::Value SystemWrap::result_to_js(Napi::Env env, const mm::CallResult& result) {
  mailbox_.put_value(result.value);
  return to_js(env, static_cast<std::uint8_t>(result.error));
}

// How the access ended; the rest by mailbox.
Napi::Value SystemWrap::end_to_js(Napi::Env env, const os::Accessed& accessed, std::uint64_t done) {
  using Kind = mm::FaultKind;
  const bool refused = accessed.faults != 0 && accessed.reason >= mm::FaultReason::GuardPage &&
                       accessed.reason <= mm::FaultReason::BeyondObject;
  const Kind fault = refused                ? Kind::Protection
                     : accessed.was_major   ? Kind::Major
                     : accessed.faults != 0 ? Kind::Minor
                                            : Kind::None;
  mailbox_.put_outcome(accessed.physical.value(), static_cast<unsigned>(accessed.page_size),
                       static_cast<unsigned>(fault));
  mailbox_.put_end(static_cast<unsigned>(accessed.reason), done);
  return to_js(env, static_cast<std::uint8_t>(accessed.end));
}

// (pid): address and kind by mailbox.
Napi::Value SystemWrap::access(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  const os::Accessed accessed =
      system_->access(process, VirtAddr(mailbox_.address()), static_cast<AccessKind>(mailbox_.kind() & 3));
  return end_to_js(info.Env(), accessed, 0);
}

// (pid, addresses, kinds or undefined): until one is refused.
Napi::Value SystemWrap::access_many(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  const std::vector<std::uint64_t> addresses = addresses_of(info[1]);
  const auto kinds = bytes_of(info[2], "kinds");
  if (!info[2].IsUndefined() && kinds.size() != addresses.size())
    raise(info.Env(), ErrorCode::OutOfRange,
          "kinds: expected one for each of " + std::to_string(addresses.size()) + " addresses, got " +
              std::to_string(kinds.size()));
  os::Accessed last;
  std::size_t done = 0;
  for (; done < addresses.size(); ++done) {
    const auto kind = kinds.empty() ? AccessKind::Load : static_cast<AccessKind>(kinds[done] & std::byte{3});
    last = system_->access(process, VirtAddr(addresses[done]), kind);
    if (last.end != os::AccessEnd::Done) break;
  }
  return end_to_js(info.Env(), last, done);
}

// What accesses have added to the counters so far.
Napi::Value SystemWrap::totals(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const machine::BatchTotals totals = machine::totals_of(*system_);
  Napi::Object object = Napi::Object::New(env);
  object["accesses"] = to_js(env, totals.lookups);
  object["misses"] = to_js(env, totals.misses);
  object["walks"] = to_js(env, totals.walks);
  object["faults"] = to_js(env, totals.faults);
  return object;
}

// (pid, address, length): what could be read.
Napi::Value SystemWrap::read(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  std::vector<std::byte> bytes(static_cast<std::size_t>(unsigned_of(info[2], "length")));
  os::Accessed last;
  const std::uint64_t done = system_->read(process, unsigned_of(info[1], "address"), bytes, &last);
  const Napi::Value read = bytes_to_js(info.Env(), bytes, static_cast<std::size_t>(done));
  end_to_js(info.Env(), last, static_cast<std::uint64_t>(last.end));
  return read;
}

// (pid, address, bytes): how the last access ended.
Napi::Value SystemWrap::write(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  const std::vector<std::byte> bytes = bytes_of(info[2], "bytes");
  os::Accessed last;
  const std::uint64_t done = system_->write(process, unsigned_of(info[1], "address"), bytes, &last);
  return end_to_js(info.Env(), last, done);
}

Napi::Value SystemWrap::close(const Napi::CallbackInfo& info) {
  require_no_wait(info.Env());
  hooks_.reset();
  ranges_.clear();
  system_.reset();
  return {};
}

}  // namespace pw::binding
