// SPDX-License-Identifier: MIT
// Frames by keys that only grow, least first. A key that grew is looked at no sooner than its frame comes
// to the top, so a reference costs its owner a store and no reordering; 4 bytes a frame, and O(log n)
// amortized over the keys that grew.
//
// `Key` gives the present key of a frame; the heap remembers the one under which it filed the frame.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/check.h"
#include "base/lazy_array.h"

namespace pw::policy {

template <class Key>
class FrameHeap {
 public:
  explicit FrameHeap(std::uint64_t frames) : places_(frames) {}

  bool is_empty() const { return entries_.empty(); }
  std::uint64_t size() const { return entries_.size(); }

  void push(FrameIndex frame, Key key) {
    entries_.push_back({key, static_cast<std::uint32_t>(frame.value())});
    sift_up(entries_.size() - 1);
  }
  // REQUIRES: the frame is in the heap.
  void remove(FrameIndex frame) {
    const std::size_t place = places_[frame.value()];
    const Entry last = entries_.back();
    entries_.pop_back();
    if (place == entries_.size()) return;
    entries_[place] = last;
    sift_up(place);
    sift_down(places_[last.frame]);
  }
  // The frame whose present key, key_of(frame), is least. REQUIRES: the heap is not empty.
  template <class KeyOf>
  FrameIndex least(KeyOf key_of) {
    for (;;) {
      Entry& top = entries_.front();
      const Key present = key_of(FrameIndex(top.frame));
      if (!(top.key < present)) return FrameIndex(top.frame);
      top.key = present;
      sift_down(0);
    }
  }
  // Files everything anew, after keys shrank.
  template <class KeyOf>
  void rebuild(KeyOf key_of) {
    for (Entry& entry : entries_) entry.key = key_of(FrameIndex(entry.frame));
    for (std::size_t place = entries_.size(); place-- > 0;) sift_down(place);
  }

 private:
  struct Entry {
    Key key;
    std::uint32_t frame;
  };
  void put(std::size_t place, const Entry& entry) {
    entries_[place] = entry;
    places_[entry.frame] = static_cast<std::uint32_t>(place);
  }
  void sift_up(std::size_t place) {
    const Entry entry = entries_[place];
    while (place > 0 && entry.key < entries_[(place - 1) / 2].key) {
      put(place, entries_[(place - 1) / 2]);
      place = (place - 1) / 2;
    }
    put(place, entry);
  }
  void sift_down(std::size_t place) {
    const Entry entry = entries_[place];
    for (;;) {
      std::size_t child = 2 * place + 1;
      if (child >= entries_.size()) break;
      if (child + 1 < entries_.size() && entries_[child + 1].key < entries_[child].key) ++child;
      if (!(entries_[child].key < entry.key)) break;
      put(place, entries_[child]);
      place = child;
    }
    put(place, entry);
  }

  std::vector<Entry> entries_;
  LazyArray<std::uint32_t> places_;
};

}  // namespace pw::policy
