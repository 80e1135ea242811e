// SPDX-License-Identifier: MIT
// A simulated process for tests: an address space with a walker in place of an MMU, without TLBs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mm/address_space.h"
#include "mm/calls/calls.h"
#include "mm/fault/chain.h"
#include "mm/health.h"
#include "paging/walker.h"

namespace pw::test {

// No caches: nothing to forget.
struct NoTranslations final : mm::SpaceTranslations {
  void forget(mm::SpaceId, VirtPage) override {}
  void forget_all(mm::SpaceId) override {}
};

struct Touched {
  mm::FaultOutcome outcome = mm::FaultOutcome::ResolvedMinor;  // of the last fault
  mm::FaultReason reason = mm::FaultReason::Spurious;
  mm::SegvCode code = mm::SegvCode::MapErr;
  PhysAddr physical;
  unsigned faults = 0;
  bool was_major = false;

  bool ok() const {
    return outcome != mm::FaultOutcome::SegmentationFault && outcome != mm::FaultOutcome::BusError &&
           outcome != mm::FaultOutcome::OutOfMemory && outcome != mm::FaultOutcome::Blocked;
  }
};

inline Touched touch(mm::AddressSpace& space, std::uint64_t address, paging::Operation operation) {
  mm::Kernel& kernel = space.kernel();
  const unsigned levels = kernel.config().levels;
  paging::Control control;
  control.levels = levels;
  const paging::Walker walker(kernel.memory(), control);
  Touched touched;
  for (;;) {
    const auto walk =
        walker.walk(paging::WalkStart::root(space.root(), levels), VirtAddr(address), {operation});
    if (walk.end == paging::WalkEnd::Translated) {
      touched.physical = PhysAddr(walk.page.page(PageSize::Size4KiB).value() + address % kFrameBytes);
      kernel.resident().advance_time();
      return touched;
    }
    mm::SpaceFault fault{.space = space, .address = VirtAddr(address), .error_code = walk.error_code};
    touched.outcome = mm::handle(fault);
    touched.reason = fault.reason;
    touched.code = fault.code;
    touched.was_major |= touched.outcome == mm::FaultOutcome::ResolvedMajor;
    ++touched.faults;
    if (!touched.ok()) return touched;
  }
}

inline Touched load(mm::AddressSpace& space, std::uint64_t address, std::uint8_t* value = nullptr) {
  const Touched touched = touch(space, address, paging::Operation::Read);
  if (touched.ok() && value != nullptr) {
    std::byte byte;
    space.kernel().memory().read(touched.physical, {&byte, 1});
    *value = static_cast<std::uint8_t>(byte);
  }
  return touched;
}

inline Touched store(mm::AddressSpace& space, std::uint64_t address, std::uint8_t value = 0) {
  const Touched touched = touch(space, address, paging::Operation::Write);
  const std::byte byte{value};
  if (touched.ok() && space.kernel().config().contents)
    space.kernel().memory().write(touched.physical, {&byte, 1});
  return touched;
}

// An anonymous private mapping with read and write rights; its address.
inline std::uint64_t map_anonymous(mm::AddressSpace& space, std::uint64_t pages,
                                   std::uint64_t more_flags = 0) {
  const auto mapped = mm::mmap(space, {.length = pages * kFrameBytes,
                                       .protection = mm::abi::kProtRead | mm::abi::kProtWrite,
                                       .flags = mm::abi::kMapPrivate | mm::abi::kMapAnonymous | more_flags});
  return mapped.ok() ? mapped.value : 0;
}

}  // namespace pw::test
