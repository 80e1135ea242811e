// SPDX-License-Identifier: MIT
// The processes of a system: how they begin and end.
#pragma once

#include <map>
#include <memory>

#include "os/process.h"

namespace pw::os {

class ProcessTable {
 public:
  explicit ProcessTable(mm::Kernel& kernel) : kernel_(kernel) {}

  // All of these answer nullptr where no memory can be had.
  Process* create(const mm::Limits& limits);
  // REQUIRES of the others: the process has not ended.
  Process* fork(Process& parent);
  // The child runs in the parent's address space, and the parent waits for it.
  Process* vfork(Process& parent);
  // A new, empty address space in place of the old one.
  bool exec(Process& process);
  // Its memory goes back at once; it can be asked how it ended until it is reaped.
  void end(Process& process, Signal signal = Signal::None, std::uint8_t status = 0);
  void reap(Pid pid);
  // Of all processes that there ever were.
  FaultCounters faults() const;

  // nullptr: there is none, or it was reaped.
  Process* find(Pid pid);
  std::size_t size() const { return processes_.size(); }
  template <class Visit>
  void for_each(Visit visit) {
    for (auto& [pid, process] : processes_) visit(*process);
  }

 private:
  Process& add(Pid parent, std::shared_ptr<mm::AddressSpace> space);
  void wake_parent(Process& child);

  mm::Kernel& kernel_;
  std::map<Pid, std::unique_ptr<Process>> processes_;
  Pid next_pid_ = 1;
  FaultCounters reaped_faults_;
};

}  // namespace pw::os
