// SPDX-License-Identifier: MIT
// A naive twin of processes as far as traces go: maps of regions and pages, private memory only, no memory that runs
// short. It counts page faults by reason.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include "mm/fault/space_fault.h"

namespace pw::test {

struct NaivePage {
  bool is_anonymous = false;  // a frame of its own or of relatives; else the page of zeros or of a file
  bool is_zeros = false;
  bool is_writable = false;
  std::shared_ptr<int> frame;  // shared as often as it is mapped
};

struct NaiveArea {
  unsigned rights = 0;  // PROT_ bits
  bool is_file = false;
  bool was_writable = false;  // at the beginning: it has pages of its own, which a fork copies
};

struct NaiveSpace {
  std::map<std::uint64_t, NaiveArea> areas;  // by page
  std::map<std::uint64_t, NaivePage> pages;

  void map(std::uint64_t first, std::uint64_t count, NaiveArea area) {
    for (std::uint64_t page = first; page < first + count; ++page) areas[page] = area;
  }
  void unmap(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t page = first; page < first + count; ++page) areas.erase(page), pages.erase(page);
  }
  void forget(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t page = first; page < first + count; ++page) pages.erase(page);
  }
  void move(std::uint64_t from, std::uint64_t count, std::uint64_t to) {
    for (std::uint64_t i = 0; i < count; ++i) {
      areas[to + i] = areas[from + i];
      if (const auto page = pages.find(from + i); page != pages.end()) pages[to + i] = page->second;
    }
    unmap(from, count);
  }
  void protect(std::uint64_t first, std::uint64_t count, unsigned rights) {
    for (std::uint64_t number = first; number < first + count; ++number) {
      if (areas[number].rights == rights) continue;
      areas[number].rights = rights;
      const auto found = pages.find(number);
      if (found == pages.end()) continue;
      NaivePage& page = found->second;
      page.is_writable = (rights & 2) && page.is_anonymous && page.frame.use_count() == 1;
    }
  }
  NaiveSpace fork() {
    NaiveSpace child;
    child.areas = areas;
    for (auto& [number, page] : pages) {
      if (!areas[number].was_writable) continue;  // its pages are found again in the page cache
      page.is_writable = false;
      child.pages[number] = page;
    }
    return child;
  }
};

class NaiveCounter {
 public:
  std::array<std::uint64_t, mm::kFaultReasons> reasons{};
  std::uint64_t refused = 0;

  void access(NaiveSpace& space, std::uint64_t number, bool is_write, bool is_fetch) {
    using mm::FaultReason;
    const auto area = space.areas.find(number);
    if (area == space.areas.end()) return refuse(FaultReason::BadAddress);
    const unsigned rights = area->second.rights;
    if (rights == 0) return refuse(FaultReason::GuardPage);
    if (is_write && !(rights & 2)) return refuse(FaultReason::WriteToReadOnly);
    if (is_fetch && !(rights & 4)) return refuse(FaultReason::ExecuteOfNoExecute);
    const bool is_new = !space.pages.contains(number);
    NaivePage& page = space.pages[number];
    if (!is_new && (!is_write || page.is_writable)) return;
    if (is_new)
      count(area->second.is_file ? FaultReason::FileRead : FaultReason::DemandZero);
    else
      count(FaultReason::CopyOnWrite);
    if (is_write) {
      if (is_new || !page.is_anonymous || page.frame.use_count() > 1) page.frame = std::make_shared<int>();
      page = {.is_anonymous = true, .is_writable = true, .frame = page.frame};
    } else {
      page.is_zeros = !area->second.is_file;
    }
  }

 private:
  void count(mm::FaultReason reason) { ++reasons[static_cast<std::size_t>(reason)]; }
  void refuse(mm::FaultReason reason) { count(reason), ++refused; }
};

}  // namespace pw::test
