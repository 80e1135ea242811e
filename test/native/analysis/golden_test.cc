// SPDX-License-Identifier: MIT
// Misses equal libCacheSim's golden counts to the last one, for every row whose policy is exact. Under the address
// sanitizer, which takes ten times as long, for the two short traces; the comparison through the API
// (test/golden/comparison.test.ts) reads every row in any case.
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/simulate.h"
#include "support/page_streams.h"
#include "support/shared.h"
#include "support/test.h"

namespace pw::test {
namespace {

using namespace analysis;

struct GoldenRow {
  std::string trace, policy, params;
  std::uint64_t frames = 0, requests = 0, misses = 0;
};

std::vector<GoldenRow> golden_rows() {
  std::ifstream file(require_shared("conformance/replacement/golden.csv"));
  std::vector<GoldenRow> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    GoldenRow row;
    std::string number;
    std::getline(fields, row.trace, ',');
    std::getline(fields, row.policy, ',');
    std::getline(fields, row.params, ',');
    std::uint64_t* const numbers[] = {&row.frames, &row.requests, &row.misses};
    for (std::uint64_t* to : numbers) {
      std::getline(fields, number, ',');
      *to = std::stoull(number);
    }
    rows.push_back(row);
  }
  return rows;
}

// The table's own names and parameters, as they stand there; its LIRS is a variant.
std::string spec_of(const GoldenRow& row) {
  if (row.policy == "lirs") return "lirs:demote=1";
  return row.params == "default" ? row.policy : row.policy + ':' + row.params;
}

std::string shared_trace(const std::string& name) {
  const auto plain = require_shared("traces") / (name + ".lackey");
  return std::filesystem::exists(plain) ? plain.string() : plain.string() + ".zst";
}

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kMaxRequests = 100'000;
constexpr std::size_t kRows = 110;  // LIRS has no row of them
#else
constexpr std::uint64_t kMaxRequests = ~std::uint64_t{0};
constexpr std::size_t kRows = 652;
#endif

// With one frame for HIR pages the table's LIRS counts hits of pages that it has evicted.
bool is_exact(const GoldenRow& row) {
  constexpr std::string_view kExact[] = {"fifo", "lru",  "belady", "clock",       "sieve", "lfu",
                                         "arc",  "twoq", "s3fifo", "s3fifo-2024", "slru",  "lecar"};
  if (row.policy == "lirs") return row.frames >= 200;
  return std::ranges::find(kExact, row.policy) != std::end(kExact);
}

PW_TEST(misses_are_those_of_libcachesim_for_every_exact_row) {
  std::map<std::string, PageStream> streams;
  std::size_t compared = 0;
  for (const GoldenRow& row : golden_rows()) {
    if (!is_exact(row) || row.requests > kMaxRequests) continue;
    if (!streams.contains(row.trace)) streams[row.trace] = data_pages(shared_trace(row.trace));
    const auto outcome = simulate(streams[row.trace], spec_of(row), {.frames = row.frames});
    REQUIRE(outcome.ok());
    EXPECT_EQ(outcome.value().requests, row.requests);
    if (outcome.value().misses != row.misses)
      record_failure(__FILE__, __LINE__,
                     row.trace + ' ' + spec_of(row) + ' ' + std::to_string(row.frames) + ": " +
                         std::to_string(outcome.value().misses) + " misses, not " +
                         std::to_string(row.misses));
    ++compared;
  }
  EXPECT_EQ(compared, kRows);
}

}  // namespace
}  // namespace pw::test
