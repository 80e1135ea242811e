// SPDX-License-Identifier: MIT
#include "stats/schema.h"

#include <cctype>
#include <set>
#include <string>

#include "support/test.h"

namespace pw::stats {
namespace {

bool is_path(std::string_view path) {
  bool word_begins = true;
  for (const char c : path) {
    if (c == '.' ? word_begins : word_begins ? !std::islower(c) : !std::isalnum(c)) return false;
    word_begins = c == '.';
  }
  return !word_begins;
}

}  // namespace

PW_TEST(every_statistic_has_a_path_of_its_own_and_a_sentence) {
  std::set<std::string_view> seen;
  for (const StatSpec& spec : statistics()) {
    if (!is_path(spec.path)) EXPECT_EQ(spec.path, "a dotted path");
    if (!seen.insert(spec.path).second) EXPECT_EQ(spec.path, "unique");
    EXPECT(spec.meaning.size() > 10);
    EXPECT(spec.meaning.back() != '.');
    EXPECT(!name_of(spec.unit).empty());
    EXPECT(find_statistic(spec.path) == &spec);
  }
}

PW_TEST(statistics_that_a_result_must_have_are_in_the_table) {
  for (const char* path :
       {"trace.records", "tlb.l1d.misses", "walks.references", "walks.dirtyUpdates", "faults.major",
        "replacement.writebacks", "memory.peakResidentPages", "cycles.meanWalk"}) {
    if (!find_statistic(path)) EXPECT_EQ(path, std::string("in the table"));
  }
  EXPECT(find_statistic("tlb.l1d") == nullptr);
}

}  // namespace pw::stats
