// SPDX-License-Identifier: MIT
#include "binding/system_hooks.h"

#include "binding/values.h"

namespace pw::binding {
namespace {

using mm::HookPoint;

// Where the mailbox has the numbers of an answer; arguments of the call under way are not there.
constexpr std::size_t kAnswer = 4;

constexpr std::string_view kKinds[] = {"anonymous", "file", "shared"};

}  // namespace

void SystemHooks::set_asked(std::uint32_t asked) {
  asked_ = asked;
  const bool asks_for_memory = asks(HookPoint::OutOfMemory);
  const bool asks_others = (asked & ~(1u << static_cast<unsigned>(HookPoint::OutOfMemory))) != 0;
  system_.kernel().set_hooks(asks_others ? this : nullptr);
  system_.set_out_of_memory_hook(
      asks_for_memory ? os::System::OutOfMemoryHook(
                            [this](const os::OutOfMemoryRequest& request) { return ask_for_room(request); })
                      : nullptr);
}

std::int32_t SystemHooks::ask(HookPoint point, const Asker::Detail& detail) {
  return asker_.ask(Asker::From::Kernel, first_question_ + static_cast<std::uint32_t>(point), detail);
}

// 0 while the process is being made.
os::Pid SystemHooks::pid_of(mm::SpaceId space) {
  os::Pid pid = 0;
  system_.processes().for_each([&](os::Process& process) {
    if (pid == 0 && process.state() != os::ProcessState::Ended && process.space().id() == space)
      pid = process.pid();
  });
  return pid;
}

Napi::Object SystemHooks::page_to_js(Napi::Env env, const mm::PageName& page) {
  Napi::Object object = Napi::Object::New(env);
  object["kind"] = to_js(env, kKinds[static_cast<std::size_t>(page.kind)]);
  if (page.kind == mm::PageKind::Anonymous) {
    object["pid"] = to_js(env, pid_of(page.owner));
    object["address"] = address_to_js(env, page.page * kFrameBytes);
  } else {
    object["name"] = to_js(env, system_.kernel().object(page.owner).name());
    object["offset"] = address_to_js(env, page.page * kFrameBytes);
  }
  return object;
}

mm::FrameAnswer SystemHooks::on_frame_allocation(const mm::PageName& page) {
  using Kind = mm::FrameAnswer::Kind;
  if (!asks(HookPoint::FrameAllocation)) return {};
  const std::int32_t answer =
      ask(HookPoint::FrameAllocation, [&](Napi::Env env) { return page_to_js(env, page); });
  if (answer < 0 || answer > static_cast<std::int32_t>(Kind::ThisFrame)) return {Kind::Failed};
  return {static_cast<Kind>(answer), FrameIndex(mailbox_.argument(kAnswer))};
}

mm::MappingAnswer SystemHooks::on_mapping(const mm::MappingRequest& request) {
  if (!asks(HookPoint::Mapping)) return mm::MappingAnswer::Allow;
  const std::int32_t answer = ask(HookPoint::Mapping, [&](Napi::Env env) {
    Napi::Object object = Napi::Object::New(env);
    object["pid"] = to_js(env, pid_of(request.space));
    object["address"] = address_to_js(env, address_of(request.page).value());
    const auto access = request.is_fetch   ? AccessKind::Fetch
                        : request.is_write ? AccessKind::Store
                                           : AccessKind::Load;
    object["access"] = to_js(env, name_of(access));
    return object;
  });
  const bool is_known = answer >= 0 && answer <= static_cast<std::int32_t>(mm::MappingAnswer::Refuse);
  return is_known ? static_cast<mm::MappingAnswer>(answer) : mm::MappingAnswer::Failed;
}

mm::EvictionAnswer SystemHooks::on_eviction(const mm::EvictionRequest& request) {
  using Kind = mm::EvictionAnswer::Kind;
  if (!asks(HookPoint::Eviction)) return {};
  const std::int32_t answer = ask(HookPoint::Eviction, [&](Napi::Env env) {
    Napi::Object object = page_to_js(env, request.page);
    object["frame"] = to_js(env, request.frame.value());
    object["dirty"] = Napi::Boolean::New(env, request.is_dirty);
    object["references"] = to_js(env, request.references);
    return object;
  });
  if (answer < 0 || answer > static_cast<std::int32_t>(Kind::Instead)) return {Kind::Failed};
  return {static_cast<Kind>(answer), FrameIndex(mailbox_.argument(kAnswer))};
}

// 0: the device's own time.
mm::SwapAnswer SystemHooks::ask_about_swap(HookPoint point, const mm::SwapRequest& request) {
  if (!asks(point)) return request.device_ns;
  const std::int32_t answer = ask(point, [&](Napi::Env env) {
    Napi::Object object = page_to_js(env, request.page);
    object["slot"] = to_js(env, request.slot);
    object["latency"] = to_js(env, request.device_ns);
    return object;
  });
  if (answer < 0 || answer > 1) return std::nullopt;
  return answer == 0 ? request.device_ns : mailbox_.argument(kAnswer);
}

mm::SwapAnswer SystemHooks::on_swap_out(const mm::SwapRequest& request) {
  return ask_about_swap(HookPoint::SwapOut, request);
}
mm::SwapAnswer SystemHooks::on_swap_in(const mm::SwapRequest& request) {
  return ask_about_swap(HookPoint::SwapIn, request);
}

os::OutOfMemoryAnswer SystemHooks::ask_for_room(const os::OutOfMemoryRequest& request) {
  // What JavaScript may answer, in the order of lib/hooks.ts; it cannot have made room itself.
  using Kind = os::OutOfMemoryAnswer::Kind;
  constexpr Kind kKnown[] = {Kind::Default, Kind::Kill, Kind::Discard, Kind::Refuse};
  const std::int32_t answer = ask(HookPoint::OutOfMemory, [&](Napi::Env env) {
    Napi::Object object = Napi::Object::New(env);
    object["pid"] = to_js(env, request.pid);
    return object;
  });
  if (answer < 0 || answer >= static_cast<std::int32_t>(std::size(kKnown))) return {.kind = Kind::Failed};
  return {kKnown[answer], static_cast<os::Pid>(mailbox_.argument(kAnswer)), mailbox_.argument(kAnswer + 1),
          mailbox_.argument(kAnswer + 2)};
}

}  // namespace pw::binding
