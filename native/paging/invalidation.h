// SPDX-License-Identifier: MIT
// The duty that a mapping change leaves: what the TLBs and structure caches must forget.
#pragma once

#include <utility>

#include "base/address.h"
#include "base/check.h"

namespace pw::paging {

// How much of the translation path changed.
enum class InvalidationScope : unsigned char {
  Nothing,  // an entry became present: nothing can be cached
  Page,     // one leaf changed
  Tables,   // tables were freed as well: structure-cache entries to them are stale
};

class [[nodiscard]] PendingInvalidation {
 public:
  // `was_global`: the leaf had G set, so that every address space may hold it.
  PendingInvalidation(VirtAddr address, InvalidationScope scope, bool was_global = false)
      : address_(address), scope_(scope), was_global_(was_global) {}
  PendingInvalidation(PendingInvalidation&& other) noexcept
      : address_(other.address_),
        scope_(std::exchange(other.scope_, InvalidationScope::Nothing)),
        was_global_(other.was_global_) {}
  PendingInvalidation& operator=(PendingInvalidation&&) = delete;
  ~PendingInvalidation() = default;

  VirtAddr address() const { return address_; }
  InvalidationScope scope() const { return scope_; }
  bool was_global() const { return was_global_; }
  // For callers that have no TLB to tell; the reason is for the reader.
  void ignore(const char* /*why*/) && {}

 private:
  VirtAddr address_;
  InvalidationScope scope_;
  bool was_global_;
};

}  // namespace pw::paging
