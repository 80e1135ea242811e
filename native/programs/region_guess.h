// SPDX-License-Identifier: MIT
// Regions for accesses of which the trace does not say what memory they are of: where no mapping is, 64 KiB around the
// access, as far as they are free, become one with the right that the access needs; another access adds its right. The
// first store of a process into nothing is taken for the first push on its stack: from its page on the region grows down.
//
// It stands before the page-fault handler, and what it mends is no fault that is counted.
#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "os/system.h"
#include "programs/report.h"

namespace pw::programs {

class RegionGuess {
 public:
  // REQUIRES: the system outlives it, and nothing else changes the gate while it lives.
  RegionGuess(os::System& system, Report& report);
  ~RegionGuess();
  RegionGuess(const RegionGuess&) = delete;
  RegionGuess& operator=(const RegionGuess&) = delete;

  // Whose accesses come next.
  void set_current(os::Process* process) { current_ = process; }
  // What was guessed of the parent holds for the child.
  void forked(os::Pid parent, os::Pid child);
  // Nothing was.
  void began(os::Pid pid);

 private:
  bool mends(const mmu::Exception& exception);
  bool make_region(mm::AddressSpace& space, VirtPage page, std::uint32_t error_code);
  bool add_right(mm::AddressSpace& space, const mm::Vma& vma, VirtPage page, std::uint32_t error_code);

  os::System& system_;
  Report& report_;
  os::Gate handler_;  // behind this one
  os::Process* current_ = nullptr;
  std::set<os::Pid> have_stack_;
  std::set<std::pair<os::Pid, std::uint64_t>> blocks_;  // guessed, by number
};

}  // namespace pw::programs
