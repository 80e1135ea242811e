// SPDX-License-Identifier: MIT
// The native side of lib/policy-simulation.ts.
#include "binding/policy_simulation_wrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "binding/addresses.h"
#include "binding/policy_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

using analysis::kStoreBit;
using analysis::PageReference;

// References that are converted at once: they stay in first-level caches.
constexpr std::size_t kChunk = 1024;
constexpr double kMostSafe = 9007199254740991;

[[noreturn]] void raise_not_a_page(Napi::Env env, const Napi::Value& value, std::size_t index) {
  raise(env, ErrorCode::OutOfRange,
        "pages[" + std::to_string(index) +
            "]: expected a page number below 2^53, or below 2^63 as a bigint, got " + describe(value));
}

void require_pages(const Napi::BigUint64Array& view) {
  const std::span<const std::uint64_t> pages(view.Data(), view.ElementLength());
  const auto wrong = std::ranges::find_if(pages, [](std::uint64_t page) { return (page & kStoreBit) != 0; });
  if (wrong != pages.end())
    raise_not_a_page(view.Env(), address_to_js(view.Env(), *wrong),
                     static_cast<std::size_t>(wrong - pages.begin()));
}
void require_pages(const Napi::Float64Array& view) {
  const std::span<const double> pages(view.Data(), view.ElementLength());
  const auto wrong = std::ranges::find_if(
      pages, [](double page) { return !(page >= 0 && page <= kMostSafe && page == std::floor(page)); });
  if (wrong != pages.end())
    raise_not_a_page(view.Env(), Napi::Number::New(view.Env(), *wrong),
                     static_cast<std::size_t>(wrong - pages.begin()));
}

// Through a buffer, which no other thread writes to.
template <class View>
void feed_pages(analysis::LiveSimulation& simulation, const View& view,
                std::span<const std::uint8_t> stores) {
  require_pages(view);
  const auto* const pages = view.Data();
  const std::size_t size = view.ElementLength();
  std::array<PageReference, kChunk> references;
  for (std::size_t first = 0; first < size; first += kChunk) {
    const std::size_t count = std::min(kChunk, size - first);
    for (std::size_t i = 0; i < count; ++i)
      references[i] = static_cast<PageReference>(pages[first + i]) & ~kStoreBit;
    if (!stores.empty())
      for (std::size_t i = 0; i < count; ++i) references[i] |= stores[first + i] != 0 ? kStoreBit : 0;
    simulation.feed(std::span(references).first(count));
  }
}

}  // namespace

Napi::Function PolicySimulationWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&PolicySimulationWrap::feed>("feed"),
      member<&PolicySimulationWrap::outcome>("outcome"),
  };
  static constexpr WrapClass kClass = {"NativePolicySimulation", make_wrap<PolicySimulationWrap>, kMembers};
  return define_class(env, kClass);
}

PolicySimulationWrap::PolicySimulationWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const policy::ParsedPolicy policy = value_or_raise(env, policy::parse_policy(text_of(info[0], "policy")));
  simulation_ =
      value_or_raise(env, analysis::LiveSimulation::start(policy, {.frames = unsigned_of(info[1], "frames"),
                                                                   .observe = observe_of(info[2]),
                                                                   .seed = unsigned_of(info[3], "seed")}));
}

// (pages, stores | undefined)
Napi::Value PolicySimulationWrap::feed(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const AddressArray type = address_array_of(info[0]);
  const std::size_t size = info[0].As<Napi::TypedArray>().ElementLength();
  const auto stores = view_of<Napi::Uint8Array>(info[1], napi_uint8_array, "a Uint8Array", "stores");
  if (!info[1].IsUndefined() && stores.size() != size)
    raise(env, ErrorCode::OutOfRange,
          "stores: expected one for each of " + std::to_string(size) + " pages, got " +
              std::to_string(stores.size()));
  if (type == AddressArray::Doubles)
    feed_pages(*simulation_, info[0].As<Napi::Float64Array>(), stores);
  else
    feed_pages(*simulation_, info[0].As<Napi::BigUint64Array>(), stores);
  return {};
}

Napi::Value PolicySimulationWrap::outcome(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const analysis::Outcome outcome = simulation_->outcome();
  Napi::Object object = Napi::Object::New(env);
  object["pages"] = to_js(env, simulation_->pages());
  object["requests"] = to_js(env, outcome.requests);
  object["misses"] = to_js(env, outcome.misses);
  object["evictions"] = to_js(env, outcome.evictions);
  object["writebacks"] = to_js(env, outcome.writebacks);
  object["meanResident"] = to_js(env, outcome.mean_resident);
  object["peakResident"] = to_js(env, outcome.peak_resident);
  return object;
}

}  // namespace pw::binding
