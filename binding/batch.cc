// SPDX-License-Identifier: MIT
// A batch of addresses from JavaScript through a machine.
#include "binding/batch.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "binding/addresses.h"

namespace pw::binding {
namespace {

// What is converted at once: small enough for the L1 data cache.
constexpr std::size_t kChunk = 1024;

[[noreturn]] void raise_refusal(Napi::Env env, const machine::Machine& machine, std::size_t index) {
  Error error = machine.error();
  error.message += " (access " + std::to_string(index) + " of the batch, from 0)";
  raise(env, error);
}

void replay_span(Napi::Env env, machine::Machine& machine, std::span<const std::uint64_t> addresses,
                 std::span<const std::uint8_t> kinds, std::size_t first) {
  const machine::Progress progress = machine.replay(addresses, kinds);
  if (progress.stop != machine::Stop::End) raise_refusal(env, machine, first + progress.consumed);
}

// The elements first..first+count of a view, looked up anew: a handler may have detached it.
template <class View>
auto elements_of(const Napi::Value& value, const char* name, std::size_t first, std::size_t count) {
  const View view = value.As<View>();
  if (view.ElementLength() < first + count)
    raise(value.Env(), ErrorCode::InvalidArgument,
          std::string(name) + ": a handler took the array's memory away");
  return std::span(view.Data() + first, count);
}

std::uint64_t word_of(Napi::Env, std::uint64_t address, std::size_t) { return address; }
std::uint64_t word_of(Napi::Env env, double address, std::size_t index) {
  if (!is_address(address)) raise_not_an_address(env, address, index);
  return bits_of(address);
}

// Through a buffer of our own, which no handler can take away and no other thread writes to.
template <class View>
void replay_copied(machine::Machine& machine, const Napi::Value& addresses, const Napi::Value& kinds) {
  const Napi::Env env = addresses.Env();
  std::array<std::uint64_t, kChunk> words;
  std::array<std::uint8_t, kChunk> chunk_kinds;
  const std::size_t size = addresses.As<View>().ElementLength();
  for (std::size_t first = 0; first < size; first += kChunk) {
    const std::size_t count = std::min(kChunk, size - first);
    const auto elements = elements_of<View>(addresses, "addresses", first, count);
    for (std::size_t i = 0; i < count; ++i) words[i] = word_of(env, elements[i], first + i);
    std::span<const std::uint8_t> used;
    if (!kinds.IsUndefined()) {
      std::ranges::copy(elements_of<Napi::Uint8Array>(kinds, "kinds", first, count), chunk_kinds.begin());
      used = {chunk_kinds.data(), count};
    }
    replay_span(env, machine, {words.data(), count}, used, first);
  }
}

// All that is asked about a typed array, in one call: each call costs as much as some dozen accesses.
struct ArrayFacts {
  bool is_array = false;  // else nothing below is said
  napi_typedarray_type type{};
  std::size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;

  explicit ArrayFacts(const Napi::Value& value) {
    is_array =
        napi_get_typedarray_info(value.Env(), value, &type, &length, &data, &buffer, nullptr) == napi_ok;
  }
  bool is(napi_typedarray_type wanted) const { return is_array && type == wanted; }
  // Whether other threads may write to it.
  bool is_shared(napi_env env) const {
    bool is_own = false;
    return is_array && (napi_is_arraybuffer(env, buffer, &is_own) != napi_ok || !is_own);
  }
};

// No elements for undefined.
std::span<const std::uint8_t> kinds_of(const Napi::Value& kinds, const ArrayFacts& facts,
                                       std::size_t length) {
  if (!facts.is(napi_uint8_array)) {
    if (!kinds.IsUndefined()) raise_expected("a Uint8Array", "kinds", kinds);
    return {};
  }
  if (facts.length != length)
    raise(kinds.Env(), ErrorCode::OutOfRange,
          "kinds: expected one for each of " + std::to_string(length) + " addresses, got " +
              std::to_string(facts.length));
  return {static_cast<const std::uint8_t*>(facts.data), facts.length};
}

}  // namespace

void replay_batch(machine::Machine& machine, const Napi::Value& addresses, const Napi::Value& kinds,
                  Handlers handlers) {
  const Napi::Env env = addresses.Env();
  const ArrayFacts facts(addresses), kind_facts(kinds);
  if (!facts.is(napi_biguint64_array) && !facts.is(napi_float64_array))
    raise_expected("a BigUint64Array or a Float64Array", "addresses", addresses);
  const auto used = kinds_of(kinds, kind_facts, facts.length);
  if (facts.is(napi_float64_array)) {
    require_addresses(addresses.As<Napi::Float64Array>());
    return replay_copied<Napi::Float64Array>(machine, addresses, kinds);
  }
  if (handlers == Handlers::Some || facts.is_shared(env) || kind_facts.is_shared(env))
    return replay_copied<Napi::BigUint64Array>(machine, addresses, kinds);
  replay_span(env, machine, {static_cast<const std::uint64_t*>(facts.data), facts.length}, used, 0);
}

}  // namespace pw::binding
