// SPDX-License-Identifier: MIT
// Values of systems of processes.
#include "binding/system_values.h"

#include <initializer_list>
#include <limits>
#include <utility>

#include "binding/values.h"

namespace pw::binding {
namespace {

constexpr std::string_view kOnViolation[] = {"end-process", "record"};
constexpr std::string_view kOvercommit[] = {"heuristic", "always", "never"};
constexpr std::string_view kFaultKinds[] = {"none", "minor", "major", "protection"};
constexpr std::string_view kStates[] = {"running", "suspended", "blocked", "ended"};

using Counter = std::pair<const char*, std::uint64_t>;

Napi::Object numbers_to_js(Napi::Env env, std::initializer_list<Counter> counters) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : counters) object[name] = to_js(env, value);
  return object;
}

bool flag_of(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsBoolean()) raise_expected("a boolean", name, value);
  return value.As<Napi::Boolean>().Value();
}

// Beyond 32 bits it would be another number.
std::uint32_t map_count_of(const Napi::Value& value) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  const std::uint64_t count = unsigned_of(value, "maxMapCount");
  if (count > kMost) raise(value.Env(), number_out_of_range("maxMapCount", 0, kMost, "VMAs", count));
  return static_cast<std::uint32_t>(count);
}

std::vector<mm::SwapAreaConfig> swap_of(const Napi::Value& value) {
  const Napi::Array list = array_of(value, "swap");
  std::vector<mm::SwapAreaConfig> areas;
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Object area = object_of(list.Get(i), "swap");
    areas.push_back({.slots = unsigned_of(area.Get("slots"), "swap.size"),
                     .read_ns = unsigned_of(area.Get("readLatency"), "swap.readLatency"),
                     .write_ns = unsigned_of(area.Get("writeLatency"), "swap.writeLatency")});
  }
  return areas;
}

mm::OvercommitConfig overcommit_of(const Napi::Value& value) {
  const Napi::Object object = object_of(value, "overcommit");
  return {.mode = choice_of<mm::Overcommit>(object.Get("mode"), "overcommit.mode", kOvercommit),
          .ratio_percent = unsigned_of(object.Get("ratio"), "overcommit.ratio"),
          .admin_reserve_pages = unsigned_of(object.Get("adminReserve"), "overcommit.adminReserve"),
          .user_reserve_pages = unsigned_of(object.Get("userReserve"), "overcommit.userReserve")};
}

std::string rights_text(const mm::Vma& vma) {
  return {vma.has(mm::vm::kRead) ? 'r' : '-', vma.has(mm::vm::kWrite) ? 'w' : '-',
          vma.has(mm::vm::kExec) ? 'x' : '-', vma.has(mm::vm::kMayShare) ? 's' : 'p'};
}

// Bytes; null: no limit.
Napi::Object limits_to_js(Napi::Env env, const mm::Limits& limits) {
  const auto bytes = [&](std::uint64_t limit) {
    return limit == mm::Limits::kInfinity ? env.Null() : address_to_js(env, limit);
  };
  Napi::Object object = Napi::Object::New(env);
  object["addressSpace"] = bytes(limits.address_space);
  object["data"] = bytes(limits.data);
  object["stack"] = bytes(limits.stack);
  object["locked"] = bytes(limits.locked);
  object["mayLockAny"] = to_js(env, limits.may_lock_any);
  return object;
}

Napi::Object faults_to_js(Napi::Env env, const os::FaultCounters& faults) {
  Napi::Object object = numbers_to_js(env, {{"total", faults.total()},
                                            {"minor", faults.minor},
                                            {"major", faults.major},
                                            {"refused", faults.refused},
                                            {"time", faults.time_ns}});
  Napi::Object reasons = Napi::Object::New(env);
  for (std::size_t i = 0; i < mm::kFaultReasons; ++i)
    reasons.Set(std::string(name_of(static_cast<mm::FaultReason>(i))), to_js(env, faults.by_reason[i]));
  object["byReason"] = reasons;
  return object;
}

}  // namespace

os::SystemConfig system_config_of(const machine::Config& machine, const Napi::Value& processes) {
  const Napi::Object object = object_of(processes, "processes");
  os::SystemConfig config;
  config.kernel.memory_bytes = machine.memory_bytes;
  config.kernel.memory_map = machine.memory_map;
  config.kernel.levels = machine.levels;
  config.kernel.policy = machine.policy;
  config.kernel.exact = machine.observe == machine::Observe::Exact;
  config.kernel.contents = flag_of(object, "contents");
  config.kernel.zero_page = flag_of(object, "zeroPage");
  config.kernel.resident_limit = machine.resident_limit;
  config.kernel.swap = swap_of(object.Get("swap"));
  config.kernel.file_read_ns = unsigned_of(object.Get("fileReadLatency"), "fileReadLatency");
  config.kernel.overcommit = overcommit_of(object.Get("overcommit"));
  config.kernel.max_map_count = map_count_of(object.Get("maxMapCount"));
  config.kernel.seed = machine.seed;
  config.cpu.tlb = machine.tlb;
  config.cpu.structure_caches = machine.structure_caches;
  config.cpu.protection_keys = flag_of(object, "protectionKeys");
  config.cpu.seed = machine.seed;
  const Napi::Object costs = object_of(object.Get("faultCost"), "faultCost");
  config.costs = {.minor_ns = unsigned_of(costs.Get("minor"), "faultCost.minor"),
                  .major_ns = unsigned_of(costs.Get("major"), "faultCost.major"),
                  .zero_ns = unsigned_of(costs.Get("zero"), "faultCost.zero"),
                  .copy_ns = unsigned_of(costs.Get("copy"), "faultCost.copy")};
  config.on_violation = choice_of<os::OnViolation>(object.Get("onViolation"), "onViolation", kOnViolation);
  config.violations_kept = unsigned_of(object.Get("violationsKept"), "violationsKept");
  config.validate_every = machine.validate_every;
  return config;
}

void add_system_choices(Napi::Env env, Napi::Object choices) {
  choices["onViolation"] = words_to_js(env, kOnViolation);
  choices["overcommit.mode"] = words_to_js(env, kOvercommit);
}

Napi::Object process_to_js(Napi::Env env, const os::Process& process) {
  Napi::Object object = numbers_to_js(env, {{"parent", process.parent()},
                                            {"endSignal", static_cast<std::uint8_t>(process.end_signal())},
                                            {"exitStatus", process.exit_status()},
                                            {"pkru", process.pkru()}});
  object["oomScoreAdjustment"] = to_js(env, static_cast<double>(process.oom_score_adjustment()));
  object["state"] = to_js(env, kStates[static_cast<std::size_t>(process.state())]);
  object["faults"] = faults_to_js(env, process.faults());
  if (process.state() == os::ProcessState::Ended) return object;
  const mm::AddressSpace& space = process.space();
  object["limits"] = limits_to_js(env, space.limits());
  const mm::SpaceCounters& counters = space.counters();
  using Kind = mm::PageKind;
  const auto resident = [&](Kind kind) { return counters.resident[static_cast<std::size_t>(kind)]; };
  object["memory"] = numbers_to_js(env, {{"virtual", counters.total},
                                         {"data", counters.data},
                                         {"code", counters.exec},
                                         {"stack", counters.stack},
                                         {"locked", counters.locked},
                                         {"anonymous", resident(Kind::Anonymous)},
                                         {"file", resident(Kind::File)},
                                         {"shared", resident(Kind::SharedMemory)},
                                         {"swapped", counters.swapped},
                                         {"tables", space.mapper().table_count()},
                                         {"vmas", space.vmas().size()}});
  return object;
}

Napi::Array vmas_to_js(Napi::Env env, const os::Process& process) {
  Napi::Array list = Napi::Array::New(env);
  std::uint32_t index = 0;
  for (const mm::Vma* vma = process.space().vmas().first(); vma != nullptr; vma = vma->next) {
    Napi::Object object = Napi::Object::New(env);
    object["start"] = address_to_js(env, address_of(vma->range.first).value());
    object["end"] = address_to_js(env, address_of(vma->range.end).value());
    object["rights"] = to_js(env, std::string_view(rights_text(*vma)));
    object["offset"] = address_to_js(env, vma->object ? vma->offset * kFrameBytes : 0);
    object["name"] = to_js(env, std::string_view(vma->object ? vma->object->name() : std::string()));
    object["growsDown"] = to_js(env, vma->has(mm::vm::kGrowsDown));
    object["locked"] = to_js(env, vma->has(mm::vm::kLocked));
    object["protectionKey"] = to_js(env, vma->protection_key);
    list.Set(index++, object);
  }
  return list;
}

Napi::Object violation_to_js(Napi::Env env, const os::Violation& violation) {
  Napi::Object object = numbers_to_js(env, {{"pid", violation.pid},
                                            {"errorCode", violation.error_code},
                                            {"signal", static_cast<std::uint8_t>(violation.signal)},
                                            {"time", violation.time_ns}});
  object["address"] = address_to_js(env, violation.address.value());
  object["instructionPointer"] = address_to_js(env, violation.instruction_pointer.value());
  object["kind"] = to_js(env, name_of(violation.access));
  object["reason"] = to_js(env, name_of(violation.reason));
  object["siCode"] = to_js(env, static_cast<double>(violation.si_code));
  return object;
}

Napi::Object page_fault_to_js(Napi::Env env, const os::PageFault& fault) {
  Napi::Object object = numbers_to_js(env, {{"pid", fault.pid}, {"errorCode", fault.error_code}});
  object["address"] = address_to_js(env, fault.address.value());
  object["instructionPointer"] = address_to_js(env, fault.instruction_pointer.value());
  object["kind"] = to_js(env, name_of(fault.access));
  object["type"] = to_js(env, kFaultKinds[static_cast<std::size_t>(fault.forecast.kind)]);
  object["reason"] = to_js(env, name_of(fault.forecast.reason));
  return object;
}

Napi::Object trap_frame_to_js(Napi::Env env, const os::TrapFrame& frame) {
  Napi::Object object =
      numbers_to_js(env, {{"vector", frame.exception.vector}, {"errorCode", frame.exception.error_code}});
  object["instructionPointer"] = address_to_js(env, frame.instruction_pointer.value());
  if (frame.exception.cr2) object["address"] = address_to_js(env, frame.exception.cr2->value());
  return object;
}

Napi::Object triple_fault_to_js(Napi::Env env, const os::TripleFault& fault) {
  Napi::Object object = Napi::Object::New(env);
  object["report"] = to_js(env, std::string_view(fault.describe()));
  object["exceptions"] =
      list_to_js(env, fault.frames, [&](const os::TrapFrame& frame) { return trap_frame_to_js(env, frame); });
  return object;
}

Napi::Object kernel_to_js(Napi::Env env, os::System& system) {
  const mm::KernelCounters& counters = system.kernel().counters();
  const mm::SwapSpace& swap = system.kernel().swap();
  const os::OutOfMemoryCounters& memory = system.out_of_memory();
  Napi::Object object = numbers_to_js(env, {{"time", system.time_ns()},
                                            {"zeroedPages", counters.zeroed_pages},
                                            {"fileReads", counters.file_reads},
                                            {"writebacks", counters.writebacks},
                                            {"violations", system.violations().count()},
                                            {"switches", system.cpu().counters().switches}});
  object["faults"] = faults_to_js(env, system.processes().faults());
  object["copyOnWrite"] =
      numbers_to_js(env, {{"copied", counters.copied_pages}, {"reused", counters.reused_pages}});
  object["swap"] = numbers_to_js(env, {{"slots", swap.slots()},
                                       {"used", swap.in_use()},
                                       {"out", counters.swap_outs},
                                       {"in", counters.swap_ins},
                                       {"cacheHits", counters.swap_cache_hits},
                                       {"writeTime", counters.swap_write_ns}});
  object["outOfMemory"] = numbers_to_js(
      env, {{"hookHelped", memory.hook_helped}, {"killed", memory.killed}, {"failed", memory.failed}});
  return object;
}

Napi::Object counts_to_js(Napi::Env env, os::System& system) {
  const mm::Kernel& kernel = system.kernel();
  std::uint64_t tables = 0, spaces = 0, objects = 0;
  kernel.for_each_space([&](mm::AddressSpace& space) {
    tables += space.mapper().table_count();
    ++spaces;
  });
  kernel.for_each_object([&](const mm::VmObject&) { ++objects; });
  return numbers_to_js(env, {{"frames", kernel.allocator().usable_frames()},
                             {"freeFrames", kernel.allocator().free_count()},
                             {"tableFrames", tables},
                             {"residentPages", kernel.counters().resident_pages},
                             {"swapSlots", kernel.swap().slots()},
                             {"usedSwapSlots", kernel.swap().in_use()},
                             {"committedPages", system.kernel().commit().committed()},
                             {"addressSpaces", spaces},
                             {"objects", objects},
                             {"processes", system.processes().size()}});
}

}  // namespace pw::binding
