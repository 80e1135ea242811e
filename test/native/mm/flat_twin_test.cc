// SPDX-License-Identifier: MIT
// Memory calls, forks, faults, evictions and swap against the naive model: a flat array of pages for each process,
// each with its rights and its byte.
//
// PAGEWALK_TWIN_CALLS sets the number of calls.
#include <array>
#include <cstdlib>
#include <deque>

#include "base/rng.h"
#include "sim_process.h"
#include "support/test.h"

namespace pw::test {
namespace {

namespace abi = mm::abi;
using mm::AddressSpace;
using mm::Errno;

constexpr std::uint64_t kFirst = 0x10000;  // page
constexpr std::uint64_t kPages = 240;
constexpr std::uint64_t kFilePages = 24;
constexpr std::size_t kMostProcesses = 5;

// Two bytes of a page, so that a copy shows what was not stored to.
using PageBytes = std::array<std::uint8_t, 2>;
constexpr std::array<std::uint64_t, 2> kOffsets = {5, 4001};

// What the pages of an object hold.
using Bytes = std::shared_ptr<std::vector<PageBytes>>;

struct FlatPage {
  bool is_mapped = false;
  std::uint64_t rights = 0;
  bool is_shared = false;
  Bytes object;  // none: anonymous and private
  std::uint64_t index = 0;
  std::optional<PageBytes> own;  // a private page that was stored to

  PageBytes bytes() const { return own ? *own : object ? (*object)[index] : PageBytes{}; }
  void set(std::size_t which, std::uint8_t value) {
    if (is_shared) {
      (*object)[index][which] = value;
      return;
    }
    own = bytes();
    (*own)[which] = value;
  }
  bool may(paging::Operation operation) const {
    if (!is_mapped || rights == 0) return false;
    if (operation == paging::Operation::Write) return (rights & abi::kProtWrite) != 0;
    return operation == paging::Operation::Read || (rights & abi::kProtExec) != 0;
  }
};

using FlatSpace = std::vector<FlatPage>;

struct Pair {
  std::unique_ptr<AddressSpace> space;
  FlatSpace flat;
};

struct Range {
  std::uint64_t page;
  std::uint64_t pages;

  std::uint64_t address() const { return (kFirst + page) * kFrameBytes; }
  std::uint64_t bytes() const { return pages * kFrameBytes; }
};

class TwinRun {
 public:
  TwinRun(std::uint64_t seed, const char* policy)
      : rng_(seed),
        kernel_(config_of(seed, policy), translations_),
        free_at_boot_(kernel_.allocator().free_count()) {
    for (const auto kind : {mm::ObjectKind::File, mm::ObjectKind::SharedMemory}) {
      files_.push_back({kernel_.make_object(kind, "file", kFilePages * kFrameBytes)});
      bytes_.push_back(std::make_shared<std::vector<PageBytes>>(kFilePages));
    }
    processes_.push_back({AddressSpace::make(kernel_, {}), FlatSpace(kPages)});
  }

  void step() {
    Pair& at = processes_[rng_.below(processes_.size())];
    switch (rng_.below(20)) {
      case 0:
      case 1: return map(at);
      case 2: return unmap(at);
      case 3:
      case 4: return protect(at);
      case 5: return move(at);
      case 6: return forget(at);
      case 7: return rng_.below(6) == 0 ? fork_or_exit(at) : evict_some();
      default: return touch_page(at);
    }
  }
  void check() {
    const auto violations = mm::validate(kernel_);
    EXPECT_EQ(violations.empty() ? "" : violations.front(), "");
  }
  void finish() {
    processes_.clear();
    check();
    EXPECT_EQ(kernel_.swap().in_use(), swapped_of_objects());
    files_.clear();
    EXPECT_EQ(kernel_.counters().resident_pages, 0);
    EXPECT_EQ(kernel_.swap().in_use(), 0);
    EXPECT_EQ(kernel_.allocator().free_count(), free_at_boot_);
    EXPECT_EQ(kernel_.commit().committed(), 0);
  }

 private:
  static mm::KernelConfig config_of(std::uint64_t seed, const char* policy) {
    mm::KernelConfig config{
        .memory_bytes = 160 * kFrameBytes, .policy = policy, .contents = true, .seed = seed};
    config.zero_page = seed % 2 == 0;
    config.exact = seed % 3 == 0;
    config.swap = {{.slots = 1500}, {.slots = 1500}};
    return config;
  }
  std::uint64_t swapped_of_objects() {
    std::uint64_t slots = 0;
    for (const mm::OpenFile& file : files_)
      file.object->for_each_page(0, kFilePages, [&](std::uint64_t, mm::PagePlace place) {
        slots += place.is_slot() || (place.is_frame() && kernel_.frames()[place.frame()].swap_slot() != 0);
      });
    return slots;
  }
  Range any_range(std::uint64_t longest) {
    const std::uint64_t pages = 1 + rng_.below(longest);
    return {rng_.below(kPages - pages), pages};
  }

  void map(Pair& at) {
    const Range range = any_range(kFilePages);
    const std::uint64_t rights = rng_.below(3) == 0 ? rng_.below(8) : 3;
    const bool shared = rng_.below(3) == 0;
    const std::size_t which = rng_.below(files_.size() + 2);  // beyond the files: anonymous
    const mm::OpenFile* file = which < files_.size() ? &files_[which] : nullptr;
    const std::uint64_t offset = file != nullptr ? rng_.below(kFilePages - range.pages + 1) : 0;
    const auto mapped = mm::mmap(*at.space, {range.address(), range.bytes(), rights,
                                             abi::kMapFixed | (shared ? abi::kMapShared : abi::kMapPrivate) |
                                                 (file == nullptr ? abi::kMapAnonymous : 0),
                                             file, offset * kFrameBytes});
    REQUIRE(mapped.ok() && mapped.value == range.address());
    const Bytes object = file != nullptr ? bytes_[which]
                         : shared        ? std::make_shared<std::vector<PageBytes>>(range.pages)
                                         : nullptr;
    for (std::uint64_t i = 0; i < range.pages; ++i)
      at.flat[range.page + i] = {true, rights, shared, object, offset + i, std::nullopt};
  }
  void unmap(Pair& at) {
    const Range range = any_range(12);
    REQUIRE(mm::munmap(*at.space, range.address(), range.bytes()) == Errno::None);
    for (std::uint64_t i = 0; i < range.pages; ++i) at.flat[range.page + i] = {};
  }
  void protect(Pair& at) {
    const Range range = any_range(16);
    const std::uint64_t rights = rng_.below(8);
    const Errno error = mm::mprotect(*at.space, range.address(), range.bytes(), rights);
    std::uint64_t i = 0;
    for (; i < range.pages && at.flat[range.page + i].is_mapped; ++i) at.flat[range.page + i].rights = rights;
    EXPECT(error == (i == range.pages ? Errno::None : Errno::Enomem));
  }
  void move(Pair& at) {
    const Range from = any_range(10);
    const Range to{rng_.below(kPages - from.pages), from.pages};
    const bool overlap = from.page < to.page + to.pages && to.page < from.page + from.pages;
    bool complete = true;
    for (std::uint64_t i = 0; i < from.pages; ++i) complete = complete && at.flat[from.page + i].is_mapped;
    if (overlap || !complete) return;
    const auto moved = mm::mremap(*at.space, {from.address(), from.bytes(), from.bytes(),
                                              abi::kMremapMayMove | abi::kMremapFixed, to.address()});
    REQUIRE(moved.ok() && moved.value == to.address());
    for (std::uint64_t i = 0; i < from.pages; ++i) {
      at.flat[to.page + i] = at.flat[from.page + i];
      at.flat[from.page + i] = {};
    }
  }
  void forget(Pair& at) {
    const Range range = any_range(8);
    (void)mm::madvise(*at.space, range.address(), range.bytes(), abi::kDontNeed);
    for (std::uint64_t i = 0; i < range.pages; ++i) at.flat[range.page + i].own.reset();
  }
  void fork_or_exit(Pair& at) {
    if (processes_.size() > 1 && rng_.below(2) == 0) {
      std::swap(at, processes_.back());
      return processes_.pop_back();
    }
    if (processes_.size() == kMostProcesses) return;
    auto child = mm::fork(*at.space);
    REQUIRE(child != nullptr);
    FlatSpace flat = at.flat;
    processes_.push_back({std::move(child), std::move(flat)});
  }
  void evict_some() {
    for (std::uint64_t i = rng_.below(20); i > 0; --i)
      if (!kernel_.evict()) return;
  }
  void touch_page(Pair& at) {
    const std::uint64_t page = rng_.below(kPages);
    FlatPage& flat = at.flat[page];
    const std::size_t which = rng_.below(kOffsets.size());
    const std::uint64_t address = (kFirst + page) * kFrameBytes + kOffsets[which];
    auto value = static_cast<std::uint8_t>(rng_.next());
    const bool stores = rng_.below(2) == 0;
    const Touched touched = stores ? store(*at.space, address, value) : load(*at.space, address, &value);
    REQUIRE(touched.outcome != mm::FaultOutcome::OutOfMemory);
    EXPECT_EQ(touched.ok(), flat.may(stores ? paging::Operation::Write : paging::Operation::Read));
    if (!touched.ok()) return;
    if (stores)
      flat.set(which, value);
    else
      EXPECT_EQ(value, flat.bytes()[which]);
  }

  Rng rng_;
  NoTranslations translations_;
  mm::Kernel kernel_;
  std::uint64_t free_at_boot_;
  std::vector<mm::OpenFile> files_;
  std::vector<Bytes> bytes_;
  std::deque<Pair> processes_;
};

PW_TEST(random_calls_and_accesses_agree_with_flat_arrays_of_pages) {
  const char* asked = std::getenv("PAGEWALK_TWIN_CALLS");
  const std::uint64_t calls = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 100'000;
  constexpr std::uint64_t kCallsOfASeed = 10'000;
  constexpr const char* kPolicies[] = {"clock", "fifo", "lru", "random", "arc", "nru", "sieve"};
  for (std::uint64_t seed = 0; seed * kCallsOfASeed < calls; ++seed) {
    TwinRun run(seed, kPolicies[seed % std::size(kPolicies)]);
    for (std::uint64_t i = 0; i < kCallsOfASeed; ++i) {
      run.step();
      if (i % 500 == 0) run.check();
    }
    run.finish();
  }
}

}  // namespace
}  // namespace pw::test
