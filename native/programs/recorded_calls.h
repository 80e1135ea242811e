// SPDX-License-Identifier: MIT
// Makes the memory calls of a recording again, so that address spaces become what they were: what the system chose then
// (addresses) is asked for now. A call whose result is not the recorded one is a difference, and is then made to fit as
// far as it can be.
//
// Files are not read: one is as long as the furthest mapping of it that the recording has.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "os/system.h"
#include "programs/report.h"

namespace pw::programs {

class RecordedCalls {
 public:
  RecordedCalls(os::System& system, Report& report) : system_(system), report_(report) {}

  // An event of a process's own memory: Begin, Map, and calls but Fork, Exec and Exit. REQUIRES: the process is running.
  void make(os::Process& process, const trace::Event& event);

 private:
  mm::CallResult call(os::Process& process, std::uint64_t number, const os::CallArguments& arguments);
  mm::CallResult brk(os::Process& process, const trace::Event& event);
  mm::CallResult map(os::Process& process, const trace::Event& event, std::uint64_t address);
  mm::CallResult mremap(os::Process& process, const trace::Event& event);
  mm::CallResult shmat(os::Process& process, const trace::Event& event);
  mm::CallResult map_at(os::Process& process, const trace::Event& event, std::uint64_t address,
                        std::uint64_t flags);
  std::shared_ptr<mm::VmObject> object_of(const std::string& name, std::uint64_t bytes);
  void compare(const trace::Event& event, mm::CallResult result);

  os::System& system_;
  Report& report_;
  std::map<std::string, std::shared_ptr<mm::VmObject>> objects_;  // of files, by name
  std::map<std::uint64_t, std::uint64_t> segments_;               // of System V, by recorded id
};

}  // namespace pw::programs
