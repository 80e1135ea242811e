// SPDX-License-Identifier: MIT
// What userfaultfd(2) opens: who handles the faults of ranges in a process's place, and which faults wait.
//
// It is as if it had been opened with UFFD_USER_MODE_ONLY: a fault that a memory call makes cannot wait and ends the
// call with EFAULT. Events (UFFD_FEATURE_EVENT_*) are not delivered: without them a forked child and a range that is
// moved lose the registration (fs/userfaultfd.c).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "mm/page_range.h"

namespace pw::mm {

class AddressSpace;

enum class UserFaultKind : std::uint8_t {
  Missing,         // the page is nowhere
  WriteProtected,  // a store to a page that the handler protected
  Minor,           // the page of shared memory is in memory, but not mapped
};

struct UserFault {
  VirtAddr address;
  UserFaultKind kind = UserFaultKind::Missing;
  bool is_write = false;
};

struct UserFaultFeatures {
  bool raises_bus_errors = false;     // UFFD_FEATURE_SIGBUS: no fault waits, it ends in SIGBUS
  bool protects_unpopulated = false;  // UFFD_FEATURE_WP_UNPOPULATED: anonymous pages that are nowhere, too
};

class UserFaults : public std::enable_shared_from_this<UserFaults> {
 public:
  // Called at the fault, which may be resolved at once with the calls of mm/calls/user_range.h; it waits if it was not.
  // False: the handler broke down, and the access fails.
  using Handler = std::function<bool(const UserFault& fault)>;

  UserFaults(AddressSpace& space, UserFaultFeatures features) : space_(&space), features_(features) {}

  // nullptr: the address space is gone, or this was closed.
  AddressSpace* space() const { return space_; }
  UserFaultFeatures features() const { return features_; }
  void set_handler(Handler handler) { handler_ = std::move(handler); }
  const Handler& handler() const { return handler_; }

  // `woken` is called once, when somebody wakes the page; never if the address space goes first.
  void wait(const UserFault& fault, std::function<void()> woken) {
    waiting_.push_back({fault, std::move(woken)});
  }
  std::size_t waiting() const { return waiting_.size(); }
  void wake(PageRange range);
  // Unregisters every range and wakes what waits (close(2) of a userfaultfd).
  void close();
  // The address space is gone, and with it everybody who waited.
  void detach();

 private:
  struct Waiting {
    UserFault fault;
    std::function<void()> woken;
  };

  AddressSpace* space_;
  UserFaultFeatures features_;
  Handler handler_;
  std::vector<Waiting> waiting_;
};

}  // namespace pw::mm
