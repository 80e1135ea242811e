// SPDX-License-Identifier: MIT
// Counters as JavaScript objects.
#include "binding/stats_values.h"

#include <initializer_list>
#include <utility>

#include "binding/values.h"

namespace pw::binding {
namespace {

using Counter = std::pair<const char*, std::uint64_t>;

Napi::Object counters_to_js(Napi::Env env, std::initializer_list<Counter> counters) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : counters) object[name] = to_js(env, value);
  return object;
}

Napi::Object tlb_to_js(Napi::Env env, const machine::TlbStats& tlb) {
  Napi::Object object =
      counters_to_js(env, {{"level", tlb.level}, {"hits", tlb.hits}, {"misses", tlb.misses}});
  object["name"] = to_js(env, std::string_view(tlb.name));
  return object;
}

}  // namespace

Napi::Object stats_to_js(Napi::Env env, const machine::Stats& stats) {
  Napi::Object object = counters_to_js(env, {{"invalidations", stats.invalidations}});
  object["tlbs"] = list_to_js(env, stats.tlbs, [&](const auto& tlb) { return tlb_to_js(env, tlb); });
  object["walks"] = counters_to_js(env, {{"total", stats.walks.total},
                                         {"fetch", stats.walks.fetch},
                                         {"references", stats.walks.references},
                                         {"faulted", stats.walks.faulted},
                                         {"dirtyUpdates", stats.walks.dirty_updates}});
  object["faults"] = counters_to_js(env, {{"minor", stats.faults.minor},
                                          {"major", stats.faults.major},
                                          {"protection", stats.faults.protection}});
  object["replacement"] = counters_to_js(
      env, {{"evictions", stats.replacement.evictions}, {"writebacks", stats.replacement.writebacks}});
  object["memory"] = counters_to_js(env, {{"frames", stats.memory.frames},
                                          {"tableFrames", stats.memory.table_frames},
                                          {"residentPages", stats.memory.resident_pages},
                                          {"peakResidentPages", stats.memory.peak_resident_pages}});
  object["accesses"] =
      counters_to_js(env, {{"accesses", stats.accesses.accesses}, {"fetches", stats.accesses.fetches}});
  Napi::Object cycles = counters_to_js(env, {{"translation", stats.cycles.translation},
                                             {"faults", stats.cycles.faults},
                                             {"invalidations", stats.cycles.invalidations}});
  cycles["meanWalk"] = to_js(env, stats.cycles.mean_walk);
  object["cycles"] = cycles;
  return object;
}

Napi::Object counts_to_js(Napi::Env env, const trace::TraceCounts& counts) {
  return counters_to_js(env, {{"records", counts.records},
                              {"instructions", counts.instructions},
                              {"fetches", counts.fetches},
                              {"loads", counts.loads},
                              {"stores", counts.stores},
                              {"modifies", counts.modifies},
                              {"crossing", counts.crossing}});
}

}  // namespace pw::binding
