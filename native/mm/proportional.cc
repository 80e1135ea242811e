// SPDX-License-Identifier: MIT
#include "mm/proportional.h"

#include "mm/leaf_entry.h"

namespace pw::mm {

double proportional_pages(AddressSpace& space) {
  const Kernel& kernel = space.kernel();
  double pages = 0;
  for (const Vma* vma = space.vmas().first(); vma != nullptr; vma = vma->next)
    space.for_each_leaf(vma->range, [&](VirtPage, const paging::Leaf& leaf) {
      const paging::Entry entry(*leaf.slot);
      if (!leaf::has_frame(entry)) return;
      unsigned mappings = 0;
      kernel.reverse_map().for_each(leaf::frame_of(entry), [&](const Mapping&) { ++mappings; });
      pages += 1.0 / mappings;
    });
  return pages;
}

}  // namespace pw::mm
