// SPDX-License-Identifier: MIT
// The contract of replacement policies, over the whole table, and the victims of those that have a twin.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/replacement/registry.h"
#include "support/naive_replacement.h"
#include "support/test.h"

namespace pw::test {
namespace {

using namespace policy;

constexpr std::uint64_t kFrames = 64;

// Drives a policy as the pager does and keeps the books that the contract speaks of.
class Driver {
 public:
  Driver(const std::string& spec, std::uint64_t capacity, std::uint64_t seed)
      : capacity_(capacity),
        rng_(seed),
        policy_(make_policy(spec, {.frames = kFrames, .capacity = capacity, .rng = &rng_}).value()) {
    for (std::uint64_t frame = kFrames; frame-- > 0;) free_.push_back(FrameIndex(frame));
  }

  // One reference; the page that left, if any.
  std::optional<std::uint64_t> reference(std::uint64_t page) {
    ++now_;
    std::optional<std::uint64_t> victim;
    if (const auto found = frames_.find(page); found != frames_.end()) {
      use(found->second);
      return victim;
    }
    ++faults;
    policy_->on_fault(VirtPage(page), now_);
    while (!frames_.empty() && policy_->gives_up(now_)) victim = evict();
    if (frames_.size() == capacity_) victim = evict();
    const FrameIndex frame = free_.back();
    free_.pop_back();
    frames_[page] = frame;
    pages_[frame.value()] = page;
    policy_->on_insert({VirtPage(page), frame, now_}, Arrival::Fault);
    return victim;
  }
  // Leaves without having been chosen.
  void unmap(std::uint64_t page) {
    if (frames_.contains(page)) remove(page, Departure::Unmapped);
  }
  std::uint64_t faults = 0;

 private:
  void use(FrameIndex frame) {
    if (policy_->observation() == Observation::Nothing) return;
    const Touch touch{frame, policy_->observation() == Observation::LastUse ? now_ : 1};
    policy_->on_touches({&touch, 1});
  }
  std::uint64_t evict() {
    const FrameIndex frame = policy_->choose_victim();
    REQUIRE(pages_.contains(frame.value()));  // never one that holds nothing
    EXPECT(policy_->choose_victim() == frame || policy_->observation() == Observation::Nothing);
    const std::uint64_t page = pages_[frame.value()];
    remove(page, Departure::Evicted);
    return page;
  }
  void remove(std::uint64_t page, Departure departure) {
    const FrameIndex frame = frames_[page];
    policy_->on_remove({VirtPage(page), frame}, departure);
    frames_.erase(page);
    pages_.erase(frame.value());
    free_.push_back(frame);
  }

  std::uint64_t capacity_;
  Rng rng_;
  std::unique_ptr<ReplacementPolicy> policy_;
  std::uint64_t now_ = 0;
  std::map<std::uint64_t, FrameIndex> frames_;
  std::map<std::uint64_t, std::uint64_t> pages_;
  std::vector<FrameIndex> free_;
};

// The names of policies that a machine can run.
std::vector<std::string> names_of_policies() {
  std::vector<std::string> names;
  for (const PolicyEntry& entry : replacement_policies())
    if (entry.info.knowledge == Knowledge::Past) names.emplace_back(entry.info.name);
  return names;
}

std::vector<std::uint64_t> skewed_stream(std::uint64_t seed, std::size_t length, std::uint64_t pages) {
  Rng rng(seed);
  std::vector<std::uint64_t> stream;
  while (stream.size() < length) stream.push_back(rng.below(rng.below(pages) + 1));
  return stream;
}

PW_TEST(every_policy_names_resident_pages_only_also_when_pages_leave_unasked) {
  for (const std::string& name : names_of_policies())
    for (const std::uint64_t capacity : {1, 2, 3, 7, 64}) {
      Driver driver(name, capacity, 1);
      Rng rng(capacity);
      for (const std::uint64_t page : skewed_stream(capacity, 5000, 100)) {
        driver.reference(page);
        if (rng.below(10) == 0) driver.unmap(rng.below(100));
      }
    }
}

PW_TEST(every_policy_chooses_the_same_victims_for_the_same_seed) {
  for (const std::string& name : names_of_policies()) {
    Driver one(name, 20, 5), two(name, 20, 5);
    for (const std::uint64_t page : skewed_stream(9, 3000, 60))
      EXPECT(one.reference(page) == two.reference(page));
  }
}

PW_TEST(every_policy_keeps_all_pages_that_fit) {
  for (const PolicyEntry& entry : replacement_policies()) {
    if (entry.info.knowledge == Knowledge::Future || entry.info.allocation == Allocation::Variable) continue;
    Driver driver(std::string(entry.info.name), 60, 1);
    for (const std::uint64_t page : skewed_stream(2, 3000, 60)) driver.reference(page);
    EXPECT_EQ(driver.faults, 60);
  }
}

PW_TEST(fifo_lru_and_clock_choose_the_victims_of_their_naive_twins) {
  for (const std::string spec : {"fifo", "lru", "clock", "clock:bits=2", "clock:bits=3", "clock:bits=8"})
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Rng rng(seed);
      const std::uint64_t capacity = 1 + rng.below(kFrames);
      Driver driver(spec, capacity, seed);
      NaiveReplacement twin(spec, nullptr);
      std::set<std::uint64_t> resident;
      const std::size_t length = seed == 0 ? 50'000 : 2000;  // times that need more digits than one
      for (const std::uint64_t page : skewed_stream(seed, length, 2 * capacity + 1)) {
        std::optional<std::uint64_t> victim;
        if (resident.contains(page)) {
          twin.use(page);
        } else {
          if (twin.size() == capacity) victim = twin.evict();
          if (victim) resident.erase(*victim);
          twin.insert(page);
          resident.insert(page);
        }
        REQUIRE(driver.reference(page) == victim);
      }
    }
}

// Last uses close together and others far away from them, in an order that frames do not tell.
PW_TEST(lru_tells_uses_apart_that_follow_each_other_after_a_long_time) {
  for (const unsigned pause : {10u, 5000u, 100'000u, 5'000'000u}) {
    Driver driver("lru", 60, 1);
    for (std::uint64_t page = 0; page < 60; ++page) driver.reference(page);
    for (std::uint64_t i = 0; i < 59; ++i) driver.reference(i * 23 % 59);
    for (unsigned i = 0; i < pause; ++i) driver.reference(59);
    for (std::uint64_t i = 0; i < 59; ++i) EXPECT_EQ(driver.reference(1000 + i).value_or(~0ull), i * 23 % 59);
    EXPECT_EQ(driver.reference(2000).value_or(~0ull), 59);
  }
}

PW_TEST(random_chooses_every_page_about_as_often_as_any_other) {
  Driver driver("random", 8, 3);
  std::map<std::uint64_t, unsigned> times;
  std::uint64_t next = 0;
  std::vector<std::uint64_t> resident;
  for (; next < 8; ++next) driver.reference(next), resident.push_back(next);
  for (int i = 0; i < 16000; ++i) {
    const auto victim = driver.reference(next);
    const auto place = std::ranges::find(resident, *victim);
    ++times[static_cast<std::uint64_t>(place - resident.begin())];
    *place = next++;
  }
  for (const auto& [place, count] : times) EXPECT(count > 1700 && count < 2300);
}

ErrorCode error_of(std::string_view spec) {
  const Status status = check_policy(spec);
  REQUIRE(!status.ok());
  EXPECT(!make_policy(spec, {.frames = 4, .capacity = 4}).ok());
  return status.error().code;
}

PW_TEST(names_and_parameters_that_do_not_exist_are_refused) {
  EXPECT_EQ(error_of("lur"), ErrorCode::UnknownName);
  EXPECT(check_policy("lur").error().message.find("lru") != std::string::npos);
  EXPECT_EQ(error_of(""), ErrorCode::UnknownName);
  EXPECT_EQ(error_of("clock:bit=2"), ErrorCode::UnknownName);
  EXPECT_EQ(error_of("lru:bits=2"), ErrorCode::UnknownName);
  EXPECT_EQ(error_of("clock:bits=0"), ErrorCode::OutOfRange);
  EXPECT_EQ(error_of("clock:bits=9"), ErrorCode::OutOfRange);
  EXPECT_EQ(error_of("clock:bits"), ErrorCode::InvalidArgument);
  EXPECT_EQ(error_of("clock:bits=1,bits=2"), ErrorCode::InvalidArgument);
  EXPECT(check_policy("clock:n-bit-counter=2").ok());
}

PW_TEST(policies_have_names_of_their_own_and_say_what_they_do) {
  std::set<std::string_view> names;
  for (const PolicyEntry& entry : replacement_policies()) {
    EXPECT(names.insert(entry.info.name).second);
    for (const std::string_view alias : entry.info.aliases) {
      if (alias.empty()) continue;
      EXPECT(names.insert(alias).second);
      EXPECT(parse_policy(alias).value().entry == &entry);
    }
    EXPECT(!entry.info.summary.empty() && !name_of(entry.info.family).empty());
    EXPECT(!name_of(entry.info.observes).empty());
  }
}

PW_TEST(policies_that_need_the_future_are_refused_where_there_is_none) {
  EXPECT(parse_policy("belady").ok());
  EXPECT_EQ(error_of("belady"), ErrorCode::InvalidArgument);
  EXPECT(check_policy("opt").error().message.find("\"opt\"") != std::string::npos);
}

}  // namespace
}  // namespace pw::test
