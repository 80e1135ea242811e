// SPDX-License-Identifier: MIT
// Queues of frames linked through one array: 8 bytes a frame however many queues, constant time
// everywhere. A frame is in at most one of the queues.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.h"
#include "base/check.h"
#include "base/lazy_array.h"

namespace pw::policy {

template <std::size_t kLists>
class FrameLists {
 public:
  explicit FrameLists(std::uint64_t frames) : links_(frames) {}

  bool is_empty(std::size_t list) const { return ends_[list].oldest == 0; }
  std::uint64_t size(std::size_t list) const { return ends_[list].size; }
  FrameIndex oldest(std::size_t list) const {
    PW_DCHECK(!is_empty(list));
    return FrameIndex(ends_[list].oldest - 1);
  }
  FrameIndex youngest(std::size_t list) const {
    PW_DCHECK(!is_empty(list));
    return FrameIndex(ends_[list].youngest - 1);
  }

  // REQUIRES: the frame is in no list.
  void push_youngest(std::size_t list, FrameIndex frame) {
    Ends& ends = ends_[list];
    const std::uint32_t node = node_of(frame);
    at(node) = {ends.youngest, 0};
    (ends.youngest == 0 ? ends.oldest : at(ends.youngest).younger) = node;
    ends.youngest = node;
    ++ends.size;
  }

  // REQUIRES: the frame is in this list.
  void remove(std::size_t list, FrameIndex frame) {
    Ends& ends = ends_[list];
    const Link link = at(node_of(frame));
    (link.older == 0 ? ends.oldest : at(link.older).younger) = link.younger;
    (link.younger == 0 ? ends.youngest : at(link.younger).older) = link.older;
    --ends.size;
  }
  void move_to_youngest(std::size_t list, FrameIndex frame) {
    if (ends_[list].youngest == node_of(frame)) return;
    remove(list, frame);
    push_youngest(list, frame);
  }
  void move(std::size_t from, std::size_t to, FrameIndex frame) {
    remove(from, frame);
    push_youngest(to, frame);
  }

  // The next younger frame of its list.
  bool has_younger(FrameIndex frame) const { return links_[frame.value()].younger != 0; }
  FrameIndex younger(FrameIndex frame) const { return FrameIndex(links_[frame.value()].younger - 1); }

 private:
  // Nodes are frame index + 1, so that zeroed memory says "none".
  struct Link {
    std::uint32_t older = 0;
    std::uint32_t younger = 0;
  };
  struct Ends {
    std::uint32_t oldest = 0;
    std::uint32_t youngest = 0;
    std::uint64_t size = 0;
  };
  static std::uint32_t node_of(FrameIndex frame) { return static_cast<std::uint32_t>(frame.value()) + 1; }
  Link& at(std::uint32_t node) { return links_[node - 1]; }

  LazyArray<Link> links_;
  std::array<Ends, kLists> ends_{};
};

// One queue.
class FrameList {
 public:
  explicit FrameList(std::uint64_t frames) : lists_(frames) {}

  bool is_empty() const { return lists_.is_empty(0); }
  std::uint64_t size() const { return lists_.size(0); }
  FrameIndex oldest() const { return lists_.oldest(0); }
  FrameIndex youngest() const { return lists_.youngest(0); }
  // REQUIRES: the frame is not in the list.
  void push_youngest(FrameIndex frame) { lists_.push_youngest(0, frame); }
  // REQUIRES: the frame is in the list.
  void remove(FrameIndex frame) { lists_.remove(0, frame); }
  void move_to_youngest(FrameIndex frame) { lists_.move_to_youngest(0, frame); }
  bool has_younger(FrameIndex frame) const { return lists_.has_younger(frame); }
  FrameIndex younger(FrameIndex frame) const { return lists_.younger(frame); }

 private:
  FrameLists<1> lists_;
};

}  // namespace pw::policy
