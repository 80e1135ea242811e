// SPDX-License-Identifier: MIT
// AMD family 19h models 10h and up: the Zen 4 core, with split second-level TLBs.
#include "machine/presets/list.h"
#include "machine/presets/shape.h"
#include "machine/presets/sources.h"

namespace pw::machine {
namespace {

constexpr std::string_view kInstruction =
    "to be checked against the document: AMD Software Optimization Guide for the Zen 4 Microarchitecture "
    "(57647), section on memory address translation: L1 instruction TLB: 64 entries, fully associative, all "
    "page sizes";
constexpr std::string_view kInstructionSecond =
    "to be checked against the document: AMD Software Optimization Guide for the Zen 4 Microarchitecture "
    "(57647), section on memory address translation: L2 instruction TLB: 512 entries in 8 ways, 4 KiB and 2 "
    "MiB pages; 1 GiB pages, kept in pieces, are not held here";
constexpr std::string_view kData1 =
    "to be checked against the document: AMD Software Optimization Guide for the Zen 4 Microarchitecture "
    "(57647), section on memory address translation: L1 data TLB: 72 entries, fully associative, all page "
    "sizes";
constexpr std::string_view kData2 =
    "to be checked against the document: AMD Software Optimization Guide for the Zen 4 Microarchitecture "
    "(57647), section on memory address translation: L2 data TLB: 3072 entries in 24 ways, 4 KiB and 2 MiB "
    "pages; 1 GiB pages, which it keeps in pieces, are not held here";
constexpr std::string_view kPageDirectoryCache =
    "to be checked against the document: AMD Software Optimization Guide for the Zen 4 Microarchitecture "
    "(57647), section on memory address translation: a page directory cache of 64 entries holds PML4 and PDP "
    "entries alike; modeled as 64 of each";
constexpr std::string_view kPageDirectoryEntries =
    "to be checked against the document: AMD Software Optimization Guide for the Zen 4 Microarchitecture "
    "(57647), section on memory address translation: page directory entries are kept in the L2 data TLB; "
    "modeled as a cache of their own, its 64 entries assumed";
constexpr std::string_view kPenalty =
    "to be checked against the document: not in AMD's guide; Chips and Cheese, \"AMD's Zen 4, Part 2: Memory "
    "Subsystem and Conclusion\", measured:about 7 cycles more than an L1 TLB hit";

tlb::HierarchyConfig hierarchy() {
  return {{
      tlb_of("l1i", 1, kFetches, {fully_associative(64, {Size4KiB, Size2MiB, Size1GiB})}),
      tlb_of("l1d", 1, kData, {fully_associative(72, {Size4KiB, Size2MiB, Size1GiB})}),
      tlb_of("l2i", 2, kFetches, {array(512, 8, {Size4KiB, Size2MiB})}),
      tlb_of("l2d", 2, kData, {array(3072, 24, {Size4KiB, Size2MiB})}),
  }};
}

}  // namespace

Preset amd_zen4() {
  return {.name = "amd-zen4",
          .summary = "AMD EPYC 9004 and Ryzen 7000, Zen 4 cores (2022)",
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
