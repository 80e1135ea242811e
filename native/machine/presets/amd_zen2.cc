// SPDX-License-Identifier: MIT
// AMD family 17h models 30h and up: the Zen 2 core, with split second-level TLBs.
#include "machine/presets/list.h"
#include "machine/presets/shape.h"
#include "machine/presets/sources.h"

namespace pw::machine {
namespace {

constexpr std::string_view kInstruction =
    "AMD Software Optimization Guide for Family 17h Models 30h and Greater (56305), section on memory "
    "address translation: L1 instruction TLB: 64 entries, fully associative, all page sizes (as 7-cpu.com "
    "lists them)";
constexpr std::string_view kInstructionSecond =
    "AMD Software Optimization Guide for Family 17h Models 30h and Greater (56305), section on memory "
    "address translation: L2 instruction TLB: 512 entries in 8 ways, 4 KiB and 2 MiB pages; 1 GiB pages, "
    "kept in pieces, are not held here (as 7-cpu.com lists them)";
constexpr std::string_view kData1 =
    "AMD Software Optimization Guide for Family 17h Models 30h and Greater (56305), section on memory "
    "address translation: L1 data TLB: 64 entries, fully associative, all page sizes (as WikiChip lists "
    "them)";
constexpr std::string_view kData2 =
    "AMD Software Optimization Guide for Family 17h Models 30h and Greater (56305), section on memory "
    "address translation: L2 data TLB: 2048 entries, 4 KiB and 2 MiB pages; 1 GiB pages, which it keeps in "
    "pieces, are not held here (as WikiChip lists them); 16 ways assumed, since the 12 of that page make no "
    "whole number of sets";
constexpr std::string_view kPageDirectoryCache =
    "to be checked against the document: AMD Software Optimization Guide for Family 17h Models 30h and "
    "Greater (56305), section on memory address translation: a page directory cache of 64 entries holds PML4 "
    "and PDP entries alike; modeled as 64 of each";
constexpr std::string_view kPageDirectoryEntries =
    "AMD Software Optimization Guide for Family 17h Models 30h and Greater (56305), section on memory "
    "address translation: page directory entries are kept in the L2 data TLB (as WikiChip says); modeled as "
    "a cache of their own, its 64 entries assumed";
constexpr std::string_view kPenalty =
    "to be checked against the document: not in AMD's guide; Chips and Cheese, measurements of Zen 2 to Zen "
    "4: about 7 cycles more than an L1 TLB hit";

tlb::HierarchyConfig hierarchy() {
  return {{
      tlb_of("l1i", 1, kFetches, {fully_associative(64, {Size4KiB, Size2MiB, Size1GiB})}),
      tlb_of("l1d", 1, kData, {fully_associative(64, {Size4KiB, Size2MiB, Size1GiB})}),
      tlb_of("l2i", 2, kFetches, {array(512, 8, {Size4KiB, Size2MiB})}),
      tlb_of("l2d", 2, kData, {array(2048, 16, {Size4KiB, Size2MiB})}),
  }};
}

}  // namespace

Preset amd_zen2() {
  return {.name = "amd-zen2",
          .summary = "AMD EPYC 7002 and Ryzen 3000, Zen 2 cores (2019)",
          .hierarchy = hierarchy,
          .structure_caches = {.pml4e = 64, .pdpte = 64, .pde = 64},
          .cost = {.l1_hit = 0,
                   .l2_hit = 7,
                   .walk_reference = 20,
                   .minor_fault = 1500,
                   .major_fault = 250000,
                   .invalidation = 200},
          .sources = {{"tlb.l1i.4KiB+2MiB+1GiB", kInstruction},
                      {"tlb.l1d.4KiB+2MiB+1GiB", kData1},
                      {"tlb.l2i.4KiB+2MiB", kInstructionSecond},
                      {"tlb.l2d.4KiB+2MiB", kData2},
                      {"structureCaches.pml4e", kPageDirectoryCache},
                      {"structureCaches.pdpte", kPageDirectoryCache},
                      {"structureCaches.pde", kPageDirectoryEntries},
                      {"cost.l1Hit", kCostL1},
                      {"cost.l2Hit", kPenalty},
                      {"cost.walkReference", kCostWalkReference},
                      {"cost.minorFault", kCostMinorFault},
                      {"cost.majorFault", kCostMajorFault},
                      {"cost.invalidation", kCostInvalidation}}};
}

}  // namespace pw::machine
