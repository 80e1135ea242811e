// SPDX-License-Identifier: MIT
// A row of slots, each with or without a mark and a use. A use is balanced if as many marks as uses lie behind it; the
// tree finds the first that is, behind a slot. Nodes of 16 slots or children know how many more marks than uses
// they have, and the least such number behind one of their uses, counted within the node.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/check.h"
#include "base/huge_page_allocator.h"

namespace pw::analysis {

class BalanceTree {
 public:
  // What a slot has.
  static constexpr std::uint8_t kMark = 1;
  static constexpr std::uint8_t kUse = 2;

  // All slots empty. REQUIRES: 0 < size < 2^32 - 16.
  explicit BalanceTree(std::uint32_t size);

  std::uint8_t operator[](std::uint32_t slot) const { return slots_[slot]; }
  PW_ALWAYS_INLINE void prefetch(std::uint32_t slot) const {
    PW_PREFETCH(&slots_[slot]);
    PW_PREFETCH(&levels_[0][slot / kFan]);
  }
  void set(std::uint32_t slot, std::uint8_t what);
  // REQUIRES: behind no use lie fewer marks than uses; the last use lies behind the slot, and no mark behind it.
  std::uint32_t first_balanced_behind(std::uint32_t slot) const;

 private:
  static constexpr std::uint32_t kFan = 16;
  static constexpr std::uint32_t kMostLevels = 8;  // 16^8 slots
  static constexpr std::int32_t kNoUse = std::int32_t{1} << 30;

  struct Node {
    std::int32_t surplus = 0;  // marks less uses
    std::int32_t least = kNoUse;
    bool operator==(const Node&) const = default;
  };
  // A node by its number in its level, and the surplus behind it.
  struct Place {
    std::uint32_t index = 0;
    std::int32_t surplus = 0;
  };

  static std::int32_t surplus_of(std::uint8_t what) { return (what & kMark) - (what & kUse) / kUse; }
  static Node node_over(const std::uint8_t* slots);
  static Node node_over(const Node* children);
  // Of a node's 16 slots, or of its 16 children in `level`, the first from the `from`-th up with a balanced use.
  std::optional<std::uint32_t> balanced_slot(Place node, std::uint32_t from) const;
  std::optional<Place> balanced_child(std::size_t level, Place node, std::uint32_t from) const;
  // The first slot with a balanced use under a node of `level` that has one.
  std::uint32_t slot_under(std::size_t level, Place node) const;

  LargeVector<std::uint8_t> slots_;
  std::vector<LargeVector<Node>> levels_;  // over 16 slots each, then over 16 nodes of the level below
};

}  // namespace pw::analysis
