// SPDX-License-Identifier: MIT
#include "binding/memory_map_values.h"

#include "binding/values.h"

namespace pw::binding {
namespace {

constexpr std::string_view kKinds[] = {"usable", "reserved", "hole"};

phys::MemoryRange range_of(const Napi::Value& value, const std::string& name) {
  const Napi::Array fields = array_of(value, name);
  return {.start = PhysAddr(unsigned_of(fields.Get(0u), name + ".start")),
          .bytes = unsigned_of(fields.Get(1u), name + ".bytes"),
          .kind = choice_of<phys::RangeKind>(fields.Get(2u), name + ".kind", kKinds)};
}

}  // namespace

std::vector<phys::MemoryRange> ranges_of(const Napi::Value& value, const std::string& name) {
  std::vector<phys::MemoryRange> ranges;
  if (is_absent(value)) return ranges;
  const Napi::Array list = array_of(value, name);
  for (std::uint32_t i = 0; i < list.Length(); ++i)
    ranges.push_back(range_of(list.Get(i), name + "[" + std::to_string(i) + "]"));
  return ranges;
}

void add_memory_choices(Napi::Env env, Napi::Object choices) {
  choices["memoryMap.type"] = words_to_js(env, kKinds);
}

}  // namespace pw::binding
