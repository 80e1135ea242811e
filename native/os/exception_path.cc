// SPDX-License-Identifier: MIT
#include "os/exception_path.h"

#include <utility>

#include "base/hex.h"

namespace pw::os {
namespace {

using mmu::Exception;

enum class Class : std::uint8_t { Benign, Contributory, PageFault, DoubleFault };

// SDM vol. 3A, table 6-4.
Class class_of(std::uint8_t vector) {
  if (vector == Exception::kPageFault) return Class::PageFault;
  if (vector == ExceptionPath::kDoubleFault) return Class::DoubleFault;
  const bool contributory = vector == 0 || (vector >= 10 && vector <= 13);
  return contributory ? Class::Contributory : Class::Benign;
}

// Table 6-5: what a second exception makes of the first.
bool makes_double_fault(std::uint8_t first, std::uint8_t second) {
  const Class a = class_of(first);
  const Class b = class_of(second);
  if (a == Class::Contributory) return b == Class::Contributory;
  return a == Class::PageFault && (b == Class::Contributory || b == Class::PageFault);
}

}  // namespace

// The gate's number, and bit 1 for the IDT.
Exception ExceptionPath::missing_gate(std::uint8_t vector) {
  return {kSegmentNotPresent, static_cast<std::uint32_t>(vector) * 8 + 2, std::nullopt};
}

std::string TripleFault::describe() const {
  std::string text = "triple fault";
  for (const TrapFrame& frame : frames) {
    text += "; vector " + std::to_string(frame.exception.vector) + ", error code " +
            hex(frame.exception.error_code) + ", rip " + hex(frame.instruction_pointer.value());
    if (frame.exception.cr2) text += ", cr2 " + hex(frame.exception.cr2->value());
  }
  return text;
}

// Another exception came up while the first was delivered or handled.
TrapAnswer ExceptionPath::deliver_after(const TrapFrame& first, Exception raised) {
  std::vector<TrapFrame> frames{first};
  for (;;) {
    const std::uint8_t before = frames.back().exception.vector;
    frames.push_back({raised, first.instruction_pointer});
    if (class_of(before) == Class::DoubleFault || frames.size() > kVectors) {
      triple_fault_ = TripleFault{std::move(frames)};
      return TrapAnswer::Refuse;
    }
    if (makes_double_fault(before, raised.vector))
      frames.push_back({{kDoubleFault, 0, std::nullopt}, first.instruction_pointer});
    const TrapResult result = invoke(frames.back());
    if (!result.raised) return result.answer;
    raised = *result.raised;
  }
}

}  // namespace pw::os
