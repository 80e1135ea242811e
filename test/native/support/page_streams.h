// SPDX-License-Identifier: MIT
// Page streams for tests: of a trace's data references, and random ones.
#pragma once

#include <string>
#include <vector>

#include "analysis/page_stream.h"
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

}  // namespace pw::test
