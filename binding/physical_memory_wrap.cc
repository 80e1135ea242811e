// SPDX-License-Identifier: MIT
// The native side of lib/physical-memory.ts.
#include "binding/physical_memory_wrap.h"

#include <span>

#include "binding/addresses.h"
#include "binding/errors.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {

Napi::Function PhysicalMemoryWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&PhysicalMemoryWrap::size>("size"),
      member<&PhysicalMemoryWrap::committed_bytes>("committedBytes"),
      member<&PhysicalMemoryWrap::read64>("read64"),
      member<&PhysicalMemoryWrap::write64>("write64"),
      member<&PhysicalMemoryWrap::read>("read"),
      member<&PhysicalMemoryWrap::write>("write"),
      member<&PhysicalMemoryWrap::zero_frame>("zeroFrame"),
      member<&PhysicalMemoryWrap::copy_frame>("copyFrame"),
      member<&PhysicalMemoryWrap::clear>("clear"),
  };
  static constexpr WrapClass kClass = {"NativePhysicalMemory", make_wrap<PhysicalMemoryWrap>, kMembers};
  return define_class(env, kClass);
}

PhysicalMemoryWrap& PhysicalMemoryWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kPhysicalMemoryTag))
    raise_expected("a PhysicalMemory", "memory", value);
  return unwrap<PhysicalMemoryWrap>(value);
}

PhysicalMemoryWrap::PhysicalMemoryWrap(const Napi::CallbackInfo& info) {
  const std::uint64_t bytes = unsigned_of(info[0], "bytes");
  value_or_raise(info.Env(), phys::check_memory_size(bytes));
  memory_ = std::make_shared<phys::PhysicalMemory>(bytes);
  info.This().As<Napi::Object>().TypeTag(&kPhysicalMemoryTag);
}

PhysAddr PhysicalMemoryWrap::range_of(const Napi::Value& address, std::uint64_t bytes) const {
  const PhysAddr start(unsigned_of(address, "address"));
  if (!memory_->contains(start, bytes))
    raise(address.Env(), ErrorCode::PhysicalAddress,
          "address: expected " + std::to_string(bytes) + " bytes below " + std::to_string(memory_->size()) +
              ", got " + describe(address));
  return start;
}

PhysAddr PhysicalMemoryWrap::word_of(const Napi::Value& address) const {
  const PhysAddr place = range_of(address, sizeof(std::uint64_t));
  if (place.value() % sizeof(std::uint64_t) != 0)
    raise(address.Env(), ErrorCode::OutOfRange,
          "address: expected a multiple of 8, got " + describe(address));
  return place;
}

FrameIndex PhysicalMemoryWrap::frame_of(const Napi::Value& frame, const char* name) const {
  const std::uint64_t index = unsigned_of(frame, name);
  if (index >= memory_->frames())
    raise(frame.Env(), ErrorCode::PhysicalAddress,
          std::string(name) + ": expected a frame below " + std::to_string(memory_->frames()) + ", got " +
              describe(frame));
  return FrameIndex(index);
}

Napi::Value PhysicalMemoryWrap::size(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), memory_->size());
}

Napi::Value PhysicalMemoryWrap::committed_bytes(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), memory_->committed_bytes());
}

Napi::Value PhysicalMemoryWrap::read64(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), memory_->read64(word_of(info[0])));
}

Napi::Value PhysicalMemoryWrap::write64(const Napi::CallbackInfo& info) {
  memory_->write64(word_of(info[0]), unsigned_of(info[1], "value"));
  return {};
}

// (address, Uint8Array to fill)
Napi::Value PhysicalMemoryWrap::read(const Napi::CallbackInfo& info) {
  view_of<Napi::Uint8Array>(info[1], napi_uint8_array, "a Uint8Array", "bytes");
  auto into = info[1].As<Napi::Uint8Array>();
  memory_->read(range_of(info[0], into.ElementLength()),
                std::as_writable_bytes(std::span(into.Data(), into.ElementLength())));
  return {};
}

// (address, Uint8Array)
Napi::Value PhysicalMemoryWrap::write(const Napi::CallbackInfo& info) {
  const auto bytes = view_of<Napi::Uint8Array>(info[1], napi_uint8_array, "a Uint8Array", "bytes");
  memory_->write(range_of(info[0], bytes.size()), std::as_bytes(bytes));
  return {};
}

Napi::Value PhysicalMemoryWrap::zero_frame(const Napi::CallbackInfo& info) {
  memory_->zero_frame(frame_of(info[0], "frame"));
  return {};
}

Napi::Value PhysicalMemoryWrap::copy_frame(const Napi::CallbackInfo& info) {
  memory_->copy_frame(frame_of(info[0], "from"), frame_of(info[1], "to"));
  return {};
}

Napi::Value PhysicalMemoryWrap::clear(const Napi::CallbackInfo&) {
  memory_->clear();
  return {};
}

}  // namespace pw::binding
