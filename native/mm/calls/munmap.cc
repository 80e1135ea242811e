// SPDX-License-Identifier: MIT
// munmap(2).
#include "mm/calls/calls.h"

namespace pw::mm {

Errno munmap(AddressSpace& space, std::uint64_t address, std::uint64_t length) {
  const std::uint64_t end = address_of(space.layout().user_end).value();
  if (address % kFrameBytes != 0 || address > end || length > end - address) return Errno::Einval;
  const std::uint64_t bytes = page_align(length);
  if (bytes == 0) return Errno::Einval;
  return space.unmap(pages_of(address, bytes));
}

}  // namespace pw::mm
