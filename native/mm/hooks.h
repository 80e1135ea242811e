// SPDX-License-Identifier: MIT
// Hooks of memory management: what others may decide about frames, mappings, eviction and swap. The defaults are what
// happens without hooks, and without hooks nothing is asked.
//
// - A hook is called in the middle of an operation: it must not call the kernel or anything above it.
// - An answer that cannot be (a frame that is in use, a victim that may not be evicted), or `failed`, makes the
//   operation fail as if no frame could be had, with every structure valid; Kernel::take_hook_failure() says why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mm/page_range.h"
#include "mm/page_record.h"
#include "mm/swap/space.h"

namespace pw::mm {

enum class HookPoint : std::uint8_t {
  FrameAllocation,
  Mapping,
  Eviction,
  SwapOut,
  SwapIn,
  OutOfMemory,
  UserFault
};

constexpr std::string_view name_of(HookPoint point) {
  constexpr std::string_view kNames[] = {"frame allocation", "mapping",       "eviction",  "swap-out",
                                         "swap-in",          "out of memory", "user fault"};
  return kNames[static_cast<std::size_t>(point)];
}

// Why an operation failed for a hook.
struct HookFailure {
  HookPoint point = HookPoint::FrameAllocation;
  std::string message;  // empty: the hook broke down, and who set it knows why

  std::string describe() const { return "the hook for " + std::string(name_of(point)) + ": " + message; }
};

// A page of data: of an address space if it is anonymous, else of the object with this number.
struct PageName {
  PageKind kind = PageKind::Anonymous;
  std::uint32_t owner = 0;
  std::uint64_t page = 0;
};

struct FrameAnswer {
  enum class Kind : std::uint8_t { AllocatorsChoice, ThisFrame, Failed };
  Kind kind = Kind::AllocatorsChoice;
  FrameIndex frame = {};  // of ThisFrame; free and usable
};

// A page fault that is about to be served, or a page that a call brings in.
struct MappingRequest {
  SpaceId space = 0;
  VirtPage page = {};
  bool is_write = false;
  bool is_fetch = false;
};
// Refuse: the access is refused with SIGSEGV (SEGV_ACCERR), a call that brings pages in ends with EFAULT.
enum class MappingAnswer : std::uint8_t { Allow, Refuse, Failed };

struct EvictionRequest {
  FrameIndex frame;  // the policy's choice
  PageName page;
  bool is_dirty = false;
  std::uint32_t references = 0;  // mappings, and the object that caches it
};
struct EvictionAnswer {
  // Keep: another one is chosen; each page is asked for once. Instead: this frame leaves in its place.
  enum class Kind : std::uint8_t { Evict, Keep, Instead, Failed };
  Kind kind = Kind::Evict;
  FrameIndex frame = {};  // of Instead; its page may be evicted
};

struct SwapRequest {
  SwapSlot slot = 0;
  PageName page;
  std::uint64_t device_ns = 0;  // of the area
};
// The time that the device takes; nothing: the hook broke down.
using SwapAnswer = std::optional<std::uint64_t>;

class Hooks {
 public:
  virtual ~Hooks() = default;
  // Which frame a page of data gets. Page tables are not asked for.
  virtual FrameAnswer on_frame_allocation(const PageName&) { return {}; }
  virtual MappingAnswer on_mapping(const MappingRequest&) { return MappingAnswer::Allow; }
  virtual EvictionAnswer on_eviction(const EvictionRequest&) { return {}; }
  virtual SwapAnswer on_swap_out(const SwapRequest& request) { return request.device_ns; }
  virtual SwapAnswer on_swap_in(const SwapRequest& request) { return request.device_ns; }
};

}  // namespace pw::mm
