// SPDX-License-Identifier: MIT
// Replay of a packed trace in memory, as a ratio to the bare two-level TLB loop on the same references
// in the same run, by medians and by the fastest passes. Passes alternate, so that a change of the machine's speed
// meets both.
//
//   bench_replay TRACE [refs=all|data] [resident=PERCENT] [policy=NAME] [cpu=PRESET] [passes=N] [steady] [hardware]
//
// `steady` measures a second pass over a machine that has every page; `hardware` lets the policy see
// Accessed bits only.
#include <variant>

#include "limit_loops.h"
#include "machine/machine.h"
#include "words.h"

using namespace pw;

namespace {

struct Options {
  std::string trace;
  trace::Selection selection;
  unsigned resident_percent = 0;
  std::string policy = "lru";
  std::string cpu = "intel-skylake-sp";
  int passes = 7;
  bool steady = false;
  bool hardware = false;
};

Options parse(int count, char** arguments) {
  if (count < 2)
    bench::fail(
        "usage: bench_replay TRACE [refs=all|data] [resident=PERCENT] [policy=NAME] [cpu=NAME] [passes=N] "
        "[steady] [hardware]");
  Options options;
  options.trace = arguments[1];
  for (int i = 2; i < count; ++i) {
    const std::string text = arguments[i];
    const std::string value = text.substr(text.find('=') + 1);
    if (text == "refs=data")
      options.selection.refs = trace::Refs::Data;
    else if (text.starts_with("resident="))
      options.resident_percent = static_cast<unsigned>(std::stoul(value));
    else if (text.starts_with("policy="))
      options.policy = value;
    else if (text.starts_with("cpu="))
      options.cpu = value;
    else if (text.starts_with("passes="))
      options.passes = std::stoi(value);
    else if (text == "steady")
      options.steady = true;
    else if (text == "hardware")
      options.hardware = true;
    else if (text != "refs=all")
      bench::fail("unknown option " + text);
  }
  return options;
}

std::unique_ptr<machine::Machine> boot(const Options& options, std::uint64_t pages) {
  const machine::Preset* preset = machine::find_preset(options.cpu);
  if (!preset) bench::fail("no preset " + options.cpu);
  machine::Config config;
  config.tlb = preset->hierarchy();
  config.structure_caches = preset->structure_caches;
  config.policy = options.policy;
  config.resident_limit = pages * options.resident_percent / 100;
  if (options.hardware) config.observe = machine::Observe::Hardware;
  auto booted = machine::Machine::boot(config);
  if (auto* errors = std::get_if<1>(&booted)) bench::fail(errors->front().message);
  return std::move(std::get<0>(booted));
}

void replay(machine::Machine& machine, const std::vector<PackedAccess>& words) {
  if (machine.replay(words).stop != machine::Stop::End) bench::fail(machine.error().message);
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  const auto words = bench::load_words(options.trace, options.selection);
  std::vector<std::uint64_t> addresses;
  for (const PackedAccess word : words) addresses.push_back(address_of(word).value());
  std::vector<std::uint64_t> pages;
  for (const std::uint64_t address : addresses) pages.push_back(address >> 12);
  std::sort(pages.begin(), pages.end());
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());

  std::vector<double> loop, simulation;
  std::unique_ptr<machine::Machine> machine;
  bench::TwoLevelMisses misses;
  for (int pass = 0; pass < options.passes; ++pass) {
    double start = bench::cpu_seconds();
    misses = bench::two_level(addresses);
    loop.push_back(bench::cpu_seconds() - start);
    if (!machine || !options.steady) machine = boot(options, pages.size());
    if (options.steady && pass == 0) replay(*machine, words);
    start = bench::cpu_seconds();
    replay(*machine, words);
    simulation.push_back(bench::cpu_seconds() - start);
  }
  const machine::Stats stats = machine->stats();
  const double accesses = static_cast<double>(words.size());
  std::printf("%s: %zu words, %zu pages, loop misses %llu %llu\n", options.trace.c_str(), words.size(),
              pages.size(), static_cast<unsigned long long>(misses.first),
              static_cast<unsigned long long>(misses.second));
  for (const auto& tlb : stats.tlbs)
    std::printf("  %s hits %llu misses %llu", tlb.name.c_str(), static_cast<unsigned long long>(tlb.hits),
                static_cast<unsigned long long>(tlb.misses));
  std::printf(
      "\n  walks %llu references %llu, faults minor %llu major %llu, evictions %llu writebacks %llu\n",
      static_cast<unsigned long long>(stats.walks.total),
      static_cast<unsigned long long>(stats.walks.references),
      static_cast<unsigned long long>(stats.faults.minor),
      static_cast<unsigned long long>(stats.faults.major),
      static_cast<unsigned long long>(stats.replacement.evictions),
      static_cast<unsigned long long>(stats.replacement.writebacks));
  const double limit = bench::median(loop), ours = bench::median(simulation);
  const double least_limit = *std::min_element(loop.begin(), loop.end());
  const double least_ours = *std::min_element(simulation.begin(), simulation.end());
  std::printf(
      "  two-level loop %.0f M/s, replay %.0f M/s, ratio %.2f; of the fastest passes %.1f and %.1f ms, "
      "%.3f\n",
      accesses / limit / 1e6, accesses / ours / 1e6, limit / ours, least_limit * 1e3, least_ours * 1e3,
      least_limit / least_ours);
  return 0;
}
