// SPDX-License-Identifier: MIT
// The laws of replacement on random streams, for every policy of the table in both ways of observing.
#include <set>

#include "analysis/live_simulation.h"
#include "analysis/simulate.h"
#include "policy/replacement/registry.h"
#include "support/page_streams.h"

namespace pw::test {
namespace {

using namespace analysis;
using policy::PolicyEntry;

PageStream stream_of(const std::vector<PageReference>& references) {
  PageStream stream;
  stream.add(references);
  return stream;
}
Outcome outcome_of(const PageStream& stream, std::string_view policy, std::uint64_t frames,
                   Observe observe = Observe::Exact, std::uint64_t seed = 0) {
  const auto outcome = simulate(stream, policy, {.frames = frames, .observe = observe, .seed = seed});
  REQUIRE(outcome.ok());
  return outcome.value();
}

// A page that is not there cannot be evicted: the simulator checks each victim.
PW_TEST(every_policy_keeps_the_laws_of_counting) {
  for (const PolicyEntry& entry : policy::replacement_policies())
    for (const Observe observe : {Observe::Exact, Observe::Hardware})
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        const PageStream stream = stream_of(random_references(seed, 3000, 60));
        for (const std::uint64_t frames : {1, 2, 5, 23, 59, 1000}) {
          const Outcome outcome = outcome_of(stream, entry.info.name, frames, observe);
          EXPECT_EQ(outcome.requests, 3000);
          EXPECT(outcome.misses >= stream.pages() && outcome.misses <= outcome.requests);
          EXPECT(outcome.writebacks <= outcome.evictions && outcome.evictions <= outcome.misses);
          EXPECT(outcome.mean_resident <= static_cast<double>(outcome.peak_resident));
          if (entry.info.allocation == policy::Allocation::Variable) continue;
          EXPECT(outcome.peak_resident <= frames);
          EXPECT(outcome.misses >= outcome_of(stream, "opt", frames).misses);
        }
      }
}

PW_TEST(a_page_that_is_never_stored_to_is_never_written_back) {
  std::vector<PageReference> loads = random_references(3, 3000, 60);
  for (PageReference& reference : loads) reference &= ~kStoreBit;
  for (const PolicyEntry& entry : policy::replacement_policies())
    EXPECT_EQ(outcome_of(stream_of(loads), entry.info.name, 10).writebacks, 0);
}

PW_TEST(stack_algorithms_show_no_anomaly) {
  for (const std::string_view policy : {"lru", "opt"})
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const PageStream stream = stream_of(random_references(seed, 2000, 50));
      std::uint64_t before = ~std::uint64_t{0};
      for (std::uint64_t frames = 1; frames <= stream.pages(); ++frames) {
        const std::uint64_t misses = outcome_of(stream, policy, frames).misses;
        EXPECT(misses <= before);
        before = misses;
      }
      EXPECT_EQ(before, stream.pages());
    }
}

PW_TEST(fifo_shows_beladys_anomaly_on_the_classic_string) {
  const PageStream stream = stream_of({1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5});
  EXPECT_EQ(outcome_of(stream, "fifo", 3).misses, 9);
  EXPECT_EQ(outcome_of(stream, "fifo", 4).misses, 10);
  EXPECT_EQ(outcome_of(stream, "lru", 3).misses, 10);
  EXPECT_EQ(outcome_of(stream, "opt", 3).misses, 7);
}

PW_TEST(counts_do_not_depend_on_how_the_stream_is_handed_over) {
  const auto references = random_references(5, 5000, 60);
  const PageStream whole = stream_of(references);
  PageStream pieces;
  Rng rng(1);
  for (std::size_t at = 0; at < references.size();) {
    const std::size_t size = std::min<std::size_t>(rng.below(150), references.size() - at);
    pieces.add(std::span(references).subspan(at, size));
    at += size;
  }
  EXPECT_EQ(pieces.references(), whole.references());
  EXPECT_EQ(pieces.pages(), whole.pages());
  for (const PolicyEntry& entry : policy::replacement_policies()) {
    const Outcome a = outcome_of(whole, entry.info.name, 20), b = outcome_of(pieces, entry.info.name, 20);
    EXPECT(a.misses == b.misses && a.writebacks == b.writebacks && a.mean_resident == b.mean_resident);
  }
}

// The stream knows the pages beforehand and has runs; a live simulation has neither.
PW_TEST(live_simulations_count_what_those_of_the_stream_count) {
  for (const PolicyEntry& entry : policy::replacement_policies()) {
    const policy::ParsedPolicy policy = policy::parse_policy(entry.info.name).value();
    if (!policy::check_live(policy).ok() || entry.info.allocation == policy::Allocation::Variable) continue;
    for (const Observe observe : {Observe::Exact, Observe::Hardware})
      for (const std::uint64_t frames : {1, 7, 40, 500}) {
        const auto references = random_references(frames, 4000, 60);
        const auto live = LiveSimulation::start(policy, {.frames = frames, .observe = observe});
        REQUIRE(live.ok());
        Rng rng(frames);
        for (std::size_t at = 0; at < references.size();) {
          const std::size_t size = std::min<std::size_t>(rng.below(150), references.size() - at);
          live.value()->feed(std::span(references).subspan(at, size));
          at += size;
        }
        const PageStream stream = stream_of(references);
        const Outcome a = live.value()->outcome(), b = outcome_of(stream, entry.info.name, frames, observe);
        EXPECT_EQ(live.value()->pages(), stream.pages());
        EXPECT(a.requests == b.requests && a.misses == b.misses && a.writebacks == b.writebacks);
        EXPECT(a.evictions == b.evictions && a.mean_resident == b.mean_resident);
        EXPECT_EQ(a.peak_resident, b.peak_resident);
      }
  }
}

PW_TEST(live_simulations_refuse_what_cannot_be) {
  const auto start = [](std::string_view policy, std::uint64_t frames) {
    return LiveSimulation::start(policy::parse_policy(policy).value(), {.frames = frames});
  };
  EXPECT_EQ(start("opt", 4).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(start("lru", 0).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(start("working-set", 0).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(start("lru", 1).value()->outcome().requests, 0);
}

// Resident pages are counted from the reference that loads them to the one before that for which they go.
PW_TEST(the_mean_of_resident_pages_is_over_references) {
  EXPECT_EQ(outcome_of(stream_of({1, 2, 3, 1}), "fifo", 2).mean_resident, (1 + 2 + 2 + 2) / 4.0);
  EXPECT_EQ(outcome_of(stream_of({1, 2, 2, 2, 2, 2}), "working-set:tau=2", 1).mean_resident,
            (1 + 2 + 2 + 1 + 1 + 1) / 6.0);
}

PW_TEST(write_backs_cost_less_where_opt_minds_them) {
  std::uint64_t minding = 0, plain = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const PageStream stream = stream_of(random_references(seed, 3000, 60));
    const Outcome a = outcome_of(stream, "opt-writeback:cost=4", 15), b = outcome_of(stream, "opt", 15);
    minding += a.misses + 4 * a.writebacks;
    plain += b.misses + 4 * b.writebacks;
  }
  EXPECT(minding < plain);
}

PW_TEST(random_chooses_by_its_seed) {
  const PageStream stream = stream_of(random_references(4, 3000, 60));
  std::set<std::uint64_t> misses;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    misses.insert(outcome_of(stream, "random", 20, Observe::Exact, seed).misses);
    EXPECT_EQ(outcome_of(stream, "random", 20, Observe::Exact, seed).misses,
              outcome_of(stream, "random", 20, Observe::Exact, seed).misses);
  }
  EXPECT(misses.size() > 1);
}

PW_TEST(pages_that_lie_far_apart_are_told_apart) {
  std::vector<PageReference> references;
  for (std::uint64_t i = 0; i < 5000; ++i) references.push_back(i * 0x9e3779b97f4a7c15 >> 1);
  const PageStream stream = stream_of(references);
  EXPECT_EQ(stream.pages(), 5000);
  for (std::size_t i = 0; i < 5000; ++i) EXPECT_EQ(stream.page_number(stream.runs()[i].page), references[i]);
}

PW_TEST(numbers_of_frames_that_cannot_be_are_refused) {
  const PageStream stream = stream_of({1, 2, 3});
  for (const std::uint64_t frames : {std::uint64_t{0}, std::uint64_t{1} << 31})
    EXPECT_EQ(simulate(stream, "lru", {.frames = frames}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(simulate(stream, "lur", {.frames = 1}).error().code, ErrorCode::UnknownName);
  EXPECT_EQ(simulate(PageStream(), "lru", {.frames = 1}).value().misses, 0);
}

}  // namespace
}  // namespace pw::test
