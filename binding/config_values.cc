// SPDX-License-Identifier: MIT
// Configurations between JavaScript and the machine.
#include "binding/config_values.h"

#include <limits>

#include "binding/memory_map_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

constexpr std::string_view kWayChoices[] = {"lru", "fifo", "tree-plru", "random", "srrip"};
constexpr std::string_view kObserve[] = {"exact", "hardware"};
constexpr std::string_view kModify[] = {"once", "twice"};
constexpr std::string_view kOnEvict[] = {"all", "none"};
static_assert(std::size(kWayChoices) == tlb::kWayChoices);

std::uint32_t count_of(const Napi::Object& object, const char* key, const std::string& name) {
  const std::string path = name + "." + key;
  const std::uint64_t value = unsigned_of(object.Get(key), path);
  if (value > std::numeric_limits<std::uint32_t>::max())
    raise(object.Env(), ErrorCode::OutOfRange, path + ": expected at most 4294967295");
  return static_cast<std::uint32_t>(value);
}

tlb::ArrayConfig array_config_of(const Napi::Value& value, const std::string& name) {
  const Napi::Object object = object_of(value, name);
  tlb::ArrayConfig config{.entries = count_of(object, "entries", name),
                          .ways = count_of(object, "ways", name)};
  const Napi::Array sizes = array_of(object.Get("pageSizes"), name + ".pageSizes");
  for (std::uint32_t i = 0; i < sizes.Length(); ++i)
    config.serves[static_cast<std::size_t>(page_size_of(sizes.Get(i), name + ".pageSizes"))] = true;
  return config;
}

tlb::TlbConfig tlb_config_of(const Napi::Value& value, const std::string& name) {
  const Napi::Object object = object_of(value, name);
  tlb::TlbConfig config{.name = text_of(object.Get("name"), name + ".name"),
                        .level = count_of(object, "level", name),
                        .arrays = {}};
  const Napi::Array kinds = array_of(object.Get("kinds"), name + ".kinds");
  for (std::uint32_t i = 0; i < kinds.Length(); ++i)
    config.kinds[static_cast<std::size_t>(access_kind_of(kinds.Get(i), name + ".kinds"))] = true;
  const Napi::Array arrays = array_of(object.Get("arrays"), name + ".arrays");
  for (std::uint32_t i = 0; i < arrays.Length(); ++i)
    config.arrays.push_back(array_config_of(arrays.Get(i), name + ".arrays[" + std::to_string(i) + "]"));
  return config;
}

CostTable cost_of(const Napi::Value& value) {
  const std::string name = "cost";
  const Napi::Object object = object_of(value, name);
  return {.l1_hit = count_of(object, "l1Hit", name),
          .l2_hit = count_of(object, "l2Hit", name),
          .walk_reference = count_of(object, "walkReference", name),
          .minor_fault = count_of(object, "minorFault", name),
          .major_fault = count_of(object, "majorFault", name),
          .invalidation = count_of(object, "invalidation", name)};
}

Napi::Object array_to_js(Napi::Env env, const tlb::ArrayConfig& config) {
  Napi::Object object = Napi::Object::New(env);
  object["entries"] = to_js(env, config.entries);
  object["ways"] = to_js(env, config.ways);
  std::vector<std::string> sizes;
  for (std::size_t i = 0; i < kPageSizes; ++i)
    if (config.serves[i]) sizes.emplace_back(name_of(static_cast<PageSize>(i)));
  object["pageSizes"] = to_js(env, sizes);
  return object;
}

Napi::Object tlb_to_js(Napi::Env env, const tlb::TlbConfig& config) {
  Napi::Object object = Napi::Object::New(env);
  object["name"] = to_js(env, std::string_view(config.name));
  object["level"] = to_js(env, config.level);
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < kAccessKinds; ++i)
    if (config.kinds[i]) kinds.emplace_back(name_of(static_cast<AccessKind>(i)));
  object["kinds"] = to_js(env, kinds);
  object["arrays"] =
      list_to_js(env, config.arrays, [&](const auto& array) { return array_to_js(env, array); });
  return object;
}

Napi::Object hierarchy_to_js(Napi::Env env, const tlb::HierarchyConfig& config) {
  Napi::Object object = Napi::Object::New(env);
  object["wayChoice"] = to_js(env, kWayChoices[static_cast<std::size_t>(config.way_choice)]);
  object["tlbs"] = list_to_js(env, config.tlbs, [&](const auto& tlb) { return tlb_to_js(env, tlb); });
  return object;
}

Napi::Object structure_caches_to_js(Napi::Env env, const tlb::StructureCacheConfig& config) {
  Napi::Object object = Napi::Object::New(env);
  object["pml4e"] = to_js(env, config.pml4e);
  object["pdpte"] = to_js(env, config.pdpte);
  object["pde"] = to_js(env, config.pde);
  return object;
}

Napi::Object cost_to_js(Napi::Env env, const CostTable& cost) {
  Napi::Object object = Napi::Object::New(env);
  object["l1Hit"] = to_js(env, cost.l1_hit);
  object["l2Hit"] = to_js(env, cost.l2_hit);
  object["walkReference"] = to_js(env, cost.walk_reference);
  object["minorFault"] = to_js(env, cost.minor_fault);
  object["majorFault"] = to_js(env, cost.major_fault);
  object["invalidation"] = to_js(env, cost.invalidation);
  return object;
}

}  // namespace

tlb::HierarchyConfig hierarchy_of(const Napi::Value& value) {
  const Napi::Object object = object_of(value, "tlb");
  tlb::HierarchyConfig config;
  config.way_choice = choice_of<tlb::WayChoice>(object.Get("wayChoice"), "tlb.wayChoice", kWayChoices);
  const Napi::Array tlbs = array_of(object.Get("tlbs"), "tlb.tlbs");
  for (std::uint32_t i = 0; i < tlbs.Length(); ++i)
    config.tlbs.push_back(tlb_config_of(tlbs.Get(i), "tlb.tlbs[" + std::to_string(i) + "]"));
  return config;
}

tlb::StructureCacheConfig structure_caches_of(const Napi::Value& value) {
  const std::string name = "structureCaches";
  const Napi::Object object = object_of(value, name);
  return {.pml4e = count_of(object, "pml4e", name),
          .pdpte = count_of(object, "pdpte", name),
          .pde = count_of(object, "pde", name)};
}

machine::Config config_of(const Napi::Value& value) {
  const Napi::Object object = object_of(value, "config");
  machine::Config config;
  config.cpu = text_of(object.Get("cpu"), "cpu");
  config.tlb = hierarchy_of(object.Get("tlb"));
  config.structure_caches = structure_caches_of(object.Get("structureCaches"));
  config.cost = cost_of(object.Get("cost"));
  config.memory_bytes = unsigned_of(object.Get("memoryBytes"), "memory");
  config.memory_map = ranges_of(object.Get("memoryMap"), "memoryMap");
  config.resident_limit = unsigned_of(object.Get("residentLimit"), "residentLimit");
  config.policy = text_of(object.Get("policy"), "policy");
  config.observe = choice_of<machine::Observe>(object.Get("observe"), "observe", kObserve);
  config.modify = choice_of<machine::Modify>(object.Get("modify"), "modify", kModify);
  config.page_size = page_size_of(object.Get("pageSize"), "pageSize");
  config.structure_caches_on_evict = choice_of<machine::StructureCachesOnEvict>(
      object.Get("structureCachesOnEvict"), "structureCachesOnEvict", kOnEvict);
  config.levels = static_cast<unsigned>(unsigned_of(object.Get("levels"), "levels"));
  config.seed = unsigned_of(object.Get("seed"), "seed");
  config.validate_every = unsigned_of(object.Get("validateEvery"), "validateEvery");
  return config;
}

void add_machine_choices(Napi::Env env, Napi::Object choices) {
  choices["tlbPolicy"] = words_to_js(env, kWayChoices);
  choices["observe"] = words_to_js(env, kObserve);
  choices["modify"] = words_to_js(env, kModify);
  choices["pscOnEvict"] = words_to_js(env, kOnEvict);
}

Napi::Object preset_to_js(Napi::Env env, const machine::Preset& preset) {
  Napi::Object object = Napi::Object::New(env);
  object["name"] = to_js(env, preset.name);
  object["summary"] = to_js(env, preset.summary);
  object["tlb"] = hierarchy_to_js(env, preset.hierarchy());
  object["structureCaches"] = structure_caches_to_js(env, preset.structure_caches);
  object["cost"] = cost_to_js(env, preset.cost);
  Napi::Object sources = Napi::Object::New(env);
  for (const auto& [field, source] : preset.sources) sources.Set(std::string(field), to_js(env, source));
  object["sources"] = sources;
  return object;
}

}  // namespace pw::binding
