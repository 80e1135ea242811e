// SPDX-License-Identifier: MIT
// Who decides for a hosted policy: code outside the simulator, to which crossing over is dear. So events go
// in batches through columns that both sides see, and one question may be answered with several victims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/address.h"

namespace pw::policy {

enum class PolicyEvent : std::uint8_t {
  Insert,  // a page became evictable
  Access,  // a run of references to it; its length stands in the column of counts
  Remove,  // it left
  Reset,   // everything begins anew; the number of slots stands in the column of pages
};

// Where events are written, one a row, all columns of one length. A slot is a number below the policy's
// capacity that a page keeps while it is resident, so that its host can index arrays by it.
struct EventColumns {
  std::span<PolicyEvent> kinds;
  std::span<double> pages;  // page numbers have 52 bits: exact
  std::span<std::uint32_t> slots;
  std::span<std::uint32_t> counts;
};

class PolicyHost {
 public:
  virtual ~PolicyHost() = default;
  // Whether it is told of references where they are seen one by one.
  virtual bool observes_references() const = 0;
  // The same columns as long as the host lives. REQUIRES: they have rows.
  virtual EventColumns columns() = 0;
  // The first `rows` rows, in order; afterwards they are written anew.
  virtual void deliver(std::size_t rows) = 0;
  // Delivers, and then names the pages to evict for `page`, the first one now and the others at faults to come.
  // Empty: it failed, and knows why.
  virtual std::span<const double> choose_victims(VirtPage page, std::size_t rows) = 0;
  // The host's answer number `index` names no resident page.
  virtual void refuse_victim(std::size_t index) = 0;
};

}  // namespace pw::policy
