// SPDX-License-Identifier: MIT
// The counts of the shared traces are those of the documents beside them, from text and from packed files.
#include <algorithm>
#include <cstdlib>

#include "flat_json.h"
#include "support.h"
#include "support/shared.h"

namespace pw::test {
namespace {

using trace::AddressRange;
using trace::DistinctCounts;
using trace::TraceInfo;

std::string hex(std::uint64_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

void put(FlatJson& flat, const std::string& path, std::uint64_t value) { flat[path] = std::to_string(value); }

void put(FlatJson& flat, const std::string& path, const DistinctCounts& counts) {
  put(flat, path + ".data", counts.data);
  put(flat, path + ".instruction", counts.instruction);
  put(flat, path + ".either", counts.either);
  put(flat, path + ".in_both", counts.in_both);
}

void put(FlatJson& flat, const std::string& path, const AddressRange& range) {
  flat[path + ".lowest"] = hex(range.lowest);
  flat[path + ".highest"] = hex(range.highest);
}

void put(FlatJson& flat, const std::string& path, const trace::SizeCounts& sizes) {
  for (const auto& entry : sizes) put(flat, path + "." + std::to_string(entry.size), entry.accesses);
}

// In the golden documents' form.
FlatJson flatten(const TraceInfo& info) {
  FlatJson flat;
  put(flat, "lines.I", info.counts.fetches);
  put(flat, "lines.L", info.counts.loads);
  put(flat, "lines.S", info.counts.stores);
  put(flat, "lines.M", info.counts.modifies);
  put(flat, "lines.references", info.counts.records);
  put(flat, "lines.data_references", info.counts.records - info.counts.fetches);
  put(flat, "lines.other", info.other);
  put(flat, "text_bytes", info.text_bytes.value_or(0));
  flat["sha256_of_text"] = info.sha256;
  put(flat, "distinct_4KiB_pages.by_start", info.pages_4KiB_by_start);
  put(flat, "distinct_4KiB_pages.by_span", info.pages_4KiB_by_span);
  put(flat, "distinct_2MiB_regions.by_start", info.regions_2MiB_by_start);
  put(flat, "distinct_2MiB_regions.by_span", info.regions_2MiB_by_span);
  put(flat, "distinct_1GiB_regions.by_start", info.regions_1GiB_by_start);
  put(flat, "references_crossing.4KiB_page", info.counts.crossing);
  put(flat, "references_crossing.64B_line", info.crossing_64B.value_or(0));
  put(flat, "address_range.data", info.data_range);
  put(flat, "address_range.instruction", info.instruction_range);
  put(flat, "access_sizes.data", info.data_sizes);
  put(flat, "access_sizes.instruction", info.instruction_sizes);
  return flat;
}

bool is_about_the_text(const std::string& path) {
  static const std::vector<std::string> kTops = {"lines",
                                                 "text_bytes",
                                                 "sha256_of_text",
                                                 "distinct_4KiB_pages",
                                                 "distinct_2MiB_regions",
                                                 "distinct_1GiB_regions",
                                                 "references_crossing",
                                                 "address_range",
                                                 "access_sizes"};
  return std::ranges::find(kTops, path.substr(0, path.find('.'))) != kTops.end();
}

void expect_golden(const TraceInfo& info, const std::filesystem::path& document, const std::string& what) {
  const FlatJson found = flatten(info);
  std::size_t compared = 0;
  for (const auto& [path, value] : read_flat_json(document)) {
    if (!is_about_the_text(path)) continue;
    ++compared;
    const auto mine = found.find(path);
    const std::string came = mine == found.end() ? "nothing" : mine->second;
    if (came != value)
      record_failure(__FILE__, __LINE__, what + " " + path + ": " + came + " is not " + value);
  }
  EXPECT(compared > 30);
}

void expect_golden_file(const std::string& trace, const std::string& document) {
  const auto path = require_shared("traces/" + trace);
  auto info = open_or_fail(path.string())->info({.digest = trace::Digest::Sha256});
  REQUIRE(info.ok());
  expect_golden(info.value(), require_shared("traces/" + document), trace);
}

PW_TEST(counts_of_ls_tiny_are_golden_in_every_compression) {
  for (const char* suffix : {"", ".gz", ".xz", ".zst"})
    expect_golden_file(std::string("ls-tiny.lackey") + suffix, "ls-tiny.json");
}
PW_TEST(counts_of_true_full_are_golden) { expect_golden_file("true-full.lackey", "true-full.json"); }
PW_TEST(counts_of_bfs_are_golden) { expect_golden_file("bfs.lackey.zst", "bfs.json"); }
PW_TEST(counts_of_cc1_are_golden) { expect_golden_file("cc1.lackey.zst", "cc1.json"); }
PW_TEST(counts_of_gups_are_golden) { expect_golden_file("gups.lackey.zst", "gups.json"); }
PW_TEST(counts_of_python_are_golden) { expect_golden_file("python.lackey.zst", "python.json"); }
PW_TEST(counts_of_redis_are_golden) { expect_golden_file("redis.lackey.zst", "redis.json"); }
PW_TEST(counts_of_sort_are_golden) { expect_golden_file("sort.lackey.zst", "sort.json"); }
PW_TEST(counts_of_sqlite_are_golden) { expect_golden_file("sqlite.lackey.zst", "sqlite.json"); }
PW_TEST(counts_of_xz_are_golden) { expect_golden_file("xz.lackey.zst", "xz.json"); }

// Half a minute and more each, so only on demand.
void expect_golden_long(const std::string& name) {
  if (std::getenv("PAGEWALK_LONG_TESTS") == nullptr)
    SKIP("long/" + name + " is read only with PAGEWALK_LONG_TESTS set");
  expect_golden_file("long/" + name + ".thin.lackey.zst", "long/" + name + ".json");
}
PW_TEST(counts_of_cc1long_are_golden) { expect_golden_long("cc1long"); }
PW_TEST(counts_of_pagerank_are_golden) { expect_golden_long("pagerank"); }
PW_TEST(counts_of_sqlitezipf_are_golden) { expect_golden_long("sqlitezipf"); }

PW_TEST(converting_keeps_every_golden_count_and_every_word) {
  const auto text = open_or_fail(require_shared("traces/ls-tiny.lackey.xz").string());
  const Drained expected = drain(*text);
  for (const auto compress : {trace::Compress::No, trace::Compress::Yes}) {
    const TemporaryFile packed(".pwt");
    REQUIRE(trace::convert(*text, packed.path(), {.compress = compress}).ok());
    const auto back = open_or_fail(packed.path());
    EXPECT_EQ(back->format(), "packed");
    auto info = back->info();
    REQUIRE(info.ok());
    expect_golden(info.value(), require_shared("traces/ls-tiny.json"), "packed ls-tiny");
    const Drained found = drain(*back);
    EXPECT(!found.error);
    EXPECT(found.words == expected.words);
    EXPECT(same_counts(found.counts, expected.counts));
    // Once more from packed to packed.
    const TemporaryFile again(".pwt");
    REQUIRE(trace::convert(*back, again.path(), {.compress = trace::Compress::No}).ok());
    auto twice = open_or_fail(again.path())->info();
    REQUIRE(twice.ok());
    expect_golden(twice.value(), require_shared("traces/ls-tiny.json"), "twice packed ls-tiny");
  }
}

}  // namespace
}  // namespace pw::test
