// SPDX-License-Identifier: MIT
// Every allocator of the table against a naive twin (a set of free frames) on random operations.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "phys/allocators.h"
#include "support/test.h"

namespace pw::phys {
namespace {

// The contract written down: obvious and slow.
class Twin {
 public:
  explicit Twin(const MemoryMap& map) : frames_(map.frames()) {
    for (std::uint64_t f = 0; f < frames_; ++f) free_.insert(f);
    for (const FrameRange& range : map.unusable()) {
      for (std::uint64_t i = 0; i < range.count; ++i) {
        free_.erase(range.first.value() + i);
        reserved_.insert(range.first.value() + i);
      }
    }
  }

  MaybeFrame allocate_run(std::uint64_t count, std::uint64_t alignment, End end) {
    std::optional<std::uint64_t> found;
    for (std::uint64_t start = 0; start + count <= frames_; start += alignment) {
      if (!all_free(start, count)) continue;
      found = start;
      if (end == End::Low) break;
    }
    if (!found) return std::nullopt;
    take(*found, count);
    return FrameIndex(*found);
  }

  std::optional<ErrorCode> allocate_at(std::uint64_t first, std::uint64_t count) {
    if (any_foreign(first, count)) return ErrorCode::ForeignFrame;
    if (!all_free(first, count)) return ErrorCode::AlreadyAllocated;
    take(first, count);
    return std::nullopt;
  }

  std::optional<ErrorCode> free_run(std::uint64_t first, std::uint64_t count) {
    if (any_foreign(first, count)) return ErrorCode::ForeignFrame;
    for (std::uint64_t f = first; f < first + count; ++f) {
      if (free_.contains(f)) return ErrorCode::DoubleFree;
    }
    for (std::uint64_t f = first; f < first + count; ++f) free_.insert(f);
    return std::nullopt;
  }

  const std::set<std::uint64_t>& free() const { return free_; }

 private:
  bool all_free(std::uint64_t first, std::uint64_t count) const {
    for (std::uint64_t f = first; f < first + count; ++f) {
      if (!free_.contains(f)) return false;
    }
    return true;
  }
  bool any_foreign(std::uint64_t first, std::uint64_t count) const {
    for (std::uint64_t f = first; f < first + count; ++f) {
      if (f >= frames_ || reserved_.contains(f)) return true;
    }
    return false;
  }
  void take(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t f = first; f < first + count; ++f) free_.erase(f);
  }

  std::uint64_t frames_;
  std::set<std::uint64_t> free_;
  std::set<std::uint64_t> reserved_;
};

std::optional<ErrorCode> code_of(const Status& status) {
  return status.ok() ? std::nullopt : std::optional(status.error().code);
}

// One random operation on both; sizes are mostly small, sometimes as large as memory.
class Duel {
 public:
  Duel(const AllocatorInfo& info, const MemoryMap& map, std::uint64_t seed)
      : allocator_(info.make(map)), twin_(map), rng_(seed) {}

  void step() {
    // Phases of mostly allocating and mostly freeing, so that both nearly full and nearly empty occur.
    const bool filling = steps_++ / 200 % 2 == 0;
    const std::uint64_t dice = rng_.below(10);
    if (dice < (filling ? 4u : 2u)) {
      allocate_single();
    } else if (dice < (filling ? 6u : 3u)) {
      allocate_run();
    } else if (dice < (filling ? 7u : 4u)) {
      allocate_at();
    } else {
      free_some();
    }
  }

  void check() {
    EXPECT_EQ(allocator_->free_count(), twin_.free().size());
    for (const std::string& violation : allocator_->validate()) {
      test::record_failure(__FILE__, __LINE__, violation);
    }
    for (std::uint64_t f = 0; f < allocator_->frames(); ++f) {
      EXPECT_EQ(allocator_->is_free(FrameIndex(f)), twin_.free().contains(f));
    }
  }

 private:
  End any_end() { return rng_.below(2) ? End::Low : End::High; }
  std::uint64_t any_frame() { return rng_.below(allocator_->frames() + 2); }
  std::uint64_t any_count() {
    const std::uint64_t limit = rng_.below(4) ? 8 : allocator_->frames() + 1;
    return 1 + rng_.below(limit);
  }

  void allocate_single() {
    const End end = any_end();
    EXPECT(allocator_->allocate(0, end) == twin_.allocate_run(1, 1, end));
  }
  void allocate_run() {
    const End end = any_end();
    const auto order = static_cast<unsigned>(rng_.below(rng_.below(3) ? 4 : 15));
    if (rng_.below(2)) {
      EXPECT(allocator_->allocate(order, end) == twin_.allocate_run(1ull << order, 1ull << order, end));
    } else {
      const std::uint64_t count = any_count();
      EXPECT(allocator_->allocate_run(count, 1ull << order, end) ==
             twin_.allocate_run(count, 1ull << order, end));
    }
  }
  void allocate_at() {
    const std::uint64_t first = any_frame();
    const std::uint64_t count = any_count();
    EXPECT(code_of(allocator_->allocate_at(FrameIndex(first), count)) == twin_.allocate_at(first, count));
  }
  void free_some() {
    const std::uint64_t first = any_frame();
    if (rng_.below(3)) {
      EXPECT(code_of(allocator_->free(FrameIndex(first))) == twin_.free_run(first, 1));
      return;
    }
    if (rng_.below(2)) {
      const auto order = static_cast<unsigned>(rng_.below(10));
      const std::uint64_t aligned = first >> order << order;
      EXPECT(code_of(allocator_->free(FrameIndex(aligned), order)) == twin_.free_run(aligned, 1ull << order));
      return;
    }
    const std::uint64_t count = any_count();
    EXPECT(code_of(allocator_->free_run(FrameIndex(first), count)) == twin_.free_run(first, count));
  }

  std::unique_ptr<FrameAllocator> allocator_;
  Twin twin_;
  Rng rng_;
  unsigned steps_ = 0;
};

void duel(const MemoryMap& map, unsigned steps, unsigned check_every) {
  for (const AllocatorInfo& info : allocators()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      Duel pair(info, map, seed);
      for (unsigned i = 0; i < steps; ++i) {
        pair.step();
        if (i % check_every == 0) pair.check();
      }
      pair.check();
    }
  }
}

MemoryRange range(std::uint64_t first, std::uint64_t count, RangeKind kind) {
  return {PhysAddr(first * kFrameBytes), count * kFrameBytes, kind};
}

}  // namespace

PW_TEST(allocator_equals_its_twin_on_memories_around_a_word) {
  for (std::uint64_t frames : {1, 2, 3, 63, 64, 65, 127, 128, 130}) {
    duel(MemoryMap::flat(frames * kFrameBytes), 1200, 10);
  }
}

PW_TEST(allocator_equals_its_twin_on_memories_around_a_summary_word) {
  for (std::uint64_t frames : {4095, 4096, 4097, 5000}) duel(MemoryMap::flat(frames * kFrameBytes), 500, 50);
}

PW_TEST(allocator_equals_its_twin_between_reserved_ranges) {
  duel(MemoryMap({range(0, 1, RangeKind::Reserved), range(1, 62, RangeKind::Usable),
                  range(63, 2, RangeKind::Hole), range(70, 200, RangeKind::Usable),
                  range(270, 128, RangeKind::Reserved), range(400, 3, RangeKind::Usable),
                  range(403, 1, RangeKind::Reserved)}),
       1500, 20);
}

}  // namespace pw::phys
