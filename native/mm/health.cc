// SPDX-License-Identifier: MIT
#include "mm/health.h"

#include <unordered_map>

#include "mm/address_space.h"

namespace pw::mm {
namespace {

using Violations = std::vector<std::string>;

// What tables and objects say, counted from them alone.
struct Counted {
  std::unordered_map<std::uint64_t, std::uint32_t> mappings;    // by frame
  std::unordered_map<std::uint64_t, std::uint32_t> references;  // by frame: mappings and objects
  std::unordered_map<std::uint64_t, std::uint32_t> locks;       // by frame
  std::unordered_map<SwapSlot, std::uint32_t> slots;
  std::uint64_t tables = 0;
};

void count_space(AddressSpace& space, Counted& counted) {
  counted.tables += space.mapper().table_count();
  space.for_each_leaf({VirtPage(0), space.layout().user_end}, [&](VirtPage page, const paging::Leaf& leaf) {
    const paging::Entry entry(*leaf.slot);
    if (leaf::has_frame(entry)) {
      const std::uint64_t frame = leaf::frame_of(entry).value();
      ++counted.mappings[frame];
      ++counted.references[frame];
      const Vma* vma = space.vmas().holding(page);
      if (vma != nullptr && vma->has(vm::kLocked)) ++counted.locks[frame];
    } else if (leaf::is_swapped(entry) && SwapEntry::slot_of(entry) != 0) {
      ++counted.slots[SwapEntry::slot_of(entry)];
    }
  });
}

void count_object(const Kernel& kernel, const VmObject& object, Counted& counted, Violations& violations) {
  object.for_each_page(0, ~0ull, [&](std::uint64_t index, PagePlace place) {
    if (place.is_slot()) {
      ++counted.slots[place.slot()];
      return;
    }
    ++counted.references[place.frame().value()];
    const PageRecord& record = kernel.record(place.frame());
    if (record.kind != object.page_kind() || record.owner != object.number() ||
        kernel.frames()[place.frame()].owner().value() != index)
      violations.push_back("page " + std::to_string(index) + " of object " + std::to_string(object.number()) +
                           " is in frame " + std::to_string(place.frame().value()) +
                           ", whose record disagrees");
  });
}

void check_frame(const Kernel& kernel, FrameIndex frame, const Counted& counted, Violations& violations) {
  const std::string who = "frame " + std::to_string(frame.value());
  const auto at = [&](const auto& map) {
    const auto found = map.find(frame.value());
    return found == map.end() ? 0u : found->second;
  };
  const phys::FrameRecord& record = kernel.frames()[frame];
  if (record.references() != at(counted.references))
    violations.push_back(who + " has " + std::to_string(at(counted.references)) +
                         " references, its record says " + std::to_string(record.references()));
  if (kernel.record(frame).locks != at(counted.locks))
    violations.push_back(who + " is locked " + std::to_string(at(counted.locks)) +
                         " times, its record says " + std::to_string(kernel.record(frame).locks));
  std::uint32_t mappings = 0;
  kernel.reverse_map().for_each(frame, [&](const Mapping& mapping) {
    ++mappings;
    const auto leaf = kernel.space(mapping.space).find_leaf(mapping.page);
    if (!leaf || leaf->slot != mapping.leaf.slot || leaf::frame_of(paging::Entry(*leaf->slot)) != frame)
      violations.push_back(who + ": the reverse map names a page that does not map it");
  });
  if (mappings != at(counted.mappings))
    violations.push_back(who + " is mapped " + std::to_string(at(counted.mappings)) +
                         " times, the reverse map says " + std::to_string(mappings));
  const SwapSlot slot = record.swap_slot();
  if (slot != 0 && kernel.swap().cached(slot) != frame)
    violations.push_back(who + " is not what its swap slot has in the swap cache");
  if (kernel.record(frame).is_evictable && kernel.record(frame).locks != 0)
    violations.push_back(who + " is locked and may be evicted");
}

void check_slots(const Kernel& kernel, const Counted& counted, Violations& violations) {
  for (SwapSlot slot = 1; slot <= kernel.swap().slots(); ++slot) {
    const auto found = counted.slots.find(slot);
    const std::uint32_t references = found == counted.slots.end() ? 0 : found->second;
    if (kernel.swap().references(slot) != references)
      violations.push_back("swap slot " + std::to_string(slot) + " is named " + std::to_string(references) +
                           " times, its count says " + std::to_string(kernel.swap().references(slot)));
  }
}

}  // namespace

std::vector<std::string> validate(Kernel& kernel) {
  Violations violations = kernel.allocator().validate();
  Counted counted;
  std::uint64_t committed = 0;
  kernel.for_each_space([&](AddressSpace& space) {
    for (const std::string& violation : space.validate()) violations.push_back(violation);
    count_space(space, counted);
    for (const Vma* vma = space.vmas().first(); vma != nullptr; vma = vma->next)
      if (vma->has(vm::kAccounted)) committed += vma->range.pages();
  });
  kernel.for_each_object([&](VmObject& object) {
    count_object(kernel, object, counted, violations);
    committed += object.charged_pages();
  });
  std::uint64_t data = 0;
  std::uint64_t evictable = 0;
  for (FrameIndex frame; frame.value() < kernel.frames().frames(); frame = FrameIndex(frame.value() + 1)) {
    if (kernel.allocator().is_free(frame) || kernel.frames()[frame].use() != phys::FrameUse::Data) continue;
    ++data;
    evictable += kernel.record(frame).is_evictable;
    check_frame(kernel, frame, counted, violations);
  }
  check_slots(kernel, counted, violations);
  for (const std::string& violation : kernel.swap().validate()) violations.push_back(violation);
  if (const std::uint64_t used = data + counted.tables + 1;  // the page of zeros
      used + kernel.allocator().free_count() != kernel.frames().frames())
    violations.push_back(std::to_string(used) + " frames are in use and " +
                         std::to_string(kernel.allocator().free_count()) + " free, of " +
                         std::to_string(kernel.frames().frames()));
  if (data != kernel.counters().resident_pages || evictable != kernel.resident().evictable())
    violations.push_back("the resident or the evictable pages are not those counted");
  if (committed != kernel.commit().committed())
    violations.push_back(std::to_string(committed) + " pages are promised, " +
                         std::to_string(kernel.commit().committed()) + " are counted");
  return violations;
}

}  // namespace pw::mm
