// SPDX-License-Identifier: MIT
// Counts accesses by their words: what TraceCounts holds, whatever the words come from.
#pragma once

#include <optional>
#include <span>

#include "base/access.h"
#include "trace/counts.h"

namespace pw::trace {

class WordCounter {
 public:
  void add(std::span<const PackedAccess> words) {
    std::uint64_t by_kind[8] = {};  // kind, and 4 for second halves
    std::uint64_t repeated = 0;
    PackedAccess last = last_fetch_;
    for (const PackedAccess word : words) {
      ++by_kind[word >> kKindShift & 7];
      const bool fetch = (word >> kKindShift) == static_cast<unsigned>(AccessKind::Fetch);
      repeated += fetch & (word == last);
      last = fetch ? word : last;
    }
    last_fetch_ = last;
    counts_.fetches += by_kind[0];
    counts_.loads += by_kind[1];
    counts_.stores += by_kind[2];
    counts_.modifies += by_kind[3];
    counts_.records += by_kind[0] + by_kind[1] + by_kind[2] + by_kind[3];
    counts_.instructions += by_kind[0] - repeated;
    counts_.crossing += by_kind[4] + by_kind[5] + by_kind[6] + by_kind[7];
  }

  const TraceCounts& counts() const { return counts_; }

 private:
  static constexpr PackedAccess kNoFetch = ~PackedAccess{0};  // no legal word
  TraceCounts counts_;
  PackedAccess last_fetch_ = kNoFetch;
};

}  // namespace pw::trace
