// SPDX-License-Identifier: MIT
// Named processors: whole geometries, published sizes, a source for every field.
#include <set>
#include <string>

#include "machine/config.h"
#include "support/test.h"

namespace {

using namespace pw;

std::string sizes_of(const tlb::ArrayConfig& array) {
  std::string text;
  for (std::size_t size = 0; size < kPageSizes; ++size) {
    if (!array.serves[size]) continue;
    if (!text.empty()) text += "+";
    text += name_of(static_cast<PageSize>(size));
  }
  return text;
}

std::set<std::string> fields_of(const machine::Preset& preset) {
  std::set<std::string> fields = {"structureCaches.pml4e",
                                  "structureCaches.pdpte",
                                  "structureCaches.pde",
                                  "cost.l1Hit",
                                  "cost.l2Hit",
                                  "cost.walkReference",
                                  "cost.minorFault",
                                  "cost.majorFault",
                                  "cost.invalidation"};
  for (const auto& tlb : preset.hierarchy().tlbs)
    for (const auto& array : tlb.arrays) fields.insert("tlb." + tlb.name + "." + sizes_of(array));
  return fields;
}

const tlb::TlbConfig* tlb_named(const tlb::HierarchyConfig& hierarchy, std::string_view name) {
  for (const auto& tlb : hierarchy.tlbs)
    if (tlb.name == name) return &tlb;
  return nullptr;
}

PW_TEST(every_preset_of_the_list_is_found_by_its_name) {
  for (const char* name : {"intel-skylake-sp", "intel-icelake-sp", "intel-sapphirerapids", "amd-zen2",
                           "amd-zen4", "arm-neoverse-n1"})
    EXPECT(machine::find_preset(name) != nullptr);
  EXPECT(machine::find_preset("intel-skylake") == nullptr);
  EXPECT(machine::find_preset("") == nullptr);
}

PW_TEST(the_default_cpu_of_a_configuration_is_the_first_preset) {
  EXPECT_EQ(std::string(machine::presets().front().name), machine::Config().cpu);
}

PW_TEST(every_array_has_a_whole_number_of_sets) {
  for (const auto& preset : machine::presets())
    for (const auto& tlb : preset.hierarchy().tlbs)
      for (const auto& array : tlb.arrays) {
        EXPECT(array.ways > 0);
        EXPECT_EQ(array.entries % array.ways, 0u);
      }
}

PW_TEST(every_preset_passes_the_rules_of_the_tlb_layer) {
  for (const auto& preset : machine::presets()) {
    EXPECT(tlb::check(preset.hierarchy()).empty());
    EXPECT(tlb::check(preset.structure_caches).empty());
  }
}

PW_TEST(every_field_has_one_source_and_no_source_is_of_no_field) {
  for (const auto& preset : machine::presets()) {
    std::set<std::string> named;
    for (const auto& [field, source] : preset.sources) {
      EXPECT(named.insert(std::string(field)).second);
      EXPECT(source.size() > 20);
    }
    EXPECT(named == fields_of(preset));
  }
}

PW_TEST(every_kind_of_access_has_exactly_one_tlb_a_level) {
  for (const auto& preset : machine::presets())
    for (unsigned level = 1; level <= 2; ++level)
      for (unsigned kind = 0; kind < kAccessKinds; ++kind) {
        unsigned serving = 0;
        for (const auto& tlb : preset.hierarchy().tlbs)
          serving += tlb.level == level && tlb.kinds[kind] ? 1 : 0;
        EXPECT_EQ(serving, 1u);
      }
}

PW_TEST(no_tlb_serves_one_page_size_twice) {
  for (const auto& preset : machine::presets())
    for (const auto& tlb : preset.hierarchy().tlbs)
      for (std::size_t size = 0; size < kPageSizes; ++size) {
        unsigned serving = 0;
        for (const auto& array : tlb.arrays) serving += array.serves[size] ? 1 : 0;
        EXPECT(serving <= 1);
      }
}

PW_TEST(skylake_has_the_published_sizes) {
  const auto hierarchy = machine::find_preset("intel-skylake-sp")->hierarchy();
  const auto* l2 = tlb_named(hierarchy, "l2");
  EXPECT(l2 != nullptr);
  EXPECT_EQ(l2->arrays[0].entries, 1536u);
  EXPECT_EQ(l2->arrays[0].ways, 12u);
  EXPECT(l2->arrays[0].serves[static_cast<std::size_t>(PageSize::Size2MiB)]);
}

PW_TEST(ice_lake_translates_a_modify_in_its_store_tlb) {
  const auto hierarchy = machine::find_preset("intel-icelake-sp")->hierarchy();
  const auto modify = static_cast<std::size_t>(AccessKind::Modify);
  EXPECT(tlb_named(hierarchy, "l1d-store")->kinds[modify]);
  EXPECT(!tlb_named(hierarchy, "l1d-load")->kinds[modify]);
}

PW_TEST(zen_splits_its_second_level_by_fetch_and_data) {
  for (const char* name : {"amd-zen2", "amd-zen4"}) {
    const auto hierarchy = machine::find_preset(name)->hierarchy();
    EXPECT(tlb_named(hierarchy, "l2i") != nullptr);
    EXPECT(tlb_named(hierarchy, "l2d") != nullptr);
  }
}

}  // namespace
