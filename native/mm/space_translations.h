// SPDX-License-Identifier: MIT
// What address spaces ask of the cores: the seam through which changes of tables reach TLBs and
// paging-structure caches.
#pragma once

#include "mm/page_record.h"

namespace pw::mm {

class SpaceTranslations {
 public:
  virtual ~SpaceTranslations() = default;
  // The leaf of this page changed.
  virtual void forget(SpaceId space, VirtPage page) = 0;
  // Many leaves changed, or tables were freed.
  virtual void forget_all(SpaceId space) = 0;
};

// Pages of one address space that are to be forgotten together; more than a few are forgotten by forgetting the
// space (Linux's tlb_single_page_flush_ceiling). Delivered at the end of its life.
class PendingFlush {
 public:
  PendingFlush(SpaceTranslations& translations, SpaceId space) : translations_(translations), space_(space) {}
  PendingFlush(const PendingFlush&) = delete;
  PendingFlush& operator=(const PendingFlush&) = delete;
  ~PendingFlush() { deliver(); }

  void add(VirtPage page) {
    if (count_ < kCeiling)
      pages_[count_++] = page;
    else
      everything_ = true;
  }
  void add_everything() { everything_ = true; }
  void deliver() {
    if (everything_)
      translations_.forget_all(space_);
    else
      for (unsigned i = 0; i < count_; ++i) translations_.forget(space_, pages_[i]);
    everything_ = false;
    count_ = 0;
  }

 private:
  static constexpr unsigned kCeiling = 33;

  SpaceTranslations& translations_;
  SpaceId space_;
  VirtPage pages_[kCeiling];
  unsigned count_ = 0;
  bool everything_ = false;
};

}  // namespace pw::mm
