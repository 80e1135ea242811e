// SPDX-License-Identifier: MIT
#include "os/process_table.h"

#include "base/check.h"

namespace pw::os {

Process& ProcessTable::add(Pid parent, std::shared_ptr<mm::AddressSpace> space) {
  const Pid pid = next_pid_++;
  return *(processes_[pid] = std::make_unique<Process>(pid, parent, std::move(space)));
}

Process* ProcessTable::create(const mm::Limits& limits) {
  auto space = mm::AddressSpace::make(kernel_, limits);
  return space ? &add(0, std::move(space)) : nullptr;
}

Process* ProcessTable::fork(Process& parent) {
  PW_CHECK(parent.state_ != ProcessState::Ended);
  auto space = mm::fork(*parent.space_);
  if (!space) return nullptr;
  Process& child = add(parent.pid_, std::move(space));
  child.inherit(parent);
  return &child;
}

Process* ProcessTable::vfork(Process& parent) {
  PW_CHECK(parent.state_ == ProcessState::Running);
  Process& child = add(parent.pid_, parent.space_);
  child.inherit(parent);
  parent.state_ = ProcessState::Suspended;
  return &child;
}

void ProcessTable::wake_parent(Process& child) {
  Process* const parent = find(child.parent_);
  if (parent != nullptr && parent->state_ == ProcessState::Suspended && parent->space_ == child.space_)
    parent->state_ = ProcessState::Running;
}

bool ProcessTable::exec(Process& process) {
  PW_CHECK(process.state_ != ProcessState::Ended);
  auto space = mm::AddressSpace::make(kernel_, process.space_->limits());
  if (!space) return false;
  wake_parent(process);
  process.space_ = std::move(space);
  process.pkru_ = 0;
  if (process.state_ == ProcessState::Blocked) process.state_ = ProcessState::Running;
  process.handlers_.clear();  // handlers were code of the old program
  return true;
}

void ProcessTable::end(Process& process, Signal signal, std::uint8_t status) {
  if (process.state_ == ProcessState::Ended) return;
  wake_parent(process);
  process.space_.reset();
  process.descriptors_.close_all();
  process.state_ = ProcessState::Ended;
  process.end_signal_ = signal;
  process.exit_status_ = status;
}

void ProcessTable::reap(Pid pid) {
  const auto found = processes_.find(pid);
  if (found == processes_.end() || found->second->state_ != ProcessState::Ended) return;
  reaped_faults_.add(found->second->faults_);
  processes_.erase(found);
}

FaultCounters ProcessTable::faults() const {
  FaultCounters sum = reaped_faults_;
  for (const auto& [pid, process] : processes_) sum.add(process->faults_);
  return sum;
}

Process* ProcessTable::find(Pid pid) {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : found->second.get();
}

}  // namespace pw::os
