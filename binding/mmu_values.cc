// SPDX-License-Identifier: MIT
// Values of the MMU.
#include "binding/mmu_values.h"

#include <string>

#include "binding/values.h"

namespace pw::binding {
namespace {

struct BitName {
  const char* name;
  bool mmu::ControlBits::*bit;
};

constexpr BitName kControlBits[] = {
    {"wp", &mmu::ControlBits::wp},     {"nxe", &mmu::ControlBits::nxe},     {"smep", &mmu::ControlBits::smep},
    {"smap", &mmu::ControlBits::smap}, {"pke", &mmu::ControlBits::pke},     {"pks", &mmu::ControlBits::pks},
    {"pge", &mmu::ControlBits::pge},   {"pcide", &mmu::ControlBits::pcide}, {"la57", &mmu::ControlBits::la57},
};

void set_exception(Napi::Env env, Napi::Object& object, const mmu::Exception& exception) {
  object["ok"] = to_js(env, false);
  object["vector"] = to_js(env, exception.vector);
  object["errorCode"] = to_js(env, exception.error_code);
  if (exception.cr2) object["cr2"] = address_to_js(env, exception.cr2->value());
}

void set_reached(Napi::Env env, Napi::Object& object, PhysAddr address, PageSize size) {
  object["ok"] = to_js(env, true);
  object["pa"] = address_to_js(env, address.value());
  object["pageSize"] = to_js(env, bytes_of(size));
}

Napi::Object step_to_js(Napi::Env env, VirtAddr address, const mmu::WalkStep& step,
                        paging::Level cached_below) {
  Napi::Object object = Napi::Object::New(env);
  object["level"] = to_js(env, step.level);
  object["name"] = to_js(env, paging::entry_name(step.level));
  object["index"] = to_js(env, paging::index_of(address, step.level));
  object["entryAddress"] = address_to_js(env, step.entry_address.value());
  object["entry"] = address_to_js(env, step.entry.bits());
  object["rights"] = rights_to_js(env, step.rights);
  object["cached"] = to_js(env, step.level > cached_below);
  return object;
}

}  // namespace

Napi::Array tlbs_to_js(Napi::Env env, const std::vector<TlbCounters>& tlbs) {
  return list_to_js(env, tlbs, [&](const TlbCounters& counters) {
    Napi::Object tlb = Napi::Object::New(env);
    tlb["name"] = to_js(env, std::string_view(counters.name));
    tlb["level"] = to_js(env, counters.level);
    tlb["hits"] = to_js(env, counters.hits);
    tlb["misses"] = to_js(env, counters.misses);
    return tlb;
  });
}

std::int64_t bytes_of(const tlb::HierarchyConfig& tlbs, const tlb::StructureCacheConfig& caches) {
  constexpr std::int64_t kEntryBytes = 32, kRest = 4096;
  std::int64_t entries = std::int64_t{caches.pml4e} + caches.pdpte + caches.pde;
  for (const tlb::TlbConfig& tlb : tlbs.tlbs)
    for (const tlb::ArrayConfig& array : tlb.arrays) entries += array.entries;
  return entries * kEntryBytes + kRest;
}

bool bit_of(const Napi::Value& value, const std::string& name) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  if (!value.IsNumber()) raise_expected("0, 1 or a boolean", name, value);
  const double number = value.As<Napi::Number>().DoubleValue();
  if (number != 0 && number != 1)
    raise(value.Env(), ErrorCode::OutOfRange, name + ": expected 0 or 1, got " + describe(value));
  return number != 0;
}

Napi::Value rights_to_js(Napi::Env env, const std::optional<paging::Entry>& rights) {
  if (!rights) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object["writable"] = to_js(env, rights->is_writable());
  object["user"] = to_js(env, rights->is_user());
  object["noExecute"] = to_js(env, rights->is_no_execute());
  return object;
}

mmu::Processor processor_of(const Napi::Object& options) {
  const Napi::Value bits = options.Get("maxPhysAddr");
  const std::uint64_t max_phys_bits = unsigned_of(bits, "processor.maxPhysAddr");
  if (max_phys_bits < mmu::ControlRegisters::kLeastPhysBits || max_phys_bits > kMaxPhysBits)
    raise(options.Env(), ErrorCode::OutOfRange,
          "processor.maxPhysAddr: expected 32 to 52 bits, got " + describe(bits));
  return {.max_phys_bits = static_cast<unsigned>(max_phys_bits),
          .pages_1gib = bit_of(options.Get("pages1GiB"), "processor.pages1GiB")};
}

mmu::ControlBits control_bits_of(const Napi::Value& changes, mmu::ControlBits bits) {
  const Napi::Object object = object_of(changes, "control");
  for (const auto& [name, bit] : kControlBits)
    if (const Napi::Value value = object.Get(name); !value.IsUndefined()) bits.*bit = bit_of(value, name);
  return bits;
}

Napi::Object control_bits_to_js(Napi::Env env, const mmu::ControlBits& bits) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, bit] : kControlBits) object[name] = to_js(env, bits.*bit);
  return object;
}

std::uint32_t key_register_of(const Napi::Value& value, const char* name) {
  const std::uint64_t bits = unsigned_of(value, name);
  if (bits >> 32 != 0)
    raise(value.Env(), ErrorCode::OutOfRange,
          std::string(name) + ": expected 32 bits, got " + describe(value));
  return static_cast<std::uint32_t>(bits);
}

Napi::Object keys_to_js(Napi::Env env, const mmu::ControlRegisters& registers) {
  Napi::Object object = Napi::Object::New(env);
  object["pkru"] = address_to_js(env, registers.pkru());
  object["pkrs"] = address_to_js(env, registers.pkrs());
  return object;
}

std::uint16_t vpid_of(const Napi::Value& value) {
  const std::uint64_t vpid = unsigned_of(value, "vmid");
  if (vpid > 0xffff)
    raise(value.Env(), ErrorCode::OutOfRange, "vmid: expected 0 to 65535, got " + describe(value));
  return static_cast<std::uint16_t>(vpid);
}

mmu::Access access_of(const Napi::CallbackInfo& info) {
  const std::uint64_t bytes = unsigned_of(info[4], "size");
  if (bytes == 0 || bytes > mmu::Access::kMaxBytes)
    raise(info.Env(), ErrorCode::OutOfRange, "size: expected 1 to 64 bytes, got " + describe(info[4]));
  return {.address = VirtAddr(unsigned_of(info[0], "address")),
          .bytes = static_cast<unsigned>(bytes),
          .type = access_type_of(info, 1)};
}

paging::AccessType access_type_of(const Napi::CallbackInfo& info, std::size_t first) {
  constexpr std::string_view kWords[] = {"read", "write", "fetch"};
  const auto operation = choice_of<paging::Operation>(info[first], "operation", kWords);
  const std::uint64_t cpl = unsigned_of(info[first + 1], "cpl");
  if (cpl > 3)
    raise(info.Env(), ErrorCode::OutOfRange, "cpl: expected 0 to 3, got " + describe(info[first + 1]));
  return {.operation = operation,
          .privilege = cpl == 3 ? paging::Privilege::User : paging::Privilege::Supervisor,
          .ac = bit_of(info[first + 2], "ac") ? paging::AlignmentCheck::Set : paging::AlignmentCheck::Clear};
}

mmu::InvpcidType invpcid_type_of(const Napi::Value& value) {
  const std::uint64_t type = unsigned_of(value, "type");
  if (type >= mmu::kInvpcidTypes)
    raise(value.Env(), ErrorCode::GeneralProtection,
          "type: expected 0 to 3, got " + describe(value) + " (#GP)");
  return static_cast<mmu::InvpcidType>(type);
}

Napi::Object outcome_to_js(Napi::Env env, const mmu::AccessOutcome& outcome) {
  Napi::Object object = Napi::Object::New(env);
  if (outcome.exception) {
    set_exception(env, object, *outcome.exception);
    return object;
  }
  set_reached(env, object, outcome.first.address, outcome.first.size);
  if (outcome.second) {
    object["pa2"] = address_to_js(env, outcome.second->address.value());
    object["pageSize2"] = to_js(env, bytes_of(outcome.second->size));
  }
  return object;
}

Napi::Object report_to_js(Napi::Env env, VirtAddr address, const mmu::WalkReport& report) {
  constexpr std::string_view kEnds[] = {"translated", "not-present", "reserved", "refused"};
  Napi::Object result = Napi::Object::New(env);
  if (report.reached)
    set_reached(env, result, report.reached->physical(address), report.reached->size);
  else
    set_exception(env, result, *report.exception);
  Napi::Object object = Napi::Object::New(env);
  const bool canonical = !report.steps.empty();
  object["steps"] = list_to_js(env, report.steps, [&](const mmu::WalkStep& step) {
    return step_to_js(env, address, step, report.cached_below);
  });
  object["end"] = to_js(env, canonical ? kEnds[static_cast<std::size_t>(report.end)] : "not-canonical");
  object["result"] = result;
  object["reservedBits"] = address_to_js(env, report.reserved_bits);
  object["refusedBy"] = list_to_js(env, report.refused_by,
                                   [&](paging::Check check) { return to_js(env, paging::name_of(check)); });
  object["tlb"] = report.tlb.empty() ? env.Null() : to_js(env, std::string_view(report.tlb));
  return object;
}

}  // namespace pw::binding
