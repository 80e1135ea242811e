// SPDX-License-Identifier: MIT
// Page streams for tests: of a trace's data references, and random ones.
#pragma once

#include <string>
#include <vector>

#include "analysis/page_stream.h"
#include "base/rng.h"
#include "support/test.h"
#include "trace/trace.h"

namespace pw::test {

// One reference a line that is no fetch, to the page of its first byte.
inline std::vector<analysis::PageReference> data_references(const std::string& path) {
  const auto trace = trace::Trace::open(path);
  REQUIRE(trace.ok());
  auto source = trace.value()->accesses({.refs = trace::Refs::Data, .crossing = trace::Crossing::First});
  REQUIRE(source.ok());
  std::vector<analysis::PageReference> references;
  for (;;) {
    const auto words = source.value()->next();
    REQUIRE(words.ok());
    if (words.value().empty()) return references;
    for (const PackedAccess word : words.value())
      references.push_back(page_of(address_of(word)).value() |
                           (is_write(kind_of(word)) ? analysis::kStoreBit : 0));
  }
}

inline analysis::PageStream data_pages(const std::string& path) {
  analysis::PageStream stream;
  stream.add(data_references(path));
  return stream;
}

// Phases of skewed, looping and scanning references, pages used several times in a row among them; three
// in ten are stores.
inline std::vector<analysis::PageReference> random_references(std::uint64_t seed, std::size_t length,
                                                              std::uint64_t pages) {
  Rng rng(seed);
  std::vector<analysis::PageReference> references;
  std::uint64_t next = 0;
  while (references.size() < length) {
    const std::uint64_t pattern = rng.below(3), span = 1 + rng.below(pages), base = rng.below(pages);
    for (std::uint64_t left = 20 + rng.below(150); left > 0; --left) {
      const std::uint64_t place = pattern == 0 ? rng.below(rng.below(pages) + 1) : base + next++ % span;
      for (std::uint64_t uses = 1 + (rng.below(4) == 0 ? rng.below(6) : 0); uses > 0; --uses)
        references.push_back((pattern == 2 && rng.below(3) == 0 ? rng.below(pages) : place) |
                             (rng.below(10) < 3 ? analysis::kStoreBit : 0));
    }
  }
  references.resize(length);
  return references;
}

}  // namespace pw::test
