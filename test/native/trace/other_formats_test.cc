// SPDX-License-Identifier: MIT
// The din and ChampSim forms: their published counts, their errors, their cut records.
#include "support.h"
#include "support/shared.h"

namespace pw::test {
namespace {

PW_TEST(counts_of_the_din_trace_are_those_of_its_readme) {
  const auto din = open_or_fail(require_shared("traces/sqlite.din.gz").string());
  EXPECT_EQ(din->format(), "din");
  const auto info = din->info().value();
  EXPECT_EQ(info.counts.records, 1'000'000u);
  EXPECT_EQ(info.counts.loads, 218'533u);
  EXPECT_EQ(info.counts.stores, 102'724u);
  EXPECT_EQ(info.counts.fetches, 678'743u);
  EXPECT_EQ(info.pages_4KiB_by_start.data, 224u);
}

PW_TEST(counts_of_the_champsim_trace_are_those_of_its_readme) {
  const auto champsim = open_or_fail(require_shared("traces/sqlite.champsim.xz").string());
  EXPECT_EQ(champsim->format(), "champsim");
  const auto info = champsim->info().value();
  EXPECT_EQ(info.counts.fetches, 2'000'000u);
  EXPECT_EQ(info.counts.loads, 668'947u);
  EXPECT_EQ(info.counts.stores, 287'302u);
  EXPECT_EQ(info.pages_4KiB_by_start.data, 557u);
  EXPECT_EQ(info.text_bytes.value_or(0), 128'000'000u);
}

PW_TEST(din_lines_that_do_not_parse_are_refused) {
  for (const char* line :
       {"3 1000", "", "0", "01000", "0 ", "0 xyz", "0 1000z", "2 11112222333344445", "1 8000000000000000"}) {
    const TextTrace bad("0 1000\n" + std::string(line) + "\n1 2000\n", {.format = "din"});
    const auto error = drain(*bad.trace).error;
    REQUIRE(error.has_value());
    EXPECT_EQ(error->code, ErrorCode::TraceMalformed);
    EXPECT_EQ(error->line.value_or(0), 2u);
  }
  const TextTrace good("0 1000\r\n2 0x2000\t4\n 1 3000", {.format = "din"});
  EXPECT_EQ(drain(*good.trace).words.size(), 3u);
}

// A record of an instruction at `ip` that loads from `from` and stores to `to`.
std::string champsim_record(std::uint64_t ip, std::uint64_t from, std::uint64_t to) {
  std::string record(64, '\0');
  record.replace(0, 8, reinterpret_cast<const char*>(&ip), 8);
  record.replace(16, 8, reinterpret_cast<const char*>(&to), 8);
  record.replace(40, 8, reinterpret_cast<const char*>(&from), 8);
  return record;
}

PW_TEST(champsim_records_become_fetch_loads_stores_and_a_limit_cuts_within_one) {
  const TextTrace two(champsim_record(0x1000, 0x5000, 0x6000) + champsim_record(0x1004, 0, 0), {});
  EXPECT_EQ(two.trace->format(), "champsim");
  const std::vector<PackedAccess> expected = {
      pack(VirtAddr(0x1000), AccessKind::Fetch), pack(VirtAddr(0x5000), AccessKind::Load),
      pack(VirtAddr(0x6000), AccessKind::Store), pack(VirtAddr(0x1004), AccessKind::Fetch)};
  EXPECT(drain(*two.trace).words == expected);
  EXPECT_EQ(drain(*two.trace, {.limit = 2}).words.size(), 2u);
}

PW_TEST(champsim_records_that_are_cut_or_impossible_are_refused) {
  const std::string whole = champsim_record(0x1000, 0x5000, 0x6000);
  for (std::size_t left = 1; left < 64; ++left) {
    const TextTrace cut(whole + whole.substr(0, left), {});
    EXPECT_EQ(drain(*cut.trace).error->code, ErrorCode::TraceTruncated);
  }
  std::string flags = whole;
  flags[8] = 2;
  const TextTrace bad(whole + flags, {.format = "champsim"});
  const auto error = drain(*bad.trace).error;
  EXPECT_EQ(error->code, ErrorCode::TraceMalformed);
  EXPECT_EQ(error->offset.value_or(0), 64u);
}

}  // namespace
}  // namespace pw::test
