// SPDX-License-Identifier: MIT
// The replay loop: warm-up, limit, abort and slices.
#include <memory>

#include "support/test.h"
#include "trace/replay.h"
#include "trace/trace.h"

namespace pw::test {
namespace {

using trace::Replay;
using trace::ReplayProgress;
using trace::ReplayState;

std::unique_ptr<machine::Machine> small_machine() {
  machine::Config config;
  config.memory_bytes = 64ull << 20;
  config.resident_limit = 20;
  config.tlb.tlbs = {{"l1d", 1, {true, true, true, true}, {{8, 4, {true, false, false}}}}};
  auto booted = machine::Machine::boot(config);
  REQUIRE(std::holds_alternative<std::unique_ptr<machine::Machine>>(booted));
  return std::move(std::get<std::unique_ptr<machine::Machine>>(booted));
}

// Loads and stores over 37 pages, every fifth one crossing into the next page.
std::vector<PackedAccess> words_of(std::size_t accesses) {
  std::vector<PackedAccess> words;
  for (std::uint64_t i = 0; i < accesses; ++i) {
    const std::uint64_t page = (i * i / 3 % 37) << 12;
    const AccessKind kind = i % 3 ? AccessKind::Load : AccessKind::Store;
    words.push_back(pack(VirtAddr(page + 4095), kind));
    if (i % 5 == 0) words.push_back(pack(VirtAddr(page + 4096), kind, Half::Second));
  }
  return words;
}
std::shared_ptr<trace::Trace> trace_of(std::size_t accesses) {
  return trace::Trace::from_words(words_of(accesses), "test").value();
}

struct Outcome {
  ReplayState state = ReplayState::Running;
  machine::Stats stats;
  std::uint64_t accesses = 0;
  unsigned slices = 0;
};

Outcome replay(const trace::Trace& trace, trace::ReplayOptions options = {}, trace::Selection selection = {},
               std::optional<double> slice_seconds = std::nullopt) {
  const auto machine = small_machine();
  const auto source = trace.accesses(selection).value();
  ReplayProgress progress;
  Replay run(*machine, *source, options, progress);
  Outcome outcome;
  do {
    outcome.state = run.run(slice_seconds);
    ++outcome.slices;
  } while (outcome.state == ReplayState::Running);
  outcome.stats = run.stats();
  outcome.accesses = run.accesses();
  EXPECT_EQ(progress.accesses.load(), outcome.accesses);
  EXPECT(machine->validate().empty());
  return outcome;
}

bool same(const machine::Stats& a, const machine::Stats& b) {
  return a.walks.total == b.walks.total && a.walks.references == b.walks.references &&
         a.faults.minor == b.faults.minor && a.faults.major == b.faults.major &&
         a.replacement.writebacks == b.replacement.writebacks && a.tlbs[0].hits == b.tlbs[0].hits &&
         a.tlbs[0].misses == b.tlbs[0].misses && a.accesses.accesses == b.accesses.accesses &&
         a.memory.peak_resident_pages == b.memory.peak_resident_pages;
}

PW_TEST(a_replay_in_slices_counts_what_one_in_one_go_counts) {
  const auto trace = trace_of(200'000);
  const Outcome whole = replay(*trace), sliced = replay(*trace, {}, {}, 0.0);
  EXPECT_EQ(whole.state, ReplayState::Done);
  EXPECT_EQ(sliced.state, ReplayState::Done);
  EXPECT_EQ(whole.slices, 1);
  EXPECT(sliced.slices > 3);
  EXPECT_EQ(whole.accesses, 200'000);
  EXPECT(same(whole.stats, sliced.stats));
}

PW_TEST(a_warm_up_keeps_state_but_counts_nothing) {
  const auto trace = trace_of(3000);
  for (const std::uint64_t warmup : {1u, 700u, 2999u}) {
    // The same by hand: the difference of two readings.
    const auto machine = small_machine();
    const auto words = words_of(3000);
    std::size_t cut = 0;
    for (std::uint64_t seen = 0; seen < warmup || is_second_half(words[cut]); ++cut)
      seen += !is_second_half(words[cut]);
    machine->replay(std::span(words).first(cut));
    const machine::Stats before = machine->stats();
    machine->reset_peaks();
    machine->replay(std::span(words).subspan(cut));
    const Outcome warm = replay(*trace, {.warmup = warmup});
    EXPECT(same(warm.stats, machine::difference(machine->stats(), before, machine->config().cost)));
    EXPECT(warm.stats.walks.total < replay(*trace).stats.walks.total);
  }
}

PW_TEST(a_limit_ends_after_so_many_records_with_their_second_halves) {
  const auto trace = trace_of(3000);
  const auto shorter = trace_of(1001);
  const Outcome limited = replay(*trace, {}, {.limit = 1001});
  EXPECT_EQ(limited.accesses, 1001);
  EXPECT(same(limited.stats, replay(*shorter).stats));
}

PW_TEST(an_abort_stops_between_looks_and_the_rest_can_still_be_run) {
  const auto trace = trace_of(200'000);
  const auto machine = small_machine();
  const auto source = trace->accesses({}).value();
  ReplayProgress progress;
  Replay run(*machine, *source, {}, progress);
  EXPECT_EQ(run.run(0.0), ReplayState::Running);
  progress.abort = true;
  EXPECT_EQ(run.run(), ReplayState::Aborted);
  EXPECT(run.accesses() > 0 && run.accesses() < 200'000);
  EXPECT_EQ(run.stats().accesses.accesses >= run.accesses(), true);
  progress.abort = false;
  EXPECT_EQ(run.run(), ReplayState::Done);
  EXPECT(same(run.stats(), replay(*trace).stats));
}

PW_TEST(a_refused_access_ends_the_replay_with_its_error) {
  auto words = words_of(100);
  words.insert(words.begin() + 50, pack(VirtAddr(1ull << 50), AccessKind::Load));
  const auto trace = trace::Trace::from_words(words, "test").value();
  const auto machine = small_machine();
  const auto source = trace->accesses({}).value();
  ReplayProgress progress;
  Replay run(*machine, *source, {}, progress);
  EXPECT_EQ(run.run(), ReplayState::Refused);
  EXPECT_EQ(run.error().code, ErrorCode::NotCanonical);
}

}  // namespace
}  // namespace pw::test
