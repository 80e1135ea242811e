// SPDX-License-Identifier: MIT
#include "mm/vm_object.h"

#include <algorithm>

namespace pw::mm {

void VmObject::read_stored(std::uint64_t page, std::span<std::byte, kFrameBytes> to) const {
  const auto found = stored_.find(page);
  if (found == stored_.end())
    std::ranges::fill(to, std::byte{0});
  else
    std::ranges::copy(*found->second, to.begin());
}

void VmObject::write_stored(std::uint64_t page, std::span<const std::byte, kFrameBytes> from) {
  auto& place = stored_[page];
  if (!place) place = std::make_unique<SwapSpace::Page>();
  std::ranges::copy(from, place->begin());
}

void VmObject::cut_stored(std::uint64_t bytes) {
  const std::uint64_t page = bytes / kFrameBytes;
  const std::uint64_t kept = bytes % kFrameBytes;
  std::erase_if(stored_,
                [&](const auto& entry) { return entry.first > page || (entry.first == page && !kept); });
  if (const auto found = stored_.find(page); found != stored_.end())
    std::fill(found->second->begin() + static_cast<std::ptrdiff_t>(kept), found->second->end(), std::byte{0});
}

void VmObject::clear_stored(std::uint64_t first, std::uint64_t end) {
  std::erase_if(stored_, [&](const auto& entry) { return first <= entry.first && entry.first < end; });
}

}  // namespace pw::mm
