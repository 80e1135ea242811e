// SPDX-License-Identifier: MIT
// Miss-ratio curves: references a second of CPU time from page numbers in memory, numbering the pages included, and as a
// ratio to the two-level TLB loop on the same references in the same run. A sampled curve also tells its mean
// absolute error against the exact one, at 1000 sizes evenly spaced over the pages, and the share of them within
// its error bars.
//
//   bench_curves TRACE | uniform=PAGES | zipf=PAGES [policy=NAME] [rate=R | samples=N] [miniature] [passes=N]
#include <cmath>
#include <optional>

#include "analysis/miss_ratio_curve.h"
#include "analysis/sampled_curves.h"
#include "base/rng.h"
#include "limit_loops.h"
#include "trace/generators/generator.h"
#include "words.h"

using namespace pw;

namespace {

using References = std::vector<analysis::PageReference>;

struct Asked {
  std::string source;
  std::string policy = "lru";
  analysis::Sampling sampling;
  bool is_miniature = false;
  int passes = 3;

  bool is_sampled() const { return sampling.rate > 0 || sampling.pages > 0; }
};

Asked asked_for(int count, char** arguments) {
  if (count < 2)
    bench::fail(
        "usage: bench_curves TRACE|uniform=PAGES|zipf=PAGES [policy=NAME] [rate=R|samples=N] [miniature] "
        "[passes=N]");
  Asked asked{.source = arguments[1], .sampling = {}};
  for (int i = 2; i < count; ++i) {
    const std::string argument = arguments[i], value = argument.substr(argument.find('=') + 1);
    if (argument == "miniature") asked.is_miniature = true;
    if (argument.starts_with("policy=")) asked.policy = value;
    if (argument.starts_with("rate=")) asked.sampling.rate = std::stod(value);
    if (argument.starts_with("samples=")) asked.sampling.pages = std::stoull(value);
    if (argument.starts_with("passes=")) asked.passes = std::stoi(value);
  }
  return asked;
}

References pages_of(const std::vector<PackedAccess>& words) {
  References references;
  for (const PackedAccess word : words) references.push_back(page_of(address_of(word)).value());
  return references;
}

References references_of(const std::string& source) {
  const std::uint64_t pages =
      source.find('=') == std::string::npos ? 0 : std::stoull(source.substr(source.find('=') + 1));
  if (source.starts_with("uniform=")) {
    Rng rng(1);
    References references(std::max<std::uint64_t>(20'000'000, 3 * pages));
    for (auto& reference : references) reference = rng.below(pages);
    return references;
  }
  const trace::Selection data{.refs = trace::Refs::Data, .crossing = trace::Crossing::First};
  if (!source.starts_with("zipf=")) return pages_of(bench::load_words(source, data));
  const auto trace =
      trace::Trace::generate({.name = "zipf", .accesses = 5 * pages, .bytes = pages * kFrameBytes});
  if (!trace.ok()) bench::fail(trace.error().message);
  return pages_of(bench::load_words(*trace.value(), data));
}

analysis::MissRatioCurve exact(const References& references, const analysis::CurveRequest& request) {
  analysis::PageStream stream;
  stream.add(references);
  auto curves = analysis::exact_curves(stream, request, {});
  if (!curves.ok()) bench::fail(curves.error().message);
  return curves.value()[0];
}

analysis::MissRatioCurve sampled(const References& references, const analysis::CurveRequest& request,
                                 const Asked& asked) {
  const auto sampler = asked.is_miniature ? analysis::miniature(request, asked.sampling)
                                          : analysis::shards(request, asked.sampling);
  sampler->add(references);
  auto curves = sampler->curves({});
  if (!curves.ok()) bench::fail(curves.error().message);
  return curves.value()[0];
}

double loop_rate(const References& references) {
  std::vector<std::uint64_t> addresses;
  for (const analysis::PageReference page : references) addresses.push_back(page << 12);
  const double start = bench::cpu_seconds();
  volatile std::uint64_t kept = bench::two_level(addresses).second;
  static_cast<void>(kept);
  return static_cast<double>(addresses.size()) / (bench::cpu_seconds() - start);
}

void print_error(const analysis::MissRatioCurve& curve, const analysis::MissRatioCurve& truth,
                 double references) {
  double error = 0, within = 0, widest = 0;
  for (std::size_t i = 0; i < curve.frames.size(); ++i) {
    const double off = std::abs(curve.misses[i] - truth.misses[i]);
    error += off / references;
    within += off <= curve.error_bars[i];
    widest = std::max(widest, curve.error_bars[i] / references);
  }
  const double count = static_cast<double>(curve.frames.size());
  std::printf(
      "  %llu pages sampled, mean absolute error %.4f %%, widest bar %.3f %%, %.1f %% of sizes within "
      "theirs\n",
      static_cast<unsigned long long>(curve.sampled_pages), 100 * error / count, 100 * widest,
      100 * within / count);
}

}  // namespace

int main(int count, char** arguments) {
  const Asked asked = asked_for(count, arguments);
  const References references = references_of(asked.source);
  const auto policy = policy::parse_policy(asked.policy);
  if (!policy.ok()) bench::fail(policy.error().message);
  analysis::CurveRequest request{
      .policies = {policy.value()},
      .sizes = {.rule = analysis::SizeRule::Points,
                .points = asked.policy == "lru" || asked.policy == "opt" ? 200U : 50U,
                .listed = {}},
      .threads = 1};
  analysis::MissRatioCurve truth;
  if (asked.is_sampled()) {
    analysis::PageStream stream;
    stream.add(references);
    request.sizes.rule = analysis::SizeRule::Listed;
    const std::uint64_t sizes = asked.is_miniature ? 50 : 1000;
    for (std::uint64_t i = 1; i <= sizes; ++i)
      request.sizes.listed.push_back({.count = std::max<std::uint64_t>(1, stream.pages() * i / sizes)});
    truth = exact(references, request);
  }
  std::vector<double> rates, loops;
  analysis::MissRatioCurve curve;
  for (int pass = 0; pass < asked.passes; ++pass) {
    loops.push_back(loop_rate(references));
    const double start = bench::cpu_seconds();
    curve = asked.is_sampled() ? sampled(references, request, asked) : exact(references, request);
    rates.push_back(static_cast<double>(references.size()) / (bench::cpu_seconds() - start));
  }
  std::printf("%s, %s: %.1f M references, %.1f M/s, %.2f of the loop\n", asked.source.c_str(),
              asked.policy.c_str(), static_cast<double>(references.size()) / 1e6, bench::median(rates) / 1e6,
              bench::median(rates) / bench::median(loops));
  if (asked.is_sampled()) print_error(curve, truth, static_cast<double>(references.size()));
  return 0;
}
