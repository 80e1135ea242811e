// SPDX-License-Identifier: MIT
// What the memory of a system is made of and which rules it has, resolved; and what it counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "mm/commit_limit.h"
#include "mm/swap/space.h"
#include "phys/memory_map.h"

namespace pw::mm {

struct KernelConfig {
  std::uint64_t memory_bytes = 1ull << 30;
  std::vector<phys::MemoryRange> memory_map = {};  // in place of memory_bytes, where it has ranges
  unsigned levels = 4;
  std::string policy = "clock";      // name, or name:key=value,key=value
  bool exact = false;                // the policy sees every reference, else Accessed bits
  bool contents = false;             // frames hold bytes
  bool zero_page = true;             // reads of untouched anonymous memory share a page of zeros
  std::uint64_t resident_limit = 0;  // pages of data; 0: the memory is the limit
  std::vector<SwapAreaConfig> swap = {};
  std::uint64_t file_read_ns = kPageReadNs;  // of one page
  OvercommitConfig overcommit = {};
  std::uint32_t max_map_count = 65530;    // vm.max_map_count
  std::uint64_t stack_guard_pages = 256;  // stack_guard_gap
  std::uint64_t min_page = 16;            // vm.mmap_min_addr
  std::uint64_t seed = 0;
};

// Every violation, not the first.
std::vector<Error> check(const KernelConfig& config);

struct KernelCounters {
  std::uint64_t evictions = 0;
  std::uint64_t writebacks = 0;       // dirty pages of files that were stored
  std::uint64_t swap_outs = 0;        // pages written to a slot
  std::uint64_t swap_write_ns = 0;    // time of the devices for that; nobody waits for it
  std::uint64_t swap_ins = 0;         // pages read from a slot
  std::uint64_t swap_cache_hits = 0;  // pages found in a frame instead
  std::uint64_t file_reads = 0;
  std::uint64_t zeroed_pages = 0;
  std::uint64_t copied_pages = 0;  // copy-on-write
  std::uint64_t reused_pages = 0;  // copy-on-write that needed no copy
  std::uint64_t out_of_memory = 0;
  std::uint64_t resident_pages = 0;
  std::uint64_t peak_resident_pages = 0;
};

}  // namespace pw::mm
