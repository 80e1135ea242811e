// SPDX-License-Identifier: MIT
// Traces as values: names, selections, limits, addresses from scripts, distinct pages.
#include "trace/trace.h"

#include <algorithm>
#include <set>

#include "support.h"
#include "support/shared.h"

namespace pw::test {
namespace {

using trace::Crossing;
using trace::Refs;
using trace::Trace;

constexpr std::string_view kText =
    "I  00001ffe,4\n"
    " L 00005000,8\n"
    " S 00006ffc,8\n"
    "I  00002002,4\n"
    " M 00005000,8\n";

PW_TEST(name_is_the_file_s_up_to_the_first_dot) {
  const auto folder = std::filesystem::temp_directory_path() / "pagewalk-names.d";
  std::filesystem::create_directory(folder);
  const auto path = folder / "sqlite.thin.lackey";
  std::ofstream(path) << kText;
  const auto trace = open_or_fail(path.string());
  EXPECT_EQ(trace->name(), "sqlite");
  EXPECT_EQ(trace->path(), path.string());
  EXPECT_EQ(trace->format(), "lackey");
  EXPECT(trace->seekable());
  std::filesystem::remove_all(folder);
}

PW_TEST(selections_apply_after_the_limit_and_leave_the_counts) {
  const TextTrace text(kText);
  const auto in_memory = Trace::from_words(drain(*text.trace).words, "memory").value();
  for (const auto& trace : {text.trace, in_memory}) {
    EXPECT_EQ(drain(*trace).words.size(), 7u);
    EXPECT_EQ(drain(*trace, {.crossing = Crossing::First}).words.size(), 5u);
    EXPECT_EQ(drain(*trace, {.refs = Refs::Data}).words.size(), 4u);
    EXPECT_EQ(drain(*trace, {.refs = Refs::Fetch, .crossing = Crossing::First}).words.size(), 2u);
    const Drained limited = drain(*trace, {.limit = 3, .refs = Refs::Fetch});
    EXPECT_EQ(limited.words.size(), 2u);
    EXPECT_EQ(limited.counts.records, 3u);
    EXPECT_EQ(limited.counts.crossing, 2u);
    EXPECT_EQ(limited.counts.stores, 1u);
    EXPECT_EQ(drain(*trace, {.limit = 0}).counts.records, 0u);
    EXPECT(!drain(*trace, {.limit = 0}).error);
  }
}

PW_TEST(a_selection_that_keeps_nothing_is_no_error) {
  const TextTrace text(" L 00005000,8\n");
  const Drained found = drain(*text.trace, {.refs = Refs::Fetch});
  EXPECT(!found.error);
  EXPECT(found.words.empty());
  EXPECT_EQ(found.counts.loads, 1u);
}

PW_TEST(lines_behind_the_limit_are_not_read) {
  const TextTrace text(" L 00005000,8\nrubbish\n");
  EXPECT(!drain(*text.trace, {.limit = 1}).error);
  EXPECT(drain(*text.trace, {.limit = 2}).error.has_value());
}

PW_TEST(counts_grow_with_the_words_handed_out) {
  const auto trace = Trace::generate({.name = "sequential", .accesses = 200'000}).value();
  auto source = trace->accesses({}).value();
  std::uint64_t words = 0;
  for (;;) {
    const auto span = source->next().value();
    words += span.size();
    EXPECT_EQ(source->counts().records, words);
    if (span.empty()) break;
  }
  EXPECT_EQ(words, 200'000u);
}

PW_TEST(traces_without_accesses_are_empty_when_words_are_asked_for) {
  EXPECT_EQ(drain(*Trace::from_words({}, "none").value()).error->code, ErrorCode::TraceEmpty);
  EXPECT_EQ(drain(*Trace::from_addresses({}).value()).error->code, ErrorCode::TraceEmpty);
}

PW_TEST(addresses_become_accesses_with_their_kinds_and_sizes) {
  const std::uint64_t addresses[] = {0x1000, 0xffffffffffffe000, 0x2fff};
  const std::uint8_t kinds[] = {0, 3, 2};
  const std::uint32_t sizes[] = {4, 8, 2};
  const auto trace = Trace::from_addresses(addresses, kinds, sizes).value();
  const Drained found = drain(*trace);
  EXPECT(found.words == std::vector<PackedAccess>({pack(VirtAddr(0x1000), AccessKind::Fetch),
                                                   pack(VirtAddr(0xffffffffffffe000), AccessKind::Modify),
                                                   pack(VirtAddr(0x2fff), AccessKind::Store),
                                                   pack(VirtAddr(0x3000), AccessKind::Store, Half::Second)}));
  const auto info = trace->info().value();
  EXPECT_EQ(info.data_range.highest, 0xffffffffffffe007u);
  EXPECT_EQ(info.data_sizes.size(), 2u);
  EXPECT_EQ(info.crossing_64B.value_or(0), 1u);
  EXPECT_EQ(drain(*Trace::from_addresses(addresses).value()).counts.loads, 3u);
  EXPECT(!Trace::from_addresses(addresses).value()->info().value().crossing_64B);
}

PW_TEST(addresses_that_cannot_be_are_refused_with_their_place) {
  const std::uint64_t bad[] = {0, 0x0100000000000000};
  EXPECT_EQ(Trace::from_addresses(bad).error().code, ErrorCode::NotCanonical);
  EXPECT(Trace::from_addresses(bad).error().message.find("access 1: ") == 0);
  const std::uint64_t good[] = {0, 0x1000};
  const std::uint8_t kinds[] = {0, 4};
  EXPECT_EQ(Trace::from_addresses(good, kinds).error().code, ErrorCode::OutOfRange);
  const std::uint32_t sizes[] = {1, 4097};
  EXPECT_EQ(Trace::from_addresses(good, {}, sizes).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::from_addresses(good, std::span(kinds).first(1)).error().code, ErrorCode::InvalidArgument);
}

PW_TEST(distinct_pages_count_first_bytes_of_the_selected_stream) {
  const TextTrace text(kText);
  EXPECT_EQ(text.trace->distinct_pages({}, PageSize::Size4KiB).value(), 4u);
  EXPECT_EQ(text.trace->distinct_pages({.refs = Refs::Data}, PageSize::Size4KiB).value(), 2u);
  EXPECT_EQ(text.trace->distinct_pages({.limit = 1}, PageSize::Size4KiB).value(), 1u);
  EXPECT_EQ(text.trace->distinct_pages({}, PageSize::Size2MiB).value(), 1u);
  const auto bfs = open_or_fail(require_shared("traces/sqlite.lackey.zst").string());
  EXPECT_EQ(bfs->distinct_pages({}, PageSize::Size4KiB).value(), 2250u);
  EXPECT_EQ(bfs->distinct_pages({}, PageSize::Size2MiB).value(), 22u);
  EXPECT_EQ(bfs->distinct_pages({.refs = Refs::Fetch}, PageSize::Size1GiB).value(), 1u);
}

PW_TEST(page_sets_agree_with_sets) {
  Rng rng(7);
  trace::PageSet pages, others;
  std::set<std::uint64_t> expected, expected_others;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t page = rng.below(3) ? rng.below(1 << 14) : rng.next() >> 12;
    pages.add(page), expected.insert(page);
    const std::uint64_t other = rng.below(1 << 15);
    others.add(other), expected_others.insert(other);
  }
  EXPECT_EQ(pages.size(), expected.size());
  pages.add_all(others);
  expected.insert(expected_others.begin(), expected_others.end());
  EXPECT_EQ(pages.size(), expected.size());
}

PW_TEST(aborted_passes_say_so) {
  const TextTrace text(kText);
  std::atomic<bool> abort{true};
  EXPECT_EQ(text.trace->info({.abort = &abort}).error().code, ErrorCode::Aborted);
  EXPECT_EQ(text.trace->distinct_pages({}, PageSize::Size4KiB, &abort).error().code, ErrorCode::Aborted);
}

PW_TEST(progress_ends_at_the_total) {
  const TextTrace text(kText);
  std::uint64_t position = 0, total = 0;
  REQUIRE(text.trace->info({.progress = [&](std::uint64_t p, std::uint64_t t) { position = p, total = t; }})
              .ok());
  EXPECT_EQ(position, kText.size());
  EXPECT_EQ(total, kText.size());
}

}  // namespace
}  // namespace pw::test
