// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "policy/hosted_policy.h"
#include "support/test.h"

namespace pw::test {
namespace {

using namespace policy;

// FIFO on the other side of the columns, as a script would write it. It notes every event as a word.
struct FifoHost final : PolicyHost {
  explicit FifoHost(bool observes = true) : observes(observes) {}

  bool observes_references() const override { return observes; }
  EventColumns columns() override { return {kinds, pages, slots, counts}; }
  void deliver(std::size_t rows) override {
    for (std::size_t i = 0; i < rows; ++i) take(i);
  }
  std::span<const double> choose_victims(VirtPage page, std::size_t rows) override {
    deliver(rows);
    seen.push_back("choose for " + std::to_string(page.value()));
    return answer();
  }
  void refuse_victim(std::size_t index) override { seen.push_back("refused " + std::to_string(index)); }

  std::span<const double> answer() {
    victims.clear();
    if (fails) return {};
    if (!wrong.empty()) return wrong;
    for (std::size_t i = 0; i < std::min(at_once, queue.size()); ++i) victims.push_back(queue[i]);
    return victims;
  }
  void take(std::size_t row) {
    const std::string page = std::to_string(static_cast<std::uint64_t>(pages[row]));
    const std::string where = page + " in " + std::to_string(slots[row]);
    switch (kinds[row]) {
      case PolicyEvent::Reset: seen.push_back("reset " + page); return;
      case PolicyEvent::Insert: seen.push_back("insert " + where); return queue.push_back(pages[row]);
      case PolicyEvent::Remove: seen.push_back("remove " + where); return void(std::erase(queue, pages[row]));
      case PolicyEvent::Access:
        seen.push_back("access " + where + " x" + std::to_string(counts[row]));
        return;
    }
  }

  static constexpr std::size_t kRows = 4;  // few, so that they run full
  std::array<PolicyEvent, kRows> kinds;
  std::array<double, kRows> pages;
  std::array<std::uint32_t, kRows> slots, counts;
  bool observes, fails = false;
  std::size_t at_once = 1;
  std::vector<double> queue, victims, wrong;
  std::vector<std::string> seen;
};

Resident in(std::uint64_t page, std::uint64_t frame) { return {VirtPage(page), FrameIndex(frame)}; }

struct Bits final : AccessedBits {
  bool test_and_clear(FrameIndex frame) override { return set.erase(frame.value()) != 0; }
  std::set<std::uint64_t> set;
};

PW_TEST(a_host_hears_of_events_in_order_though_its_columns_run_full) {
  FifoHost host;
  HostedPolicy policy({.frames = 8, .capacity = 3}, host);
  EXPECT_EQ(policy.observation() == Observation::Runs, true);
  policy.on_insert(in(70, 5), Arrival::Fault);
  policy.on_insert(in(71, 2), Arrival::Fault);
  const Touch touches[] = {{FrameIndex(5), 3}, {FrameIndex(2), 1ull << 40}, {FrameIndex(5), 1}};
  policy.on_touches(touches);
  policy.on_fault(VirtPage(72), 1);
  EXPECT_EQ(policy.choose_victim(), FrameIndex(5));
  EXPECT_EQ(policy.choose_victim(), FrameIndex(5));
  policy.on_remove(in(70, 5), Departure::Evicted);
  policy.on_insert(in(72, 7), Arrival::Fault);
  policy.flush();
  EXPECT(host.seen == std::vector<std::string>{"reset 3", "insert 70 in 0", "insert 71 in 1",
                                               "access 70 in 0 x3", "access 71 in 1 x4294967295",
                                               "access 70 in 0 x1", "choose for 72", "remove 70 in 0",
                                               "insert 72 in 0"});
}

PW_TEST(a_host_that_observes_no_references_is_told_of_none) {
  FifoHost host(false);
  HostedPolicy policy({.frames = 8, .capacity = 3}, host);
  EXPECT_EQ(policy.observation() == Observation::Nothing, true);
}

PW_TEST(several_victims_are_taken_one_by_one_without_those_that_left) {
  FifoHost host;
  host.at_once = 3;
  HostedPolicy policy({.frames = 8, .capacity = 8}, host);
  for (std::uint64_t page = 0; page < 5; ++page) policy.on_insert(in(page, page), Arrival::Fault);
  EXPECT_EQ(policy.choose_victim(), FrameIndex(0));
  policy.on_remove(in(0, 0), Departure::Evicted);
  policy.on_remove(in(1, 1), Departure::Unmapped);
  EXPECT_EQ(policy.choose_victim(), FrameIndex(2));
  policy.on_remove(in(2, 2), Departure::Evicted);
  EXPECT_EQ(std::ranges::count(host.seen, "choose for 0"), 1);
  EXPECT_EQ(policy.choose_victim(), FrameIndex(3));
  EXPECT_EQ(std::ranges::count(host.seen, "choose for 0"), 2);
}

PW_TEST(a_page_used_since_is_a_use_and_another_is_asked_for_with_hardware_observation) {
  FifoHost host;
  Bits bits;
  bits.set = {0};
  HostedPolicy policy({.frames = 8, .capacity = 2, .accessed_bits = &bits}, host);
  EXPECT_EQ(policy.observation() == Observation::Nothing, true);
  policy.on_insert(in(10, 0), Arrival::Fault);
  policy.on_insert(in(11, 1), Arrival::Fault);
  EXPECT_EQ(policy.choose_victim(), FrameIndex(0));  // FIFO does not change its mind
  EXPECT(bits.set.empty());
  EXPECT(std::ranges::count(host.seen, "access 10 in 0 x1") == 1);
}

PW_TEST(no_victim_comes_of_a_host_that_fails_or_names_what_is_not_there) {
  FifoHost host;
  HostedPolicy policy({.frames = 8, .capacity = 2}, host);
  policy.on_insert(in(10, 0), Arrival::Fault);
  host.fails = true;
  EXPECT_EQ(policy.choose_victim(), kNoVictim);
  host.fails = false;
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  for (const double wrong : {11.0, -1.0, 10.5, 0x1p52, 0x1p63, 1e300, nan, infinity, -infinity}) {
    host.wrong = {10.0, wrong};
    host.seen.clear();
    EXPECT_EQ(policy.choose_victim(), kNoVictim);
    EXPECT_EQ(host.seen.back(), "refused 1");
  }
  host.wrong.clear();
  EXPECT_EQ(policy.choose_victim(), FrameIndex(0));
}

PW_TEST(remove_all_tells_of_every_resident_page_and_of_no_other) {
  FifoHost host;
  HostedPolicy policy({.frames = 64, .capacity = 64}, host);
  std::set<std::uint64_t> resident;
  Rng rng(7);
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t page = rng.below(64);
    if (resident.contains(page)) {
      policy.on_remove(in(page, page), Departure::Unmapped);
      resident.erase(page);
    } else {
      policy.on_insert(in(page, page), Arrival::Fault);
      resident.insert(page);
    }
  }
  policy.flush();
  EXPECT_EQ(host.queue.size(), resident.size());
  EXPECT(std::set<std::uint64_t>(host.queue.begin(), host.queue.end()) == resident);
  policy.remove_all();
  EXPECT(host.queue.empty());
}

}  // namespace
}  // namespace pw::test
