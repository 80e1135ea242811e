// SPDX-License-Identifier: MIT
// Ranges whose faults JavaScript handles, as with userfaultfd(2): the native side of lib/ranges.ts.
#include "binding/bytes.h"
#include "binding/errors.h"
#include "binding/system_wrap.h"
#include "binding/values.h"
#include "mm/calls/user_range.h"

namespace pw::binding {
namespace {

constexpr std::string_view kFaultKinds[] = {"missing", "write-protect", "minor"};

}  // namespace

// (pid, whether faults end in SIGBUS, whether pages that are nowhere are protected): the range's number.
Napi::Value SystemWrap::open_range(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  const std::uint32_t number = ++last_range_;
  const auto user = process.space().open_user_faults({.raises_bus_errors = info[1].ToBoolean().Value(),
                                                      .protects_unpopulated = info[2].ToBoolean().Value()});
  user->set_handler([this, number, pid = process.pid()](const mm::UserFault& fault) {
    return asker_.ask(Asker::From::Process, kUserFault, [&](Napi::Env env) {
      Napi::Object object = Napi::Object::New(env);
      object["range"] = to_js(env, number);
      object["pid"] = to_js(env, pid);
      object["address"] = address_to_js(env, fault.address.value());
      object["kind"] = to_js(env, kFaultKinds[static_cast<std::size_t>(fault.kind)]);
      object["write"] = Napi::Boolean::New(env, fault.is_write);
      return object;
    }) == 0;
  });
  ranges_[number] = user;
  return to_js(info.Env(), number);
}

// (range, call, bytes of a copy): address, length and mode by mailbox. Linux's error number, or 0; the bytes that have
// pages now by mailbox.
Napi::Value SystemWrap::range_call(const Napi::CallbackInfo& info) {
  enum class Call : std::uint8_t { Register, Unregister, Copy, Zero, Continue, Protect, Wake, Close };
  constexpr std::string_view kCalls[] = {"register", "unregister", "copy", "zero",
                                         "continue", "protect",    "wake", "close"};
  const auto found = ranges_.find(static_cast<std::uint32_t>(unsigned_of(info[0], "range")));
  if (found == ranges_.end()) raise(info.Env(), ErrorCode::Closed, "the range was closed");
  const std::shared_ptr<mm::UserFaults> user = found->second;
  const std::uint64_t address = mailbox_.argument(0);
  const std::uint64_t length = mailbox_.argument(1);
  const std::uint64_t mode = mailbox_.argument(2);
  const auto filled = [&](const mm::Filled& result) {
    mailbox_.put_value(result.bytes);
    return to_js(info.Env(), static_cast<std::uint8_t>(result.error));
  };
  mm::Errno error = mm::Errno::None;
  switch (choice_of<Call>(info[1], "call", kCalls)) {
    case Call::Register: error = mm::register_user_range(*user, address, length, mode); break;
    case Call::Unregister: error = mm::unregister_user_range(*user, address, length); break;
    case Call::Copy: {
      const std::vector<std::byte> bytes = bytes_of(info[2], "bytes");
      return filled(mm::copy_to_user_range(*user, address, bytes.size(), bytes, mode));
    }
    case Call::Zero: return filled(mm::zero_user_range(*user, address, length, mode));
    case Call::Continue: return filled(mm::continue_user_range(*user, address, length, mode));
    case Call::Protect: error = mm::protect_user_range(*user, address, length, mode); break;
    case Call::Wake: error = mm::wake_user_range(*user, address, length); break;
    case Call::Close:
      user->close();
      ranges_.erase(found);
      break;
  }
  return to_js(info.Env(), static_cast<std::uint8_t>(error));
}

// (a bit for each hook that is asked, in the order of mm::HookPoint)
Napi::Value SystemWrap::set_hooks(const Napi::CallbackInfo& info) {
  hooks_->set_asked(static_cast<std::uint32_t>(unsigned_of(info[0], "hooks")));
  return {};
}

// What a hook failed with during the call that is over.
void SystemWrap::raise_hook_failure(Napi::Env env) {
  const auto failure = system_->kernel().take_hook_failure();
  asker_.throw_failure(kFailure);
  raise(env, ErrorCode::HandlerAnswer, failure->describe());
}

}  // namespace pw::binding
