// SPDX-License-Identifier: MIT
// A queue of frames linked through an array: 8 bytes a frame, constant time everywhere.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/check.h"
#include "base/lazy_array.h"

namespace pw::policy {

class FrameList {
 public:
  explicit FrameList(std::uint64_t frames) : links_(frames) {}

  bool is_empty() const { return oldest_ == 0; }
  FrameIndex oldest() const {
    PW_DCHECK(!is_empty());
    return FrameIndex(oldest_ - 1);
  }

  // REQUIRES: the frame is not in the list.
  void push_youngest(FrameIndex frame) {
    const std::uint32_t node = node_of(frame);
    at(node) = {youngest_, 0};
    (youngest_ == 0 ? oldest_ : at(youngest_).younger) = node;
    youngest_ = node;
  }

  // REQUIRES: the frame is in the list.
  void remove(FrameIndex frame) {
    const Link link = at(node_of(frame));
    (link.older == 0 ? oldest_ : at(link.older).younger) = link.younger;
    (link.younger == 0 ? youngest_ : at(link.younger).older) = link.older;
  }

  void move_to_youngest(FrameIndex frame) {
    remove(frame);
    push_youngest(frame);
  }

 private:
  // Nodes are frame index + 1, so that zeroed memory says "none".
  struct Link {
    std::uint32_t older = 0;
    std::uint32_t younger = 0;
  };
  static std::uint32_t node_of(FrameIndex frame) { return static_cast<std::uint32_t>(frame.value()) + 1; }
  Link& at(std::uint32_t node) { return links_[node - 1]; }

  LazyArray<Link> links_;
  std::uint32_t oldest_ = 0;
  std::uint32_t youngest_ = 0;
};

}  // namespace pw::policy
