// SPDX-License-Identifier: MIT
// A page of a file or of shared memory: found in the page cache, or read into it. A store to a private mapping
// gets a copy at once.
#pragma once

#include "mm/fault/space_fault.h"

namespace pw::mm {

FaultOutcome object_page(SpaceFault& fault);

// The frame of an object's page, which the object refers to.
struct ObjectFrame {
  FrameIndex frame;
  bool was_read = false;  // from a device
  std::uint64_t device_ns = 0;
};
// Nothing if no frame can be had. REQUIRES: the page lies in the object.
std::optional<ObjectFrame> frame_of_object(Kernel& kernel, VmObject& object, std::uint64_t page);

}  // namespace pw::mm
