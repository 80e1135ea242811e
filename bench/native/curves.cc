// SPDX-License-Identifier: MIT
// The exact miss-ratio curve of LRU: references a second of CPU time, numbering the pages included, on a trace or on
// pages drawn uniformly.
//
//   bench_curves TRACE | uniform=PAGES [passes=N]
#include "analysis/stack_distances.h"
#include "base/rng.h"
#include "words.h"

using namespace pw;

namespace {

std::vector<analysis::PageReference> references_of(const std::string& source) {
  std::vector<analysis::PageReference> references;
  if (source.starts_with("uniform=")) {
    const std::uint64_t pages = std::stoull(source.substr(8));
    Rng rng(1);
    references.resize(std::max<std::uint64_t>(20'000'000, 3 * pages));
    for (auto& reference : references) reference = rng.below(pages);
    return references;
  }
  const auto words =
      bench::load_words(source, {.refs = trace::Refs::Data, .crossing = trace::Crossing::First});
  for (const PackedAccess word : words) references.push_back(page_of(address_of(word)).value());
  return references;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) bench::fail("usage: bench_curves TRACE | uniform=PAGES [passes=N]");
  const std::string passes = count > 2 ? arguments[2] : "passes=3";
  const auto references = references_of(arguments[1]);
  std::vector<double> numbering, curve;
  for (int pass = 0; pass < std::stoi(passes.substr(passes.find('=') + 1)); ++pass) {
    const double start = bench::cpu_seconds();
    analysis::PageStream stream;
    stream.add(references);
    const double numbered = bench::cpu_seconds();
    if (!analysis::lru_distances(stream).ok()) bench::fail("no curve");
    curve.push_back(bench::cpu_seconds() - numbered);
    numbering.push_back(numbered - start);
  }
  const double size = static_cast<double>(references.size()) / 1e6;
  std::printf("%s: %.1f M references, %.1f M/s, %.1f M/s without numbering\n", arguments[1], size,
              size / (bench::median(numbering) + bench::median(curve)), size / bench::median(curve));
  return 0;
}
