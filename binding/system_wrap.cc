// SPDX-License-Identifier: MIT
// The native side of lib/system.ts.
#include "binding/system_wrap.h"

#include <algorithm>
#include <vector>

#include "binding/addresses.h"
#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/stats_values.h"
#include "binding/system_values.h"
#include "binding/values.h"
#include "machine/system_stats.h"

namespace pw::binding {
namespace {

// One error out of all: the first one's code, everybody's words.
Error joined(const std::vector<Error>& errors) {
  Error all = errors.front();
  for (std::size_t i = 1; i < errors.size(); ++i) all.message += "; " + errors[i].message;
  return all;
}

Napi::Value bytes_to_js(Napi::Env env, const std::vector<std::byte>& bytes, std::size_t count) {
  auto array = Napi::Uint8Array::New(env, count);
  std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), array.Data(),
                 [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
  return array;
}

// A copy: a handler that is asked meanwhile could take the array's memory away.
std::vector<std::byte> bytes_of(const Napi::Value& value, const char* name) {
  const auto view = view_of<Napi::Uint8Array>(value, napi_uint8_array, "a Uint8Array", name);
  std::vector<std::byte> bytes(view.size());
  std::transform(view.begin(), view.end(), bytes.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
  return bytes;
}

}  // namespace

// Checks that the system is free, and turns what native code throws into an error after which it is not usable.
template <Napi::Value (SystemWrap::*Method)(const Napi::CallbackInfo&)>
Napi::Value SystemWrap::entry(const Napi::CallbackInfo& info) {
  require_free(info.Env());
  try {
    return (this->*Method)(info);
  } catch (const InternalError& error) {
    broken_ = error.what();
    raise(info.Env(), internal_error(error.what()));
  } catch (const std::bad_alloc&) {
    broken_ = "the host had no memory left";
    raise(info.Env(), host_memory_error());
  }
}

Napi::Function SystemWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeSystem",
                     {
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::create_process>>("createProcess"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::call>>("call"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::access>>("access"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::access_many>>("accessMany"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::totals>>("totals"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::read>>("read"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::write>>("write"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::vmas>>("vmas"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::process>>("process"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::processes>>("processes"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::reap>>("reap"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::violations>>("violations"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::last_violation>>("lastViolation"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::triple_fault>>("tripleFault"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::stats>>("stats"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::health>>("health"),
                         InstanceMethod<&SystemWrap::entry<&SystemWrap::close>>("close"),
                     });
}

SystemWrap::SystemWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    const machine::Config machine = config_of(info[0]);
    std::vector<Error> violations;
    system_ = os::System::boot(system_config_of(machine, info[1]), violations);
    if (!violations.empty()) raise(info.Env(), joined(violations));
    cost_ = machine.cost;
    if (!info[2].IsArrayBuffer() || info[2].As<Napi::ArrayBuffer>().ByteLength() < Mailbox::kWords * 8)
      raise_expected("an ArrayBuffer of 64 bytes", "mailbox", info[2]);
    mailbox_.attach(info[2].As<Napi::ArrayBuffer>());
  });
}

void SystemWrap::require_free(Napi::Env env) const {
  if (!system_) raise(env, ErrorCode::Closed, "the machine was closed or reset");
  if (!broken_.empty())
    raise(env, ErrorCode::Internal, "the machine is not usable since an earlier call failed: " + broken_);
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
Napi::Value SystemWrap::call(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  os::CallArguments arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) arguments[i] = mailbox_.argument(i);
  const mm::CallResult result = system_->call(process, unsigned_of(info[1], "call"), arguments);
  mailbox_.put_value(result.value);
  return to_js(info.Env(), static_cast<std::uint8_t>(result.error));
}

// How the access ended; the rest by mailbox.
Napi::Value SystemWrap::end_to_js(Napi::Env env, const os::Accessed& accessed, std::uint64_t done) {
  using Kind = mm::FaultKind;
  const Kind fault = accessed.was_major ? Kind::Major : accessed.faults != 0 ? Kind::Minor : Kind::None;
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

Napi::Value SystemWrap::vmas(const Napi::CallbackInfo& info) {
  const os::Process& process = process_of(info[0]);
  if (process.state() == os::ProcessState::Ended) return Napi::Array::New(info.Env());
  return vmas_to_js(info.Env(), process);
}

Napi::Value SystemWrap::process(const Napi::CallbackInfo& info) {
  return process_to_js(info.Env(), process_of(info[0]));
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
  health["problems"] = to_js(info.Env(), system_->validate());
  health["counts"] = counts_to_js(info.Env(), *system_);
  return health;
}

Napi::Value SystemWrap::close(const Napi::CallbackInfo&) {
  system_.reset();
  return {};
}

}  // namespace pw::binding
