// SPDX-License-Identifier: MIT
#include "machine/health.h"

#include <unordered_map>
#include <utility>

#include "paging/table_view.h"

namespace pw::machine {
namespace {

using paging::TableEntry;
using Violations = std::vector<std::string>;

// What the tree of tables holds.
struct Tree {
  std::unordered_map<std::uint64_t, std::uint32_t> entries_of;  // table frame: entries that are not zero
  std::unordered_map<std::uint64_t, std::uint64_t> page_of;     // data frame: the address mapped there
};

std::string at(const TableEntry& found) {
  return "the " + std::string(paging::entry_name(found.level)) + " for address " +
         std::to_string(found.address.value());
}

void note_leaf(const HealthView& view, const TableEntry& found, Tree& tree, Violations& violations) {
  const FrameIndex frame = frame_of(found.entry.page(paging::page_size_of(found.level)));
  if (frame.value() >= view.frames.frames()) {
    violations.push_back(at(found) + " maps frame " + std::to_string(frame.value()) + ", beyond the memory");
    return;
  }
  if (!tree.page_of.emplace(frame.value(), found.address.value()).second)
    violations.push_back("frame " + std::to_string(frame.value()) + " is mapped twice");
  const phys::FrameRecord& record = view.frames[frame];
  const std::uint64_t owner = sign_extend(record.owner().value() << kFrameShift, kMaxVirtBits).value();
  if (record.use() != phys::FrameUse::Data || owner != found.address.value())
    violations.push_back(at(found) + " maps frame " + std::to_string(frame.value()) +
                         ", whose record disagrees");
}

Tree read_tree(const HealthView& view, Violations& violations) {
  Tree tree;
  tree.entries_of[frame_of(view.mapper.root()).value()] = 0;
  paging::for_each_entry(view.memory, view.mapper.root(), view.mapper.levels(),
                         paging::virtual_bits(view.mapper.levels()), [&](const TableEntry& found) {
                           ++tree.entries_of[frame_of(found.table).value()];
                           if (found.is_table())
                             tree.entries_of.try_emplace(frame_of(found.entry.table()).value(), 0);
                           else if (found.entry.is_present())
                             note_leaf(view, found, tree, violations);
                         });
  return tree;
}

void check_tables(const HealthView& view, const Tree& tree, Violations& violations) {
  for (const auto& [frame, entries] : tree.entries_of) {
    if (frame >= view.frames.frames()) {
      violations.push_back("a table is said to be in frame " + std::to_string(frame) + ", beyond the memory");
      continue;
    }
    const phys::FrameRecord& record = view.frames[FrameIndex(frame)];
    if (record.use() != phys::FrameUse::Table || record.references() != entries)
      violations.push_back("table frame " + std::to_string(frame) + " holds " + std::to_string(entries) +
                           " entries, its record says " + std::to_string(record.references()));
  }
  if (tree.entries_of.size() != view.mapper.table_count())
    violations.push_back(std::to_string(tree.entries_of.size()) + " tables are reachable, " +
                         std::to_string(view.mapper.table_count()) + " are counted");
}

void check_frames(const HealthView& view, const Tree& tree, Violations& violations) {
  if (tree.page_of.size() != view.resident_pages)
    violations.push_back(std::to_string(tree.page_of.size()) + " pages are mapped, " +
                         std::to_string(view.resident_pages) + " are counted as resident");
  const std::uint64_t used = (tree.page_of.size() << order_of(view.page_size)) + tree.entries_of.size();
  if (used + view.allocator.free_count() != view.allocator.usable_frames())
    violations.push_back(std::to_string(used) + " frames are in use and " +
                         std::to_string(view.allocator.free_count()) + " free, of " +
                         std::to_string(view.allocator.usable_frames()));
}

// A cached translation is one that the tables give; what it knows of D is true.
void check_tlb_entry(const HealthView& view, const std::string& name, tlb::Tag tag, tlb::Entry entry,
                     Violations& violations) {
  const PageSize page_size = tlb::size_of(tag);
  const VirtAddr address = tlb::address_of(tag, page_size);
  const auto leaf = view.mapper.find(address);
  const std::string who = name + " holds address " + std::to_string(address.value());
  if (!leaf) {
    violations.push_back(who + ", which is not mapped");
    return;
  }
  const paging::Entry mapped(*leaf->slot);
  if (paging::page_size_of(leaf->level) != page_size || mapped.page(page_size) != entry.page(page_size))
    violations.push_back(who + " with another frame than the tables");
  if (entry.is_dirty() && !mapped.is_dirty()) violations.push_back(who + " as dirty, the tables do not");
}

void check_structure_cache(const HealthView& view, std::uint64_t tag, paging::Level level, tlb::Entry upper,
                           Violations& violations) {
  const VirtAddr address = sign_extend(tag << paging::shift_of(level), kMaxVirtBits);
  const auto slot = view.mapper.find_slot(address, level);
  if (!slot || paging::Entry(*slot->slot).table() != upper.table())
    violations.push_back("the " + std::string(paging::entry_name(level)) +
                         " cache disagrees with the tables for address " + std::to_string(address.value()));
}

}  // namespace

HealthReport health(const HealthView& view, const tlb::StructureCaches& structure_caches,
                    const VisitTlbs& visit_tlbs) {
  HealthCheck mappings{"mappings", "pages"};
  const Tree tree = read_tree(view, mappings.problems);
  mappings.checked = tree.page_of.size();
  HealthCheck tables{"page tables", "tables", tree.entries_of.size()};
  check_tables(view, tree, tables.problems);
  HealthCheck frames{"frames", "frames", view.allocator.usable_frames(), view.allocator.validate()};
  check_frames(view, tree, frames.problems);
  HealthCheck tlbs{"TLBs", "translations"};
  visit_tlbs([&](const std::string& tlb, tlb::Tag tag, tlb::Entry entry) {
    ++tlbs.checked;
    check_tlb_entry(view, tlb, tag, entry, tlbs.problems);
  });
  HealthCheck caches{"paging-structure caches", "entries"};
  structure_caches.for_each([&](std::uint64_t tag, paging::Level level, tlb::Entry upper) {
    ++caches.checked;
    check_structure_cache(view, tag, level, upper, caches.problems);
  });
  return {std::move(frames), std::move(tables), std::move(mappings), std::move(tlbs), std::move(caches)};
}

std::optional<Error> violation_of(const HealthReport& report, std::uint64_t faults) {
  const std::vector<std::string> problems = problems_of(report);
  if (problems.empty()) return std::nullopt;
  return Error{ErrorCode::Unhealthy,
               "after " + std::to_string(faults) + " faults: " + problems.front() + more_of(problems)};
}

}  // namespace pw::machine
