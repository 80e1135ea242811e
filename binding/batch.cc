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

bool is_shared(const Napi::Value& view) {
  return !view.IsUndefined() && !view.As<Napi::TypedArray>().ArrayBuffer().IsArrayBuffer();
}

std::span<const std::uint8_t> kinds_of(const Napi::Value& kinds, std::size_t length) {
  const auto view = view_of<Napi::Uint8Array>(kinds, napi_uint8_array, "a Uint8Array", "kinds");
  if (!kinds.IsUndefined() && view.size() != length)
    raise(kinds.Env(), ErrorCode::OutOfRange,
          "kinds: expected one for each of " + std::to_string(length) + " addresses, got " +
              std::to_string(view.size()));
  return view;
}

}  // namespace

void replay_batch(machine::Machine& machine, const Napi::Value& addresses, const Napi::Value& kinds,
                  Handlers handlers) {
  const AddressArray type = address_array_of(addresses);
  const auto used = kinds_of(kinds, addresses.As<Napi::TypedArray>().ElementLength());
  if (type == AddressArray::Doubles) {
    require_addresses(addresses.As<Napi::Float64Array>());
    return replay_copied<Napi::Float64Array>(machine, addresses, kinds);
  }
  if (handlers == Handlers::Some || is_shared(addresses) || is_shared(kinds))
    return replay_copied<Napi::BigUint64Array>(machine, addresses, kinds);
  const auto view = addresses.As<Napi::BigUint64Array>();
  replay_span(view.Env(), machine, {view.Data(), view.ElementLength()}, used, 0);
}

}  // namespace pw::binding
