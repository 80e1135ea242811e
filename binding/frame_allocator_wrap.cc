// SPDX-License-Identifier: MIT
// The native side of lib/frame-allocator.ts.
#include "binding/frame_allocator_wrap.h"

#include <bit>
#include <vector>

#include "binding/errors.h"
#include "binding/memory_map_values.h"
#include "binding/type_tags.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

phys::MemoryMap memory_map_of(const Napi::Value& value) {
  std::vector<phys::MemoryRange> ranges = ranges_of(value, "map");
  const std::vector<Error> errors = check(ranges);
  if (!errors.empty()) raise(value.Env(), errors.front());
  return phys::MemoryMap(std::move(ranges));
}

phys::End end_of(const Napi::Value& value) {
  constexpr std::string_view kEnds[] = {"low", "high"};
  return choice_of<phys::End>(value, "end", kEnds);
}

// An order beyond the largest memory finds no run.
unsigned order_of(const Napi::Value& value) {
  const std::uint64_t order = unsigned_of(value, "order");
  if (order > kMaxPhysBits - kFrameShift)
    raise(value.Env(), ErrorCode::OutOfRange, "order: expected 0 to 40, got " + describe(value));
  return static_cast<unsigned>(order);
}

std::uint64_t count_of(const Napi::Value& value) {
  const std::uint64_t count = unsigned_of(value, "count");
  if (count == 0 || count > 1ull << (kMaxPhysBits - kFrameShift))
    raise(value.Env(), ErrorCode::OutOfRange, "count: expected 1 to 2^40 frames, got " + describe(value));
  return count;
}

FrameIndex frame_of(const Napi::Value& value) { return FrameIndex(unsigned_of(value, "frame")); }

Napi::Value frame_to_js(Napi::Env env, std::optional<FrameIndex> frame) {
  return frame ? to_js(env, frame->value()) : env.Null();
}

}  // namespace

Napi::Function FrameAllocatorWrap::define(Napi::Env env) {
  static constexpr WrapMember kMembers[] = {
      member<&FrameAllocatorWrap::allocate>("allocate"),
      member<&FrameAllocatorWrap::allocate_run>("allocateRun"),
      member<&FrameAllocatorWrap::allocate_at>("allocateAt"),
      member<&FrameAllocatorWrap::free>("free"),
      member<&FrameAllocatorWrap::free_run>("freeRun"),
      member<&FrameAllocatorWrap::is_free>("isFree"),
      member<&FrameAllocatorWrap::free_count>("freeCount"),
      member<&FrameAllocatorWrap::frames>("frames"),
      member<&FrameAllocatorWrap::validate>("validate"),
  };
  static constexpr WrapClass kClass = {"NativeFrameAllocator", make_wrap<FrameAllocatorWrap>, kMembers};
  return define_class(env, kClass);
}

FrameAllocatorWrap& FrameAllocatorWrap::from(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kFrameAllocatorTag))
    raise_expected("a BitmapFrameAllocator", "allocator", value);
  return unwrap<FrameAllocatorWrap>(value);
}

FrameAllocatorWrap::FrameAllocatorWrap(const Napi::CallbackInfo& info) {
  allocator_ = std::make_shared<phys::BitmapAllocator>(memory_map_of(info[0]));
  info.This().As<Napi::Object>().TypeTag(&kFrameAllocatorTag);
}

// (order, end)
Napi::Value FrameAllocatorWrap::allocate(const Napi::CallbackInfo& info) {
  return frame_to_js(info.Env(), allocator_->allocate(order_of(info[0]), end_of(info[1])));
}

// (count, alignment, end)
Napi::Value FrameAllocatorWrap::allocate_run(const Napi::CallbackInfo& info) {
  const std::uint64_t alignment = unsigned_of(info[1], "alignment");
  if (!std::has_single_bit(alignment))
    raise(info.Env(), ErrorCode::OutOfRange, "alignment: expected a power of two, got " + describe(info[1]));
  return frame_to_js(info.Env(), allocator_->allocate_run(count_of(info[0]), alignment, end_of(info[2])));
}

// (first, count)
Napi::Value FrameAllocatorWrap::allocate_at(const Napi::CallbackInfo& info) {
  value_or_raise(info.Env(), allocator_->allocate_at(frame_of(info[0]), count_of(info[1])));
  return {};
}

// (first, order)
Napi::Value FrameAllocatorWrap::free(const Napi::CallbackInfo& info) {
  value_or_raise(info.Env(), allocator_->free(frame_of(info[0]), order_of(info[1])));
  return {};
}

// (first, count)
Napi::Value FrameAllocatorWrap::free_run(const Napi::CallbackInfo& info) {
  value_or_raise(info.Env(), allocator_->free_run(frame_of(info[0]), count_of(info[1])));
  return {};
}

Napi::Value FrameAllocatorWrap::is_free(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), allocator_->is_free(frame_of(info[0])));
}

Napi::Value FrameAllocatorWrap::free_count(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), allocator_->free_count());
}

Napi::Value FrameAllocatorWrap::frames(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), allocator_->frames());
}

Napi::Value FrameAllocatorWrap::validate(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), allocator_->validate());
}

}  // namespace pw::binding
