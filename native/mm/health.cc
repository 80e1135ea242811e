// SPDX-License-Identifier: MIT
#include "mm/health.h"

#include <unordered_map>
#include <utility>

#include "base/hex.h"
#include "mm/address_space.h"
#include "paging/table_view.h"

namespace pw::mm {
namespace {

using Frames = std::unordered_map<std::uint64_t, std::uint32_t>;

// One of each check, in the order of the report.
struct Checks {
  HealthCheck frames{"frames", "frames"};
  HealthCheck tables{"page tables", "tables"};
  HealthCheck spaces{"address spaces", "VMAs"};
  HealthCheck references{"references", "pages"};
  HealthCheck reverse_map{"reverse map", "mappings"};
  HealthCheck objects{"shared objects", "pages"};
  HealthCheck slots{"swap slots", "slots"};
  HealthCheck replacement{"replacement", "evictable pages"};
  HealthCheck promises{"promises", "pages"};
};

// What tables and objects say, counted from them alone.
struct Counted {
  Frames mappings;    // by frame
  Frames references;  // by frame: mappings and objects
  Frames locks;       // by frame
  std::unordered_map<SwapSlot, std::uint32_t> slots;
  std::uint64_t tables = 0;
  std::uint64_t data = 0;
  std::uint64_t evictable = 0;
  std::uint64_t committed = 0;
};

std::uint32_t at(const Frames& map, FrameIndex frame) {
  const auto found = map.find(frame.value());
  return found == map.end() ? 0 : found->second;
}

std::string name(FrameIndex frame) { return "frame " + std::to_string(frame.value()); }

bool holds_data(const Kernel& kernel, FrameIndex frame) {
  return frame.value() < kernel.frames().frames() && !kernel.allocator().is_free(frame) &&
         kernel.frames()[frame].use() == phys::FrameUse::Data;
}

void count_leaf(const Kernel& kernel, AddressSpace& space, VirtPage page, paging::Entry entry,
                Counted& counted, Checks& checks) {
  if (leaf::is_swapped(entry) && SwapEntry::slot_of(entry) != 0) ++counted.slots[SwapEntry::slot_of(entry)];
  if (!leaf::has_frame(entry)) return;
  const FrameIndex frame = leaf::frame_of(entry);
  if (!holds_data(kernel, frame)) {
    checks.references.problems.push_back("address space " + std::to_string(space.id()) + ", page " +
                                         hex(page.value()) + " maps " + name(frame) +
                                         ", which holds no page of data");
    return;
  }
  ++counted.mappings[frame.value()];
  ++counted.references[frame.value()];
  const Vma* vma = space.vmas().holding(page);
  if (vma != nullptr && vma->has(vm::kLocked)) ++counted.locks[frame.value()];
}

// Tables that are reachable are those that the mapper took, and count their entries.
void check_tables(const Kernel& kernel, AddressSpace& space, Counted& counted, HealthCheck& check) {
  const paging::Mapper& mapper = space.mapper();
  Frames entries;
  entries[frame_of(mapper.root()).value()] = 0;
  paging::for_each_entry(kernel.memory(), mapper.root(), mapper.levels(),
                         paging::virtual_bits(mapper.levels()), [&](const paging::TableEntry& found) {
                           ++entries[frame_of(found.table).value()];
                           if (found.is_table())
                             entries.try_emplace(frame_of(found.entry.table()).value(), 0);
                         });
  const std::string who = "address space " + std::to_string(space.id());
  for (const auto& [number, count] : entries) {
    const FrameIndex frame(number);
    const bool is_table = number < kernel.frames().frames() && !kernel.allocator().is_free(frame) &&
                          kernel.frames()[frame].use() == phys::FrameUse::Table;
    if (!is_table || kernel.frames()[frame].references() != count)
      check.problems.push_back(who + ": the table in " + name(frame) + " holds " + std::to_string(count) +
                               " entries, its record disagrees");
  }
  if (entries.size() != mapper.table_count())
    check.problems.push_back(who + ": " + std::to_string(entries.size()) + " tables are reachable, " +
                             std::to_string(mapper.table_count()) + " are counted");
  counted.tables += mapper.table_count();
  check.checked += entries.size();
}

void check_space(const Kernel& kernel, AddressSpace& space, Counted& counted, Checks& checks) {
  checks.spaces.add(space.validate());
  check_tables(kernel, space, counted, checks.tables);
  space.for_each_leaf({VirtPage(0), space.layout().user_end}, [&](VirtPage page, const paging::Leaf& leaf) {
    count_leaf(kernel, space, page, paging::Entry(*leaf.slot), counted, checks);
  });
  for (const Vma* vma = space.vmas().first(); vma != nullptr; vma = vma->next) {
    ++checks.spaces.checked;
    if (vma->has(vm::kAccounted)) counted.committed += vma->range.pages();
  }
}

void count_object(const Kernel& kernel, const VmObject& object, Counted& counted, HealthCheck& check) {
  counted.committed += object.charged_pages();
  object.for_each_page(0, ~0ull, [&](std::uint64_t index, PagePlace place) {
    ++check.checked;
    if (place.is_slot()) {
      ++counted.slots[place.slot()];
      return;
    }
    ++counted.references[place.frame().value()];
    if (!holds_data(kernel, place.frame()) || kernel.record(place.frame()).kind != object.page_kind() ||
        kernel.record(place.frame()).owner != object.number() ||
        kernel.frames()[place.frame()].owner().value() != index)
      check.problems.push_back("page " + std::to_string(index) + " of object " +
                               std::to_string(object.number()) + " is in " + name(place.frame()) +
                               ", whose record disagrees");
  });
}

void check_references(const Kernel& kernel, FrameIndex frame, const Counted& counted, HealthCheck& check) {
  const phys::FrameRecord& record = kernel.frames()[frame];
  const PageRecord& page = kernel.record(frame);
  ++check.checked;
  if (record.references() != at(counted.references, frame))
    check.problems.push_back(name(frame) + " has " + std::to_string(at(counted.references, frame)) +
                             " references, its record says " + std::to_string(record.references()));
  if (page.locks != at(counted.locks, frame))
    check.problems.push_back(name(frame) + " is locked " + std::to_string(at(counted.locks, frame)) +
                             " times, its record says " + std::to_string(page.locks));
}

void check_reverse_map(const Kernel& kernel, FrameIndex frame, const Counted& counted, HealthCheck& check) {
  std::uint32_t mappings = 0;
  kernel.reverse_map().for_each(frame, [&](const Mapping& mapping) {
    ++mappings;
    const auto leaf = kernel.space(mapping.space).find_leaf(mapping.page);
    if (!leaf || leaf->slot != mapping.leaf.slot || leaf::frame_of(paging::Entry(*leaf->slot)) != frame)
      check.problems.push_back(name(frame) + ": the reverse map names a page that does not map it");
  });
  check.checked += mappings;
  if (mappings != at(counted.mappings, frame))
    check.problems.push_back(name(frame) + " is mapped " + std::to_string(at(counted.mappings, frame)) +
                             " times, the reverse map says " + std::to_string(mappings));
}

void check_page(const Kernel& kernel, FrameIndex frame, Counted& counted, Checks& checks) {
  const PageRecord& record = kernel.record(frame);
  ++counted.data;
  counted.evictable += record.is_evictable;
  check_references(kernel, frame, counted, checks.references);
  check_reverse_map(kernel, frame, counted, checks.reverse_map);
  const SwapSlot slot = kernel.frames()[frame].swap_slot();
  if (slot != 0 && (slot > kernel.swap().slots() || kernel.swap().cached(slot) != frame))
    checks.slots.problems.push_back(name(frame) + " is not what its swap slot " + std::to_string(slot) +
                                    " has in the swap cache");
  if (record.is_evictable && record.locks != 0)
    checks.replacement.problems.push_back(name(frame) + " is locked and may be evicted");
}

void check_slots(const Kernel& kernel, const Counted& counted, HealthCheck& check) {
  const SwapSpace& swap = kernel.swap();
  check.checked = swap.in_use();
  check.add(swap.validate());
  const auto compare = [&](SwapSlot slot, std::uint32_t references) {
    if (slot > swap.slots() || swap.references(slot) != references)
      check.problems.push_back(
          "swap slot " + std::to_string(slot) + " is named " + std::to_string(references) +
          " times, its count says " +
          (slot > swap.slots() ? std::string("nothing") : std::to_string(swap.references(slot))));
  };
  for (const auto& [slot, references] : counted.slots) compare(slot, references);
  swap.for_each_used([&](SwapSlot slot) {
    if (!counted.slots.contains(slot)) compare(slot, 0);
  });
}

void check_totals(Kernel& kernel, const Counted& counted, Checks& checks) {
  const std::uint64_t used = counted.data + counted.tables + 1;  // the page of zeros
  const std::uint64_t usable = kernel.allocator().usable_frames();
  checks.frames.checked = usable;
  if (used + kernel.allocator().free_count() != usable)
    checks.frames.problems.push_back(std::to_string(used) + " frames are in use and " +
                                     std::to_string(kernel.allocator().free_count()) + " free, of " +
                                     std::to_string(usable));
  if (counted.data != kernel.counters().resident_pages)
    checks.frames.problems.push_back(std::to_string(counted.data) + " frames hold data, " +
                                     std::to_string(kernel.counters().resident_pages) + " are counted");
  checks.replacement.checked = counted.evictable;
  if (counted.evictable != kernel.resident().evictable())
    checks.replacement.problems.push_back(std::to_string(counted.evictable) + " pages may be evicted, " +
                                          std::to_string(kernel.resident().evictable()) + " are counted");
  checks.promises.checked = counted.committed;
  if (counted.committed != kernel.commit().committed())
    checks.promises.problems.push_back(std::to_string(counted.committed) + " pages are promised, " +
                                       std::to_string(kernel.commit().committed()) + " are counted");
}

}  // namespace

HealthReport health(Kernel& kernel) {
  Checks checks;
  Counted counted;
  checks.frames.add(kernel.allocator().validate());
  kernel.for_each_space([&](AddressSpace& space) { check_space(kernel, space, counted, checks); });
  kernel.for_each_object([&](VmObject& object) { count_object(kernel, object, counted, checks.objects); });
  for (FrameIndex frame; frame.value() < kernel.frames().frames(); frame = FrameIndex(frame.value() + 1))
    if (holds_data(kernel, frame)) check_page(kernel, frame, counted, checks);
  check_slots(kernel, counted, checks.slots);
  check_totals(kernel, counted, checks);
  return {std::move(checks.frames),     std::move(checks.tables),      std::move(checks.spaces),
          std::move(checks.references), std::move(checks.reverse_map), std::move(checks.objects),
          std::move(checks.slots),      std::move(checks.replacement), std::move(checks.promises)};
}

}  // namespace pw::mm
