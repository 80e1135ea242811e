// SPDX-License-Identifier: MIT
// The seam between a page fault and who answers it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/access.h"
#include "base/address.h"

namespace pw::mm {

// What a page fault turned out to be.
enum class FaultKind : std::uint8_t { None, Minor, Major, Protection };

// The closed set of answers to a page fault.
enum class FaultOutcome : std::uint8_t {
  ResolvedMinor,  // the page is to be given without I/O
  ResolvedMajor,  // the page is to be given, and I/O was done for it
  Retry,          // translate again: the cause has gone
  Pass,           // the next handler decides
  OutOfMemory,
  BusError,
  SegmentationFault,
  Blocked,  // the process waits for a handler of its own
};

// Whether the access may be tried again.
constexpr bool is_resolved(FaultOutcome outcome) { return outcome <= FaultOutcome::Retry; }

// A page fault on its way through the handlers.
struct Fault {
  VirtAddr address;
  std::uint32_t error_code = 0;
  AccessKind access = AccessKind::Load;
  FaultKind kind = FaultKind::Minor;  // what it is unless a handler says otherwise
  std::optional<VirtAddr> instruction_pointer;
};

struct FaultReply {
  FaultOutcome outcome = FaultOutcome::Pass;
  bool pending = false;  // the answer comes later; outcome has no meaning yet
  bool failed = false;   // the handler broke down: the run ends and the binding knows why
};

class FaultHandler {
 public:
  virtual ~FaultHandler() = default;
  // Called with the machine suspended at the faulting access; must not call the machine.
  virtual FaultReply handle(const Fault& fault) = 0;
};

}  // namespace pw::mm
