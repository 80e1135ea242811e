// SPDX-License-Identifier: MIT
// Random programs as traces, and at the same time in the naive twin: calls with the results that they had, accesses
// to what is mapped and to what is not.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "base/rng.h"
#include "naive_programs.h"
#include "trace/text_writer.h"

namespace pw::test {

class RandomProgram {
 public:
  explicit RandomProgram(std::uint64_t seed) : rng_(seed) {}

  // The trace's text.
  std::string make(unsigned steps) {
    begin(1);
    for (unsigned step = 0; step < steps; ++step) {
      if (rng_.below(6) != 0 || processes_.empty()) {
        if (processes_.empty()) begin(next_pid_++);
        access();
      } else {
        call();
      }
    }
    return text_;
  }
  const NaiveCounter& counter() const { return counter_; }

 private:
  using Event = trace::Event;
  using Kind = trace::EventKind;

  struct Region {
    std::uint64_t first;
    std::uint64_t count;
    bool is_whole = true;  // with one set of rights
    bool is_heap = false;
  };
  struct Process {
    std::uint32_t pid;
    NaiveSpace space;
    std::vector<Region> regions;
    std::uint64_t next_page = 0x10000;
  };
  static constexpr std::uint64_t kHeap = 0x4000;  // page where heaps begin
  static constexpr unsigned kRights[] = {3, 3, 3, 1, 5, 7, 0};

  Process& current() { return processes_[current_]; }

  void put(Event event) {
    event.pid = current().pid;
    text_ += trace::text_of(event);
  }
  void touch(std::uint64_t page, char kind) {
    static constexpr std::string_view kKinds = "ILSM";
    char line[64];
    const char* prefix[] = {"I  ", " L ", " S ", " M "};
    const std::size_t index = kKinds.find(kind);
    std::snprintf(line, sizeof line, "%s%08llx,4\n", prefix[index],
                  static_cast<unsigned long long>(page << 12 | rng_.below(0xff0)));
    text_ += line;
    counter_.access(current().space, page, index >= 2, index == 0);
  }

  void begin(std::uint32_t pid) {
    if (processes_.empty()) processes_.push_back({pid, {}, {}});
    current_ = processes_.size() - 1;
    processes_[current_] = {pid, {}, {}};
    put({.kind = Kind::Begin, .arguments = {kHeap << 12}});
    map();
  }

  void access() {
    if (rng_.below(40) == 0 && processes_.size() > 1) {
      current_ = rng_.below(processes_.size());
      put({.kind = Kind::Switch});
    }
    static constexpr char kKinds[] = {'L', 'L', 'S', 'S', 'M', 'I'};
    const char kind = kKinds[rng_.below(6)];
    const auto& regions = current().regions;
    if (regions.empty() || rng_.below(30) == 0) return touch(0x900000 + rng_.below(64), kind);
    const Region& region = regions[rng_.below(regions.size())];
    touch(region.first + rng_.below(region.count), kind);
  }

  void map() {
    const std::uint64_t count = 1 + rng_.below(12);
    const unsigned rights = kRights[rng_.below(7)];
    const bool is_file = rng_.below(3) == 0;
    const std::uint64_t first = current().next_page;
    current().next_page += count + 1 + rng_.below(8);  // regions never touch, so they never merge
    current().space.map(first, count, {rights, is_file, (rights & 2) != 0});
    Event event{.kind = Kind::Mmap};
    event.arguments = {0,
                       count << 12,
                       rights,
                       is_file ? 2u : 0x22u,
                       is_file ? 3u : 0xffffffffu,
                       is_file ? rng_.below(4) << 12 : 0};
    event.result = first << 12;
    if (is_file) event.file = "/lib/" + std::to_string(rng_.below(3));
    put(event);
    current().regions.push_back({first, count});
    if (rights & 2) touch(first, 'S');
  }

  void call() {
    Process& process = current();
    if (process.regions.empty()) return map();
    const std::size_t index = rng_.below(process.regions.size());
    Region& region = process.regions[index];
    const std::uint64_t offset = rng_.below(region.count);
    const std::uint64_t count = 1 + rng_.below(region.count - offset);
    const std::uint64_t address = (region.first + offset) << 12;
    switch (rng_.below(9)) {
      case 0: return protect(region, offset, count);
      case 1:
        if (!region_is_mapped(region, offset, count)) return;
        process.space.forget(region.first + offset, count);
        return put({.kind = Kind::Madvise, .arguments = {address, count << 12, 4}});
      case 2:
        if (region.is_heap) return;
        put({.kind = Kind::Munmap, .arguments = {address, count << 12}});
        process.space.unmap(region.first + offset, count);
        region.is_whole = false;
        return;
      case 3: return move(region);
      case 4: return fork();
      case 5: return rng_.below(4) == 0 ? end() : brk();
      case 6: return brk();
      default: return map();
    }
  }

  bool region_is_mapped(const Region& region, std::uint64_t offset, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i)
      if (!current().space.areas.contains(region.first + offset + i)) return false;
    return true;
  }

  void protect(Region& region, std::uint64_t offset, std::uint64_t count) {
    if (!region_is_mapped(region, offset, count)) return;
    if (region.is_heap || !current().space.areas[region.first + offset].was_writable) return;
    const unsigned rights = kRights[rng_.below(7)];
    put({.kind = Kind::Mprotect, .arguments = {(region.first + offset) << 12, count << 12, rights}});
    current().space.protect(region.first + offset, count, rights);
    region.is_whole = region.is_whole && offset == 0 && count == region.count;
  }

  void move(Region& region) {
    if (!region.is_whole || region.is_heap) return;
    const std::uint64_t to = current().next_page;
    current().next_page += region.count + 3;
    Event event{.kind = Kind::Mremap};
    event.arguments = {region.first << 12, region.count << 12, region.count << 12, 3, to << 12};
    event.result = to << 12;
    put(event);
    current().space.move(region.first, region.count, to);
    region.first = to;
  }

  void fork() {
    if (processes_.size() >= 4) return;
    const std::uint32_t pid = next_pid_++;
    put({.kind = Kind::Fork, .result = pid});
    processes_.push_back({pid, current().space.fork(), current().regions, current().next_page});
  }

  void end() {
    if (rng_.below(2)) {
      put({.kind = Kind::Exec});
      const std::uint32_t pid = current().pid;
      processes_[current_] = {pid, {}, {}};
      put({.kind = Kind::Begin, .arguments = {kHeap << 12}});
      return;
    }
    put({.kind = Kind::Exit, .arguments = {rng_.below(256)}});
    processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(current_));
    if (processes_.empty()) {
      processes_.push_back({next_pid_++, {}, {}});
      current_ = 0;
      put({.kind = Kind::Begin, .arguments = {kHeap << 12}});
      return;
    }
    current_ = rng_.below(processes_.size());
    put({.kind = Kind::Switch});
  }

  void brk() {
    Process& process = current();
    Region* heap = nullptr;
    for (Region& region : process.regions)
      if (region.is_heap) heap = &region;
    const std::uint64_t before = heap == nullptr ? 0 : heap->count;
    const std::uint64_t after = 1 + rng_.below(16);
    const std::uint64_t end = (kHeap + after) << 12;
    put({.kind = Kind::Brk, .arguments = {end}, .result = end});
    if (after > before) process.space.map(kHeap + before, after - before, {3, false, true});
    if (after < before) process.space.unmap(kHeap + after, before - after);
    if (heap == nullptr)
      process.regions.push_back({kHeap, after, false, true});
    else
      heap->count = after;
    // In a child, what is added is a VMA of its own, and has pages of its own from this store on.
    if (after > before) touch(kHeap + before, 'S');
  }

  Rng rng_;
  std::string text_;
  NaiveCounter counter_;
  std::vector<Process> processes_;
  std::size_t current_ = 0;
  std::uint32_t next_pid_ = 2;
};

}  // namespace pw::test
