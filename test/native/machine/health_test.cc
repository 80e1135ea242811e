// SPDX-License-Identifier: MIT
// Planted corruptions, each noticed by the check that is named for it.
#include "machine/health.h"

#include <algorithm>
#include <optional>

#include "machine/pieces.h"
#include "paging/tables.h"
#include "support/test.h"

namespace pw::test {
namespace {

constexpr std::uint64_t kBase = 0x7f0000000000;

// Pages that a mapper maps as demand paging does, and one TLB's worth of translations.
struct Mapped {
  Mapped() : tables(4, 1 << 22), caches({2, 4, 8}) {
    for (std::uint64_t i = 0; i < kPages; ++i) {
      const VirtAddr address(kBase + i * kFrameBytes);
      const auto frame = tables.allocator.allocate();
      REQUIRE(frame.has_value());
      tables.map(address, address_of(*frame));
      phys::FrameRecord& record = tables.frames[*frame];
      record.set_use(phys::FrameUse::Data);
      record.set_owner(VirtPage(page_of(address).value() & ((1ull << 45) - 1)));
      translations.push_back(
          {tlb::tag_of(tlb::tag_page(address, PageSize::Size4KiB), PageSize::Size4KiB, Asid(0)),
           tlb::Entry(tables.entry(address, paging::kPt))});
    }
  }

  HealthReport health() const {
    const machine::HealthView view{.memory = tables.memory,
                                   .frames = tables.frames,
                                   .allocator = tables.allocator,
                                   .mapper = tables.mapper,
                                   .resident_pages = kPages};
    return machine::health(view, caches, [this](const auto& visit) {
      for (const auto& [tag, entry] : translations) visit("l1d", tag, entry);
    });
  }
  std::uint64_t& leaf(std::uint64_t page) {
    return tables.entry(VirtAddr(kBase + page * kFrameBytes), paging::kPt);
  }

  static constexpr std::uint64_t kPages = 16;
  Tables tables;
  tlb::StructureCaches caches;
  std::vector<std::pair<tlb::Tag, tlb::Entry>> translations;
};

const HealthCheck& check_of(const HealthReport& report, std::string_view name) {
  const auto found = std::ranges::find(report, name, &HealthCheck::name);
  REQUIRE(found != report.end());
  return *found;
}

void expect_only(const HealthReport& report, std::string_view name, const std::string& part) {
  const HealthCheck& check = check_of(report, name);
  EXPECT(std::ranges::any_of(check.problems,
                             [&](const std::string& text) { return text.find(part) != std::string::npos; }));
}

PW_TEST(a_healthy_machine_says_what_was_looked_at) {
  const Mapped mapped;
  const HealthReport report = mapped.health();
  EXPECT(problems_of(report).empty());
  EXPECT_EQ(check_of(report, "frames").checked, 1024);
  EXPECT_EQ(check_of(report, "page tables").checked, 4);
  EXPECT_EQ(check_of(report, "mappings").checked, 16);
  EXPECT_EQ(check_of(report, "TLBs").checked, 16);
}

PW_TEST(an_entry_that_maps_the_frame_of_another_page_is_noticed) {
  Mapped mapped;
  mapped.leaf(3) = mapped.leaf(5);
  const HealthReport report = mapped.health();
  expect_only(report, "mappings", "is mapped twice");
  expect_only(report, "TLBs", "with another frame than the tables");
  expect_only(report, "frames", "15 pages are mapped, 16 are counted");
}

PW_TEST(an_entry_that_names_memory_which_does_not_exist_is_noticed) {
  Mapped mapped;
  mapped.leaf(3) = 1ull << 40 | 7;
  expect_only(mapped.health(), "mappings", "beyond the memory");
  Mapped upper;
  upper.tables.entry(VirtAddr(kBase), paging::kPd) = 1ull << 40 | 7;
  const HealthReport report = upper.health();
  expect_only(report, "page tables", "beyond the memory");
  expect_only(report, "frames", "0 pages are mapped");
}

PW_TEST(a_table_that_nothing_leads_to_any_more_is_noticed) {
  Mapped mapped;
  mapped.tables.entry(VirtAddr(kBase), paging::kPdpt) = 0;
  expect_only(mapped.health(), "page tables", "2 tables are reachable, 4 are counted");
}

PW_TEST(a_frame_whose_record_disagrees_is_noticed) {
  Mapped mapped;
  mapped.tables.frames[FrameIndex(2)].set_owner(VirtPage(77));
  expect_only(mapped.health(), "mappings", "whose record disagrees");
  Mapped table;
  phys::FrameRecord& root = table.tables.frames[frame_of(table.tables.mapper.root())];
  root.set_references(root.references() + 1);
  expect_only(table.health(), "page tables", "its record says 2");
}

PW_TEST(a_frame_that_leaked_is_noticed) {
  Mapped mapped;
  REQUIRE(mapped.tables.allocator.allocate().has_value());
  expect_only(mapped.health(), "frames", "20 frames are in use and 1003 free, of 1024");
}

PW_TEST(a_translation_that_the_tables_do_not_give_is_noticed) {
  Mapped stale;
  stale.translations[4].second = tlb::Entry(stale.translations[5].second);
  expect_only(stale.health(), "TLBs", "with another frame than the tables");
  Mapped dirty;
  dirty.translations[4].second = dirty.translations[4].second.with(paging::flag::kDirty);
  expect_only(dirty.health(), "TLBs", "as dirty, the tables do not");
}

PW_TEST(a_machine_that_checks_itself_stops_at_the_fault_after_a_corruption) {
  machine::Config config;
  config.tlb = machine::find_preset("intel-skylake-sp")->hierarchy();
  config.memory_bytes = 1 << 22;
  config.validate_every = 3;
  const auto machine = boot(config);
  for (std::uint64_t i = 0; i < 4; ++i)
    REQUIRE(machine->access(VirtAddr(kBase + i * 4096), AccessKind::Load).ok());
  const machine::TableView tables = machine->tables();
  const std::uint64_t root_entry = (kBase >> 39 & 511) * 8;
  const_cast<phys::PhysicalMemory&>(tables.memory)
      .write64(PhysAddr(tables.root.value() + root_entry + 8), 1ull << 40 | 7);
  REQUIRE(machine->access(VirtAddr(kBase + 4 * 4096), AccessKind::Load).ok());
  const auto sixth = machine->access(VirtAddr(kBase + 5 * 4096), AccessKind::Load);
  REQUIRE(!sixth.ok());
  EXPECT(sixth.error().code == ErrorCode::Unhealthy);
  EXPECT_EQ(sixth.error().message.find("after 6 faults: "), 0);
}

}  // namespace
}  // namespace pw::test
