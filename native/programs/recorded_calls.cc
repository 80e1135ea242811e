// SPDX-License-Identifier: MIT
#include "programs/recorded_calls.h"

#include "mm/calls/calls.h"
#include "os/system_calls.h"

namespace pw::programs {

using mm::CallResult;
using mm::Errno;
using trace::Event;
using trace::EventKind;
namespace abi = mm::abi;
namespace number = os::call;

namespace {

std::uint64_t number_of(EventKind kind) {
  switch (kind) {
    case EventKind::Munmap: return number::kMunmap;
    case EventKind::Mprotect: return number::kMprotect;
    case EventKind::Madvise: return number::kMadvise;
    case EventKind::Mlock: return number::kMlock2;
    case EventKind::Munlock: return number::kMunlock;
    case EventKind::Mlockall: return number::kMlockall;
    case EventKind::Munlockall: return number::kMunlockall;
    case EventKind::Msync: return number::kMsync;
    default: return number::kShmdt;
  }
}

// Shared memory that was opened by a descriptor of no name.
bool is_memory_file(const std::string& name) { return name.starts_with("memfd:"); }

}  // namespace

void RecordedCalls::make(os::Process& process, const Event& event) {
  switch (event.kind) {
    case EventKind::Begin: {
      if (event.arguments[0] == 0) return;
      process.space().layout().brk_start = page_of(VirtAddr(mm::page_align(event.arguments[0])));
      return process.space().set_brk(mm::page_align(event.arguments[0]));
    }
    case EventKind::Map: {
      Event mapped = event;
      mapped.result = event.arguments[0];
      return compare(mapped, map(process, event, event.arguments[0]));
    }
    case EventKind::Brk: return compare(event, brk(process, event));
    case EventKind::Mmap: return compare(event, map(process, event, event.result));
    case EventKind::Mremap: return compare(event, mremap(process, event));
    case EventKind::Shmat: return compare(event, shmat(process, event));
    default: {
      os::CallArguments arguments{};
      for (std::size_t i = 0; i < arguments.size(); ++i) arguments[i] = event.arguments[i];
      return compare(event, call(process, number_of(event.kind), arguments));
    }
  }
}

CallResult RecordedCalls::call(os::Process& process, std::uint64_t number,
                               const os::CallArguments& arguments) {
  return system_.call(process, number, arguments);
}

// Without a Begin, the first answer tells where the heap is.
CallResult RecordedCalls::brk(os::Process& process, const Event& event) {
  mm::AddressSpace& space = process.space();
  const std::uint64_t start = address_of(space.layout().brk_start).value();
  const bool is_untouched = space.brk() == start;
  if (is_untouched && event.arguments[0] == 0) {
    space.layout().brk_start = page_of(VirtAddr(mm::page_align(event.result)));
    space.set_brk(event.result);
  }
  const CallResult result = call(process, number::kBrk, {event.arguments[0]});
  if (result.value >= event.result || !process.is_running()) return result;
  // Something is in the way that was not there: it goes.
  const std::uint64_t from = mm::page_align(result.value);
  (void)call(process, number::kMunmap, {from, mm::page_align(event.result) - from});
  if (process.is_running()) (void)call(process, number::kBrk, {event.result});
  return result;
}

CallResult RecordedCalls::map(os::Process& process, const Event& event, std::uint64_t address) {
  const std::uint64_t flags = event.arguments[3];
  if (event.failed) return map_at(process, event, event.arguments[0], flags);
  const bool replaces = (flags & abi::kMapFixed) != 0 || event.kind == EventKind::Map;
  const std::uint64_t at_place = flags | (replaces ? abi::kMapFixed : abi::kMapFixedNoReplace);
  const CallResult result = map_at(process, event, address, at_place);
  if (result.ok() || !process.is_running()) return result;
  // What lies there goes, and what the system does not know is left out.
  constexpr std::uint64_t kPlain =
      abi::kMapType | abi::kMapAnonymous | abi::kMapGrowsDown | abi::kMapNoReserve;
  (void)map_at(process, event, address, (flags & kPlain) | abi::kMapFixed);
  return result;
}

CallResult RecordedCalls::map_at(os::Process& process, const Event& event, std::uint64_t address,
                                 std::uint64_t flags) {
  const std::uint64_t length = event.arguments[1];
  const std::uint64_t offset = event.arguments[event.kind == EventKind::Map ? 4 : 5];
  mm::OpenFile file;
  const bool has_file = !(flags & abi::kMapAnonymous) && !event.file.empty();
  if (has_file) file.object = object_of(event.file, offset + length < offset ? 0 : offset + length);
  const os::System::Call under_way(system_, process);
  return mm::mmap(process.space(), {.address = address,
                                    .length = length,
                                    .protection = event.arguments[2],
                                    .flags = flags,
                                    .file = has_file ? &file : nullptr,
                                    .offset = offset});
}

std::shared_ptr<mm::VmObject> RecordedCalls::object_of(const std::string& name, std::uint64_t bytes) {
  auto& object = objects_[name];
  const auto kind = is_memory_file(name) ? mm::ObjectKind::SharedMemory : mm::ObjectKind::File;
  if (!object) object = system_.kernel().make_object(kind, name, 0);
  if (object->bytes() < bytes) (void)mm::truncate(system_.kernel(), *object, mm::page_align(bytes));
  return object;
}

// A mapping that moved, moves to the same place.
CallResult RecordedCalls::mremap(os::Process& process, const Event& event) {
  os::CallArguments arguments{};
  for (std::size_t i = 0; i < 5; ++i) arguments[i] = event.arguments[i];
  std::uint64_t& flags = arguments[3];
  if (!event.failed && !(flags & abi::kMremapFixed)) {
    if (event.result == event.arguments[0] && !(flags & abi::kMremapDontUnmap)) {
      flags &= ~abi::kMremapMayMove;
    } else {
      flags |= abi::kMremapMayMove | abi::kMremapFixed;
      arguments[4] = event.result;
    }
  }
  return call(process, number::kMremap, arguments);
}

CallResult RecordedCalls::shmat(os::Process& process, const Event& event) {
  const std::uint64_t id = event.arguments[0];
  if (!segments_.contains(id)) {
    const std::uint64_t bytes = std::max<std::uint64_t>(event.arguments[3], 1);
    const CallResult made = call(process, number::kShmget, {0, bytes, 0});
    if (!made.ok()) return made;
    segments_[id] = made.value;
  }
  if (!process.is_running()) return Errno::Enomem;
  const std::uint64_t address = event.failed ? event.arguments[1] : event.result;
  return call(process, number::kShmat, {segments_[id], address, event.arguments[2]});
}

void RecordedCalls::compare(const Event& event, CallResult result) {
  const std::uint64_t value = result.ok() ? result.value : static_cast<std::uint64_t>(result.error);
  if (!result.ok() == event.failed && value == event.result) return;
  report_.add({event, !result.ok(), value});
}

}  // namespace pw::programs
