// SPDX-License-Identifier: MIT
// Misses equal those of naive twins on random streams, for every policy of the table.
#include <set>

#include "analysis/simulate.h"
#include "policy/replacement/registry.h"
#include "support/page_streams.h"
#include "support/twins/adaptive.h"
#include "support/twins/by_recency.h"
#include "support/twins/learning.h"
#include "support/twins/lirs.h"
#include "support/twins/optimum.h"
#include "support/twins/registry.h"
#include "support/twins/systems.h"

namespace pw::test {
namespace {

using namespace analysis;
template <class T>
MakeTwin twin_without_limit(std::uint64_t parameter) {
  return [=](std::size_t, const Pages&) { return std::make_unique<T>(parameter); };
}
MakeTwin optimum(double dirty_cost) {
  return [=](std::size_t capacity, const Pages& stream) {
    return std::make_unique<OptimumTwin>(stream, capacity, dirty_cost);
  };
}
MakeTwin nru() {
  return [](std::size_t capacity, const Pages&) { return std::make_unique<NruTwin>(capacity, capacity); };
}
MakeTwin aging() {
  return [](std::size_t capacity, const Pages&) {
    return std::make_unique<AgingTwin>(capacity, std::max<std::size_t>(1, capacity / 8));
  };
}
MakeTwin lru_k(std::size_t k, std::uint64_t correlated) {
  return [=](std::size_t capacity, const Pages&) {
    return std::make_unique<LruKTwin>(capacity, k, correlated, capacity);
  };
}

using One = OneListTwin;
std::vector<std::pair<std::string, MakeTwin>> twins() {
  std::vector<std::pair<std::string, MakeTwin>> all = {
      {"fifo", twin<One>(One::Order::Arrival, One::Leaves::Oldest)},
      {"lru", twin<One>(One::Order::Use, One::Leaves::Oldest)},
      {"mru", twin<One>(One::Order::Use, One::Leaves::Youngest)},
      {"clock", twin<ClockTwin>(1u, 0u)},
      {"clock:bits=3", twin<ClockTwin>(7u, 0u)},
      {"second-chance", twin<ClockTwin>(1u, 0u)},
      {"second-chance:loaded=1", twin<ClockTwin>(1u, 1u)},
      {"nru", nru()},
      {"nru:interval=9", twin<NruTwin>(std::size_t{9})},
      {"aging", aging()},
      {"aging:interval=5", twin<AgingTwin>(std::size_t{5})},
      {"sieve", twin<SieveTwin>()},
      {"slru", twin<SlruTwin>(std::size_t{4})},
      {"slru:segments=2", twin<SlruTwin>(std::size_t{2})},
      {"lru-k", lru_k(2, 0)},
      {"lru-k:k=3", lru_k(3, 0)},
      {"lru-k:correlated=4", lru_k(2, 4)},
      {"lfu", twin<LfuTwin>(std::size_t{0})},
      {"lfu:mean=3", twin<LfuTwin>(std::size_t{3})},
      {"two-queue", twin<TwoQueueTwin>()},
      {"arc", twin<ArcTwin>()},
      {"car", twin<CarTwin>()},
      {"lirs", twin<LirsTwin>(LirsTwin::Variant::Paper)},
      {"lirs:demote=1", twin<LirsTwin>(LirsTwin::Variant::Demotes)},
      {"clock-pro", twin<ClockProTwin>()},
      {"active-inactive", twin<ActiveInactiveTwin>()},
      {"mglru", twin<MgLruTwin>()},
      {"w-tinylfu", twin<WTinyLfuTwin>()},
      {"s3-fifo", twin<S3FifoTwin>(S3FifoTwin::Filling::Small)},
      {"s3-fifo-2024", twin<S3FifoTwin>(S3FifoTwin::Filling::Both)},
      {"lecar", twin<LeCarTwin>(std::uint64_t{0})},
      {"lecar:seed=7", twin<LeCarTwin>(std::uint64_t{7})},
      {"cacheus", twin<CacheusTwin>(std::uint64_t{0})},
      {"hawkeye", twin<HawkeyeTwin>(std::uint64_t{16})},
      {"hawkeye:region=3", twin<HawkeyeTwin>(std::uint64_t{3})},
      {"wsclock:tau=60", twin<WsClockTwin>(std::uint64_t{60}, std::size_t{128})},
      {"wsclock:tau=30,scan=4", twin<WsClockTwin>(std::uint64_t{30}, std::size_t{4})},
      {"working-set:tau=50", twin_without_limit<WorkingSetTwin>(50)},
      {"page-fault-frequency:threshold=8", twin_without_limit<PageFaultFrequencyTwin>(8)},
      {"opt", optimum(1)},
      {"opt-writeback:cost=0", optimum(1)},
      {"opt-writeback:cost=2", optimum(3)},
  };
  all.insert(all.end(), registered_twins().begin(), registered_twins().end());
  return all;
}

std::uint64_t misses_of(Twin& twin, const std::vector<PageReference>& references) {
  std::uint64_t misses = 0;
  for (const PageReference reference : references)
    misses += twin.refer(reference & ~kStoreBit, (reference & kStoreBit) != 0);
  return misses;
}

void compare(const std::string& spec, const MakeTwin& make, std::uint64_t seed) {
  const auto references = random_references(seed, 1200, 10 + seed % 7 * 12);
  Pages pages;
  for (const PageReference reference : references) pages.push_back(reference & ~kStoreBit);
  PageStream stream;
  stream.add(references);
  for (const std::size_t frames : {1, 2, 3, 4, 7, 16, 30, 55}) {
    const auto twin = make(frames, pages);
    const std::uint64_t expected = misses_of(*twin, references);
    const auto outcome = simulate(stream, spec, {.frames = frames});
    REQUIRE(outcome.ok());
    if (outcome.value().misses != expected)
      record_failure(__FILE__, __LINE__,
                     spec + ", seed " + std::to_string(seed) + ", " + std::to_string(frames) +
                         " frames: " + std::to_string(outcome.value().misses) + " misses, twin " +
                         std::to_string(expected));
  }
}

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kSeeds = 4;  // ten times as slow
#else
constexpr std::uint64_t kSeeds = 20;
#endif

PW_TEST(misses_are_those_of_the_naive_twin) {
  for (const auto& [spec, make] : twins())
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) compare(spec, make, seed);
}

// Random chooses by its own generator; it is held to the laws in property_test.cc.
PW_TEST(every_policy_but_random_has_a_twin) {
  std::set<std::string_view> with_twin = {"random"};
  const auto all = twins();
  for (const auto& entry : all) with_twin.insert(name_of_spec(entry.first));
  for (const auto& entry : policy::replacement_policies()) {
    if (!with_twin.contains(entry.info.name))
      record_failure(__FILE__, __LINE__, "no twin: " + std::string(entry.info.name));
  }
}

}  // namespace
}  // namespace pw::test
