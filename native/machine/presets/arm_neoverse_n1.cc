// SPDX-License-Identifier: MIT
// Arm Neoverse N1, 4 KiB granule: the geometry of its TLBs over the page tables simulated here, which are
// those of x86-64.
#include "machine/presets/list.h"
#include "machine/presets/shape.h"
#include "machine/presets/sources.h"

namespace pw::machine {
namespace {

constexpr std::string_view kInstruction =
    "Arm Cortex-A76 Core Technical Reference Manual, A5.2 TLB organization (the Neoverse N1 core is almost "
    "identical, says WikiChip): instruction L1 TLB of 48 entries, fully associative; larger pages are broken "
    "into the sizes held";
constexpr std::string_view kData1 =
    "Arm Cortex-A76 Core Technical Reference Manual, A5.2 TLB organization (the Neoverse N1 core is almost "
    "identical, says WikiChip): data L1 TLB of 48 entries, fully associative; a 1 GiB block is held in 512 "
    "MiB pieces, here as one entry";
constexpr std::string_view kSecond =
    "Arm Cortex-A76 Core Technical Reference Manual, A5.2 TLB organization (the Neoverse N1 core is almost "
    "identical, says WikiChip): L2 TLB of 1280 entries in 5 ways, shared by instruction and data, all block "
    "sizes";
constexpr std::string_view kWalks =
    "Arm Cortex-A76 Core Technical Reference Manual, A5.2 TLB organization (the Neoverse N1 core is almost "
    "identical, says WikiChip): the L2 TLB also keeps intermediate results of walks, in a number that is not "
    "published; assumed";
constexpr std::string_view kPenalty =
    "Arm Cortex-A76 Core Technical Reference Manual, A5.2 TLB organization (the Neoverse N1 core is almost "
    "identical, says WikiChip): access to the L2 TLB usually takes three cycles";

tlb::HierarchyConfig hierarchy() {
  return {{
      tlb_of("l1i", 1, kFetches, {fully_associative(48, {Size4KiB, Size2MiB})}),
      tlb_of("l1d", 1, kData, {fully_associative(48, {Size4KiB, Size2MiB, Size1GiB})}),
      tlb_of("l2", 2, kAll, {array(1280, 5, {Size4KiB, Size2MiB, Size1GiB})}),
  }};
}

}  // namespace

Preset arm_neoverse_n1() {
  return {.name = "arm-neoverse-n1",
          .summary = "Arm Neoverse N1 geometry (2019), over x86-64 page tables",
          .hierarchy = hierarchy,
          .structure_caches = {.pml4e = 4, .pdpte = 16, .pde = 32},
          .cost = {.l1_hit = 0,
                   .l2_hit = 3,
                   .walk_reference = 20,
                   .minor_fault = 1500,
                   .major_fault = 250000,
                   .invalidation = 200},
          .sources = {{"tlb.l1i.4KiB+2MiB", kInstruction},
                      {"tlb.l1d.4KiB+2MiB+1GiB", kData1},
                      {"tlb.l2.4KiB+2MiB+1GiB", kSecond},
                      {"structureCaches.pml4e", kWalks},
                      {"structureCaches.pdpte", kWalks},
                      {"structureCaches.pde", kWalks},
                      {"cost.l1Hit", kCostL1},
                      {"cost.l2Hit", kPenalty},
                      {"cost.walkReference", kCostWalkReference},
                      {"cost.minorFault", kCostMinorFault},
                      {"cost.majorFault", kCostMajorFault},
                      {"cost.invalidation", kCostInvalidation}}};
}

}  // namespace pw::machine
