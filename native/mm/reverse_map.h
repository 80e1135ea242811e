// SPDX-License-Identifier: MIT
// From a frame to every page-table entry that maps it: doubly linked lists whose links stand beside the page
// tables, one block for each table that maps anything, so that adding and removing are O(1) however many
// processes share the frame (compare the chains of entries of Linux 2.5, "pte chains").
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.h"
#include "mm/page_record.h"
#include "paging/mapper.h"

namespace pw::mm {

// A page of an address space that maps a frame.
struct Mapping {
  SpaceId space = 0;
  VirtPage page;
  paging::Leaf leaf;
};

class ReverseMap final : public paging::TableWatch {
 public:
  ReverseMap(PageRecords& records, std::uint64_t frames)
      : records_(records), number_of_(static_cast<std::size_t>(frames), Fills::Downward), tables_(1) {}

  // REQUIRES: the leaf translates the page of the space; it maps nothing yet.
  void add(FrameIndex frame, const paging::Leaf& leaf, SpaceId space, VirtPage page) {
    const std::uint32_t number = number_of(leaf, space, page);
    std::uint32_t& first = records_[frame.value()].first_mapping;
    link(number) = {first, 0};
    if (first != 0) link(first).previous = number;
    first = number;
  }
  // REQUIRES: the leaf maps the frame.
  void remove(FrameIndex frame, const paging::Leaf& leaf) {
    const std::uint32_t number = numbered(leaf);
    const Link gone = link(number);
    (gone.previous != 0 ? link(gone.previous).next : records_[frame.value()].first_mapping) = gone.next;
    if (gone.next != 0) link(gone.next).previous = gone.previous;
    link(number) = {};
  }

  bool is_mapped(FrameIndex frame) const { return records_[frame.value()].first_mapping != 0; }
  // Calls visit(Mapping) for each; visit may remove the mapping that it is given.
  template <class Visit>
  void for_each(FrameIndex frame, Visit visit) const {
    for (std::uint32_t number = records_[frame.value()].first_mapping; number != 0;) {
      const std::uint32_t next = link(number).next;
      visit(mapping(number));
      number = next;
    }
  }
  std::size_t tables() const { return tables_.size() - 1 - free_.size(); }

  void table_freed(FrameIndex table) override;

 private:
  static constexpr unsigned kShift = 9;
  static constexpr std::uint32_t kIndexMask = paging::kEntriesPerTable - 1;

  struct Link {
    std::uint32_t next = 0;
    std::uint32_t previous = 0;
  };
  struct Table {
    SpaceId space = 0;
    VirtPage first;
    PhysAddr address;
    std::uint64_t* slots = nullptr;
    std::array<Link, paging::kEntriesPerTable> links{};
  };

  std::uint32_t number_of(const paging::Leaf& leaf, SpaceId space, VirtPage page) {
    std::uint32_t& table = number_of_[frame_of(leaf.slot_address).value()];
    if (table == 0) [[unlikely]]
      table = enter(leaf, space, page);
    return table << kShift | index_of(leaf);
  }
  // REQUIRES: the table maps something.
  std::uint32_t numbered(const paging::Leaf& leaf) const {
    const std::uint32_t table = number_of_[frame_of(leaf.slot_address).value()];
    PW_DCHECK(table != 0);
    return table << kShift | index_of(leaf);
  }
  static std::uint32_t index_of(const paging::Leaf& leaf) {
    return static_cast<std::uint32_t>(leaf.slot_address.value() / sizeof(std::uint64_t)) & kIndexMask;
  }
  Link& link(std::uint32_t number) { return tables_[number >> kShift]->links[number & kIndexMask]; }
  const Link& link(std::uint32_t number) const {
    return tables_[number >> kShift]->links[number & kIndexMask];
  }
  Mapping mapping(std::uint32_t number) const;
  PW_NOINLINE std::uint32_t enter(const paging::Leaf& leaf, SpaceId space, VirtPage page);

  PageRecords& records_;
  LazyArray<std::uint32_t> number_of_;  // by the table's frame; 0: maps nothing
  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<std::uint32_t> free_;
};

}  // namespace pw::mm
