// SPDX-License-Identifier: MIT
// Intel Xeon Scalable, third generation: the Sunny Cove core, the first with separate load and store L1 TLBs.
#include "machine/presets/list.h"
#include "machine/presets/shape.h"
#include "machine/presets/sources.h"

namespace pw::machine {
namespace {

constexpr std::string_view kTable =
    "to be checked against the document: Intel 64 and IA-32 Architectures Optimization Reference Manual "
    "(248966), Ice Lake Client microarchitecture,table of TLB parameters; the server core has the same TLBs";
constexpr std::string_view kInstructionHuge =
    "to be checked against the document: the same table: 16 entries; associativity not given there, modeled "
    "as fully associative";
constexpr std::string_view kStoreTable =
    "to be checked against the document: the same table: 16 entries shared by all page sizes, fully "
    "associative, used by stores";
constexpr std::string_view kSecondLevel =
    "to be checked against the document: the same table: 2048 entries in 16 ways for 4 KiB, of which 1024 in "
    "8 ways may hold 2 MiB and the other1024 in 8 ways 1 GiB pages; modeled as three arrays, which is exact "
    "while one page size is mapped";
constexpr std::string_view kPenalty =
    "to be checked against the document: not restated for this core; taken from Skylake: Intel Optimization "
    "Reference Manual (248966), appendix onperformance monitoring: 7 cycles";

tlb::HierarchyConfig hierarchy() {
  return {{
      tlb_of("l1i", 1, kFetches, {array(128, 8, {Size4KiB}), fully_associative(16, {Size2MiB})}),
      tlb_of("l1d-load", 1, kLoads,
             {array(64, 4, {Size4KiB}), array(32, 4, {Size2MiB}), fully_associative(8, {Size1GiB})}),
      tlb_of("l1d-store", 1, kStores, {fully_associative(16, {Size4KiB, Size2MiB, Size1GiB})}),
      tlb_of("l2", 2, kAll,
             {array(2048, 16, {Size4KiB}), array(1024, 8, {Size2MiB}), array(1024, 8, {Size1GiB})}),
  }};
}

}  // namespace

Preset intel_icelake_sp() {
  return {.name = "intel-icelake-sp",
          .summary = "Intel Xeon Scalable, Ice Lake server cores (2021)",
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
                      {"tlb.l1d-load.4KiB", kTable},
                      {"tlb.l1d-load.2MiB", kTable},
                      {"tlb.l1d-load.1GiB", kTable},
                      {"tlb.l1d-store.4KiB+2MiB+1GiB", kStoreTable},
                      {"tlb.l2.4KiB", kSecondLevel},
                      {"tlb.l2.2MiB", kSecondLevel},
                      {"tlb.l2.1GiB", kSecondLevel},
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
