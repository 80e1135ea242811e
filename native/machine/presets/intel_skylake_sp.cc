// SPDX-License-Identifier: MIT
// Intel Xeon Scalable, first and second generation: the Skylake core.
#include "machine/presets/list.h"
#include "machine/presets/shape.h"
#include "machine/presets/sources.h"

namespace pw::machine {
namespace {

constexpr std::string_view kTable =
    "Intel 64 and IA-32 Architectures Optimization Reference Manual (248966-045), table 2-15, TLB parameters "
    "of the Skylake microarchitecture; the server core has the same TLBs";
constexpr std::string_view kTableHuge =
    "to be checked against the document: the same table 2-15, its lines for large pages";
constexpr std::string_view kInstructionHuge =
    "the same table: 8 entries per thread; associativity not given there, CPUID leaf 2 descriptor 76H says "
    "fully associative";
constexpr std::string_view kPenalty =
    "to be checked against the document: Intel Optimization Reference Manual (248966), appendix on "
    "performance monitoring: a first-level miss that hits the STLB costs 7 cycles";

tlb::HierarchyConfig hierarchy() {
  return {{
      tlb_of("l1i", 1, kFetches, {array(128, 8, {Size4KiB}), fully_associative(8, {Size2MiB})}),
      tlb_of("l1d", 1, kData, {array(64, 4, {Size4KiB}), array(32, 4, {Size2MiB}), array(4, 4, {Size1GiB})}),
      tlb_of("l2", 2, kAll, {array(1536, 12, {Size4KiB, Size2MiB}), array(16, 4, {Size1GiB})}),
  }};
}

}  // namespace

Preset intel_skylake_sp() {
  return {.name = "intel-skylake-sp",
          .summary = "Intel Xeon Scalable, Skylake and Cascade Lake server cores (2017)",
          .hierarchy = hierarchy,
          .structure_caches = {.pml4e = 2, .pdpte = 4, .pde = 32},
          .cost = {.l1_hit = 0,
                   .l2_hit = 7,
                   .walk_reference = 20,
                   .minor_fault = 1500,
                   .major_fault = 250000,
                   .invalidation = 200},
          .sources = {{"tlb.l1i.4KiB", kTable},
                      {"tlb.l1i.2MiB", kInstructionHuge},
                      {"tlb.l1d.4KiB", kTable},
                      {"tlb.l1d.2MiB", kTableHuge},
                      {"tlb.l1d.1GiB", kTable},
                      {"tlb.l2.4KiB+2MiB", kTable},
                      {"tlb.l2.1GiB", kTableHuge},
                      {"structureCaches.pml4e", kIntelStructureCaches},
                      {"structureCaches.pdpte", kIntelStructureCaches},
                      {"structureCaches.pde", kIntelStructureCaches},
                      {"cost.l1Hit", kCostL1},
                      {"cost.l2Hit", kPenalty},
                      {"cost.walkReference", kCostWalkReference},
                      {"cost.minorFault", kCostMinorFault},
                      {"cost.majorFault", kCostMajorFault},
                      {"cost.invalidation", kCostInvalidation}}};
}

}  // namespace pw::machine
