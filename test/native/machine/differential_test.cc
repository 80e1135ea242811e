// SPDX-License-Identifier: MIT
// Does the engine count what the naive twin of the whole machine counts? Random configurations and
// streams, every counter, in the middle and at the end.
#include <array>
#include <cstdlib>
#include <optional>
#include <string>

#include "machine/counters.h"
#include "machine/pieces.h"
#include "machine/random_case.h"
#include "support/naive_machine.h"

namespace pw::test {
namespace {

std::uint64_t iterations(std::uint64_t usual) {
  return std::getenv("PAGEWALK_LONG_TESTS") ? 50 * usual : usual;
}

enum class Pieces { One, Singles, Random };

std::size_t piece_size(Pieces pieces, std::size_t left, Rng& rng) {
  if (pieces == Pieces::One) return left;
  if (pieces == Pieces::Singles) return 1;
  return 1 + rng.below(one_in(rng, 3) ? std::min<std::size_t>(left, 8) : left);
}

// What the twin does with the words up to a refusal, which it must see at the same word.
bool twin_agrees(NaiveMachine& twin, std::span<const PackedAccess> words, std::size_t consumed) {
  for (const PackedAccess word : words.first(consumed))
    if (!twin.access(word)) return false;
  return consumed == words.size() || !twin.access(words[consumed]);
}

// What differs first between the engine and the twin; nothing if they agree.
std::optional<std::string> difference(const Case& made, Pieces pieces, std::uint64_t seed) {
  const auto machine = boot(made.config);
  NaiveMachine twin(made.config);
  Rng rng(seed);
  std::span<const PackedAccess> rest = made.words;
  while (!rest.empty()) {
    const auto piece = rest.first(piece_size(pieces, rest.size(), rng));
    const std::size_t consumed = feed(*machine, piece, rng.below(3));
    const std::string at = " at word " + std::to_string(made.words.size() - rest.size()) + " of " +
                           std::to_string(made.words.size());
    if (!twin_agrees(twin, piece, consumed)) return "one refused an access, the other did not," + at;
    if (const std::string found = differences(machine->stats(), twin.stats()); !found.empty())
      return "(engine, twin) " + found + "after the piece" + at;
    rest = rest.subspan(std::min(piece.size(), consumed + 1));
    if (!rest.empty() && !one_in(rng, 50)) continue;
    if (const auto violations = machine->validate(); !violations.empty()) return violations.front();
  }
  return std::nullopt;
}

// Second halves follow their first ones.
bool is_well_formed(std::span<const PackedAccess> words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (is_second_half(words[i]) &&
        (i == 0 || address_of(words[i - 1]).value() + 1 != address_of(words[i]).value()))
      return false;
  return true;
}

// Smaller cases that might fail in the same way: half the stream gone, one word gone, a simpler machine.
std::vector<Case> smaller(const Case& from) {
  std::vector<Case> candidates;
  const auto without = [&](std::size_t first, std::size_t count) {
    Case shorter = from;
    shorter.words.erase(shorter.words.begin() + static_cast<std::ptrdiff_t>(first),
                        shorter.words.begin() + static_cast<std::ptrdiff_t>(first + count));
    if (!shorter.words.empty() && is_well_formed(shorter.words)) candidates.push_back(std::move(shorter));
  };
  for (std::size_t size = from.words.size() / 2; size > 0; size /= 2)
    for (std::size_t first = from.words.size() / size * size; first > 0; first -= size)
      without(first - size, size);
  for (std::size_t i = 0; i < from.config.tlb.tlbs.size(); ++i) {
    candidates.push_back(from);
    candidates.back().config.tlb.tlbs.erase(candidates.back().config.tlb.tlbs.begin() +
                                            static_cast<std::ptrdiff_t>(i));
  }
  candidates.push_back(from);
  candidates.back().config.structure_caches = {};
  candidates.push_back(from);
  candidates.back().config.resident_limit = 0;
  return candidates;
}

std::size_t weight(const Case& made) {
  return made.words.size() + 10 * made.config.tlb.tlbs.size() + (made.config.resident_limit != 0) +
         made.config.structure_caches.pde + made.config.structure_caches.pdpte +
         made.config.structure_caches.pml4e;
}

// Greedy: the first smaller case that fails still, until none does or the patience ends.
Case shrink(Case made, Pieces pieces, std::uint64_t seed) {
  for (unsigned patience = 20000; patience > 0;) {
    bool shrunk = false;
    for (Case& candidate : smaller(made)) {
      if (patience == 0) break;
      --patience;
      if (weight(candidate) >= weight(made) || !difference(candidate, pieces, seed)) continue;
      made = std::move(candidate);
      shrunk = true;
      break;
    }
    if (!shrunk) break;
  }
  return made;
}

void compare(const Case& made, std::uint64_t seed, Pieces pieces) {
  const auto found = difference(made, pieces, seed);
  if (!found) return;
  const Case shrunk = shrink(made, pieces, seed);
  record_failure(__FILE__, __LINE__,
                 "seed " + std::to_string(seed) + ": " + *found + "\n shrunk: " +
                     difference(shrunk, pieces, seed).value_or("?") + "\n " + show_case(shrunk));
  throw Ended{};
}

void compare(std::uint64_t seed, Pieces pieces) { compare(random_case(seed), seed, pieces); }

// Two levels of few ways in sets that are a power of two, as in most processors: the loop has shortcuts for them.
Case usual_case(std::uint64_t seed) {
  Rng rng(seed);
  Case made{random_config(rng), {}};
  if (!one_in(rng, 4)) made.config.page_size = PageSize::Size4KiB;
  const auto tlb = [&](const char* name, unsigned level, std::array<bool, kAccessKinds> kinds,
                       std::uint32_t ways) {
    tlb::ArrayConfig array{ways << rng.below(4), ways, {true, true, true}};
    made.config.tlb.tlbs.push_back({name, level, kinds, {array}});
  };
  made.config.tlb = {{}, one_in(rng, 4) ? made.config.tlb.way_choice : tlb::WayChoice::Lru};
  tlb("l1i", 1, {true, false, false, false}, one_in(rng, 2) ? 4 : 8);
  tlb("l1d", 1, {false, true, true, true}, one_in(rng, 2) ? 4 : 8);
  tlb("l2", 2, {true, true, true, true}, one_in(rng, 2) ? 12 : 16);
  made.words = random_words(rng, made.config, between(rng, 200, 1500));
  for (unsigned i = made.config.levels == 4 && one_in(rng, 4) ? 3 : 0; i > 0; --i) {
    std::size_t at = rng.below(made.words.size());
    while (at > 0 && is_second_half(made.words[at])) --at;
    made.words.insert(
        made.words.begin() + static_cast<std::ptrdiff_t>(at),
        pack(VirtAddr(0x0000'8000'0000'0000 << rng.below(8)), static_cast<AccessKind>(rng.below(4))));
  }
  return made;
}

PW_TEST(machine_counts_what_the_naive_twin_counts_with_the_geometry_of_processors) {
  for (std::uint64_t seed = 0; seed < iterations(1000); ++seed) {
    const std::uint64_t number = 7'000'000 + seed;
    compare(usual_case(number), number, seed % 3 ? Pieces::One : Pieces::Random);
  }
}

// The first level goes ahead while there is room; what it knew of uses then decides who leaves when there is none.
Case filling_case(std::uint64_t seed) {
  Case made = usual_case(seed);
  Rng rng(seed);
  made.config.page_size = PageSize::Size4KiB;
  made.config.memory_bytes = 64ull << 20;
  made.config.tlb.way_choice = tlb::WayChoice::Lru;
  made.config.policy = one_in(rng, 4) ? "fifo" : "lru";
  made.config.tables_in_reach = 0;
  made.config.resident_limit = between(rng, 66, 250);
  const std::uint64_t pages = made.config.resident_limit + between(rng, 1, 60);
  made.words.clear();
  for (std::uint64_t fresh = 0; fresh < pages;) {
    const std::uint64_t page = one_in(rng, 3) ? fresh++ : rng.below(fresh + 1);
    const VirtAddr address(0x7fff'0000'0000 + page * 5 * kFrameBytes + rng.below(kFrameBytes));
    made.words.push_back(pack(address, static_cast<AccessKind>(rng.below(4))));
  }
  return made;
}

PW_TEST(machine_counts_what_the_naive_twin_counts_when_memory_fills_up) {
  for (std::uint64_t seed = 0; seed < iterations(300); ++seed) {
    const std::uint64_t number = 8'000'000 + seed;
    compare(filling_case(number), number, seed % 3 ? Pieces::One : Pieces::Random);
  }
}

PW_TEST(machine_counts_what_the_naive_twin_counts_in_one_piece) {
  for (std::uint64_t seed = 0; seed < iterations(6000); ++seed) compare(seed, Pieces::One);
}
PW_TEST(machine_counts_what_the_naive_twin_counts_word_by_word) {
  for (std::uint64_t seed = 0; seed < iterations(400); ++seed) compare(1'000'000 + seed, Pieces::Singles);
}
PW_TEST(machine_counts_what_the_naive_twin_counts_in_pieces_of_any_size_through_any_door) {
  for (std::uint64_t seed = 0; seed < iterations(3000); ++seed) compare(2'000'000 + seed, Pieces::Random);
}

// Longer than what the loop counts in one word, and than the times that LRU sorts in one digit each.
PW_TEST(machine_counts_what_the_naive_twin_counts_on_long_streams) {
  for (std::uint64_t seed = 0; seed < iterations(6); ++seed) {
    Rng rng(6'000'000 + seed);
    Case made{random_config(rng), {}};
    made.config.resident_limit = between(rng, 5, 100);
    if (seed % 2) made.config.policy = "lru";
    made.words = random_words(rng, made.config, 140'000);
    EXPECT_EQ(difference(made, Pieces::One, seed).value_or(""), "");
  }
}

machine::Stats replayed(const Case& made, Pieces pieces, std::uint64_t seed) {
  const auto machine = boot(made.config);
  Rng rng(seed);
  std::span<const PackedAccess> rest = made.words;
  while (!rest.empty()) {
    const auto piece = rest.first(piece_size(pieces, rest.size(), rng));
    rest = rest.subspan(std::min(piece.size(), feed(*machine, piece, rng.below(3)) + 1));
  }
  EXPECT(machine->validate().empty());
  return machine->stats();
}

PW_TEST(random_choices_with_one_seed_count_the_same_in_one_piece_and_in_many) {
  for (std::uint64_t seed = 0; seed < iterations(300); ++seed) {
    Case made = random_case(3'000'000 + seed);
    made.config.seed = seed;
    made.config.tlb.way_choice = tlb::WayChoice::Random;
    if (seed % 2) made.config.policy = "random";
    const machine::Stats whole = replayed(made, Pieces::One, seed);
    for (const Pieces pieces : {Pieces::One, Pieces::Singles, Pieces::Random})
      if (const std::string found = differences(whole, replayed(made, pieces, seed)); !found.empty())
        record_failure(__FILE__, __LINE__,
                       "seed " + std::to_string(seed) + ": " + found + "\n " + show_case(made));
  }
}

PW_TEST(random_choices_depend_on_the_seed) {
  unsigned different = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Case made = random_case(4'000'000 + seed);
    made.config.tlb.way_choice = tlb::WayChoice::Random;
    made.config.policy = "random";
    const machine::Stats first = replayed(made, Pieces::One, seed);
    made.config.seed = 1;
    different += !differences(first, replayed(made, Pieces::One, seed)).empty();
  }
  EXPECT(different > 10);
}

}  // namespace
}  // namespace pw::test
