// SPDX-License-Identifier: MIT
#include "mm/user_faults.h"

#include <algorithm>

#include "mm/calls/user_range.h"

namespace pw::mm {

void UserFaults::wake(PageRange range) {
  const auto rest = std::stable_partition(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
    return !range.contains(page_of(one.fault.address));
  });
  const std::vector<Waiting> woken(std::make_move_iterator(rest), std::make_move_iterator(waiting_.end()));
  waiting_.erase(rest, waiting_.end());
  for (const Waiting& one : woken) one.woken();
}

void UserFaults::close() {
  if (space_ == nullptr) return;
  const auto kept = shared_from_this();
  const PageRange all{VirtPage(0), space_->layout().user_end};
  while (unregister_user_ranges(*this, all) != Errno::None) continue;
  space_->close_user_faults(*this);
  space_ = nullptr;
  wake(all);
}

void UserFaults::detach() {
  space_ = nullptr;
  waiting_.clear();
}

}  // namespace pw::mm
