// SPDX-License-Identifier: MIT
// The simulation of each policy, as a ratio to the bare two-level TLB loop on the same references in the same
// run. Timed from page numbers in memory: giving pages numbers and frames is in it. Policies are fed
// references as they come; bounds, which need the future, go over the stream. `on stream` leaves the
// numbering out, which comparisons do once for all. Passes alternate, so that a change of the machine's
// speed meets all.
//
//   bench_policies TRACE [frames=PERCENT] [policy=NAME[:key=value]] [passes=N]
#include <map>

#include "analysis/live_simulation.h"
#include "analysis/simulate.h"
#include "limit_loops.h"
#include "policy/replacement/registry.h"
#include "words.h"

using namespace pw;

namespace {

struct Options {
  std::string trace;
  std::uint64_t percent = 10;
  std::vector<std::string> policies;
  int passes = 5;
};

Options parse(int count, char** arguments) {
  if (count < 2) bench::fail("usage: bench_policies TRACE [frames=PERCENT] [policy=NAME] [passes=N]");
  Options options;
  options.trace = arguments[1];
  for (int i = 2; i < count; ++i) {
    const std::string text = arguments[i];
    const std::string value = text.substr(text.find('=') + 1);
    if (text.starts_with("frames="))
      options.percent = std::stoul(value);
    else if (text.starts_with("policy="))
      options.policies.push_back(value);
    else if (text.starts_with("passes="))
      options.passes = std::stoi(value);
    else
      bench::fail("unknown option " + text);
  }
  if (options.policies.empty())
    for (const auto& entry : policy::replacement_policies()) options.policies.emplace_back(entry.info.name);
  return options;
}

struct Timing {
  std::vector<double> whole, on_stream;
  std::uint64_t misses = 0;
};

using References = std::vector<analysis::PageReference>;

std::uint64_t simulate_live(const References& references, const policy::ParsedPolicy& policy,
                            std::uint64_t frames) {
  const auto simulation = analysis::LiveSimulation::start(policy, {.frames = frames});
  if (!simulation.ok()) bench::fail(simulation.error().message);
  simulation.value()->feed(references);
  return simulation.value()->outcome().misses;
}

void simulate(const References& references, const std::string& spec, std::uint64_t percent, Timing& timing) {
  const auto parsed = policy::parse_policy(spec);
  if (!parsed.ok()) bench::fail(parsed.error().message);
  const policy::ParsedPolicy& policy = parsed.value();
  const double start = bench::cpu_seconds();
  analysis::PageStream stream;
  stream.add(references);
  const double numbered = bench::cpu_seconds();
  const std::uint64_t frames = std::max<std::uint64_t>(1, stream.pages() * percent / 100);
  const auto outcome = analysis::simulate(stream, policy, {.frames = frames});
  const double end = bench::cpu_seconds();
  if (!outcome.ok()) bench::fail(outcome.error().message);
  timing.misses = outcome.value().misses;
  timing.on_stream.push_back(end - numbered);
  if (!policy::check_live(policy).ok() || policy.entry->info.allocation == policy::Allocation::Variable) {
    timing.whole.push_back(end - start);
    return;
  }
  const double live = bench::cpu_seconds();
  if (simulate_live(references, policy, frames) != timing.misses) bench::fail(spec + ": other misses");
  timing.whole.push_back(bench::cpu_seconds() - live);
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  const auto words =
      bench::load_words(options.trace, {.refs = trace::Refs::Data, .crossing = trace::Crossing::First});
  std::vector<std::uint64_t> addresses;
  References references;
  for (const PackedAccess word : words) {
    addresses.push_back(address_of(word).value());
    references.push_back(page_of(address_of(word)).value() |
                         (is_write(kind_of(word)) ? analysis::kStoreBit : 0));
  }
  std::vector<double> loop;
  std::map<std::string, Timing> timings;
  for (int pass = 0; pass < options.passes; ++pass)
    for (const std::string& policy : options.policies) {
      const double start = bench::cpu_seconds();
      bench::two_level(addresses);
      loop.push_back(bench::cpu_seconds() - start);
      simulate(references, policy, options.percent, timings[policy]);
    }
  const double size = static_cast<double>(references.size()), limit = bench::median(loop);
  std::printf("%s: %zu references, frames %llu %%, two-level loop %.0f M/s\n", options.trace.c_str(),
              references.size(), static_cast<unsigned long long>(options.percent), size / limit / 1e6);
  std::printf("%-20s %10s %10s %8s %14s\n", "policy", "misses", "M/s", "ratio", "on stream M/s");
  for (const std::string& policy : options.policies) {
    const Timing& timing = timings[policy];
    const double whole = bench::median(timing.whole), on_stream = bench::median(timing.on_stream);
    std::printf("%-20s %10llu %10.1f %8.3f %14.1f\n", policy.c_str(),
                static_cast<unsigned long long>(timing.misses), size / whole / 1e6, limit / whole,
                size / on_stream / 1e6);
  }
  return 0;
}
