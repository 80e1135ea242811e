// SPDX-License-Identifier: MIT
// Feeds a machine with a stream in pieces, through each of its three doors.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "base/rng.h"
#include "machine/machine.h"
#include "support/test.h"

namespace pw::test {

inline std::unique_ptr<machine::Machine> boot(const machine::Config& config) {
  auto booted = machine::Machine::boot(config);
  if (auto* errors = std::get_if<std::vector<Error>>(&booted)) {
    for (const Error& error : *errors) record_failure(__FILE__, __LINE__, error.message);
    throw Ended{};
  }
  return std::move(std::get<std::unique_ptr<machine::Machine>>(booted));
}

// Words simulated before a refusal, or all of them; the refused word is the next one.
inline std::size_t feed_words(machine::Machine& machine, std::span<const PackedAccess> words) {
  const machine::Progress progress = machine.replay(words);
  const auto first_halves = static_cast<std::uint64_t>(std::ranges::count_if(
      words.first(progress.consumed), [](PackedAccess word) { return !is_second_half(word); }));
  EXPECT_EQ(progress.accesses, first_halves);
  EXPECT_EQ(progress.stop == machine::Stop::End, progress.consumed == words.size());
  return progress.consumed;
}

// REQUIRES: no second halves.
inline std::size_t feed_addresses(machine::Machine& machine, std::span<const PackedAccess> words) {
  std::vector<std::uint64_t> addresses;
  std::vector<std::uint8_t> kinds;
  for (const PackedAccess word : words) {
    addresses.push_back(address_of(word).value());
    kinds.push_back(static_cast<std::uint8_t>(kind_of(word)));
  }
  if (std::ranges::all_of(kinds, [](std::uint8_t kind) { return kind == 1; }))
    kinds.clear();  // empty means loads
  return machine.replay(addresses, kinds).consumed;
}

inline std::size_t feed_singly(machine::Machine& machine, std::span<const PackedAccess> words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (!machine.access(address_of(words[i]), kind_of(words[i])).ok()) return i;
  return words.size();
}

inline std::size_t feed(machine::Machine& machine, std::span<const PackedAccess> words, std::uint64_t door) {
  if (door == 0 || std::ranges::any_of(words, is_second_half)) return feed_words(machine, words);
  return door == 1 ? feed_addresses(machine, words) : feed_singly(machine, words);
}

}  // namespace pw::test
