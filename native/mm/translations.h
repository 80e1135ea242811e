// SPDX-License-Identifier: MIT
// What memory management asks of the cores: the seam through which an eviction reaches the TLBs.
#pragma once

#include "base/address.h"

namespace pw::mm {

class Translations {
 public:
  virtual ~Translations() = default;
  // Delivers every use of a page that the policy was not told of yet.
  virtual void settle() = 0;
  // The leaf of this page is no longer present: INVLPG.
  virtual void forget(VirtAddr page) = 0;
};

}  // namespace pw::mm
