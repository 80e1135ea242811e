// SPDX-License-Identifier: MIT
// Fault handlers, refusals and tiny memories: what the machine does when an access cannot just be served.
#include <functional>

#include "machine/counters.h"
#include "machine/pieces.h"
#include "machine/random_case.h"

namespace pw::test {
namespace {

using machine::Stop;
using mm::FaultKind;
using mm::FaultOutcome;
using mm::FaultReply;

class Handler final : public mm::FaultHandler {
 public:
  explicit Handler(std::function<FaultReply(const mm::Fault&)> answer) : answer_(std::move(answer)) {}
  explicit Handler(FaultOutcome outcome)
      : Handler([outcome](const mm::Fault&) { return FaultReply{outcome}; }) {}
  FaultReply handle(const mm::Fault& fault) override {
    faults.push_back(fault);
    return answer_(fault);
  }
  std::vector<mm::Fault> faults;

 private:
  std::function<FaultReply(const mm::Fault&)> answer_;
};

machine::Config plain() {
  machine::Config config;
  config.memory_bytes = 64ull << 20;
  config.tlb.tlbs = {{"l1d", 1, {true, true, true, true}, {{8, 4, {true, false, false}}}}};
  return config;
}

std::vector<PackedAccess> loop(std::uint64_t pages, std::size_t rounds) {
  std::vector<PackedAccess> words;
  for (std::size_t i = 0; i < rounds * pages; ++i)
    words.push_back(pack(VirtAddr(i % pages << 12), AccessKind::Store));
  return words;
}

PW_TEST(handler_sees_address_kind_error_code_and_the_fetch_before) {
  Handler handler(FaultOutcome::Pass);
  const auto machine = boot(plain());
  machine->set_fault_handler(&handler);
  const std::vector<PackedAccess> words = {pack(VirtAddr(0x1008), AccessKind::Fetch),
                                           pack(VirtAddr(0x5010), AccessKind::Modify)};
  EXPECT_EQ(machine->replay(words).consumed, 2);
  REQUIRE(handler.faults.size() == 2);
  EXPECT_EQ(handler.faults[1].address.value(), 0x5010);
  EXPECT_EQ(handler.faults[1].access, AccessKind::Modify);
  EXPECT_EQ(handler.faults[1].kind, FaultKind::Minor);
  EXPECT_EQ(handler.faults[1].error_code, 6);  // W/R and U/S
  REQUIRE(handler.faults[1].instruction_pointer.has_value());
  EXPECT_EQ(handler.faults[1].instruction_pointer->value(), 0x1008);
}

PW_TEST(a_handler_that_passes_changes_nothing) {
  machine::Config config = plain();
  config.resident_limit = 5;
  const auto alone = boot(config), handled = boot(config);
  Handler handler(FaultOutcome::Pass);
  handled->set_fault_handler(&handler);
  const auto words = loop(7, 30);
  alone->replay(words);
  handled->replay(words);
  EXPECT_EQ(differences(alone->stats(), handled->stats()), "");
  EXPECT_EQ(handler.faults.size(), alone->faults());
}

PW_TEST(resolved_answers_decide_between_minor_and_major) {
  for (const auto outcome : {FaultOutcome::ResolvedMinor, FaultOutcome::ResolvedMajor}) {
    Handler handler(outcome);
    const auto machine = boot(plain());
    machine->set_fault_handler(&handler);
    const auto done = machine->access(VirtAddr(0x1000), AccessKind::Load);
    REQUIRE(done.ok());
    const bool major = outcome == FaultOutcome::ResolvedMajor;
    EXPECT_EQ(done.value().fault, major ? FaultKind::Major : FaultKind::Minor);
    EXPECT_EQ(machine->stats().faults.major, major ? 1 : 0);
    EXPECT_EQ(machine->stats().faults.minor, major ? 0 : 1);
  }
}

PW_TEST(refusing_answers_stop_at_the_access_with_their_code_and_leave_the_machine_usable) {
  const std::tuple<FaultOutcome, ErrorCode, unsigned> kRefusals[] = {
      {FaultOutcome::OutOfMemory, ErrorCode::OutOfMemory, 0},
      {FaultOutcome::BusError, ErrorCode::BusError, 1},
      {FaultOutcome::SegmentationFault, ErrorCode::SegmentationFault, 1}};
  for (const auto& [outcome, code, protection] : kRefusals) {
    Handler handler([&](const mm::Fault& fault) {
      return FaultReply{fault.address.value() == 0x3000 ? outcome : FaultOutcome::Pass};
    });
    const auto machine = boot(plain());
    machine->set_fault_handler(&handler);
    const auto words = loop(8, 1);
    const machine::Progress progress = machine->replay(words);
    EXPECT_EQ(progress.consumed, 3);
    EXPECT_EQ(progress.stop, Stop::Refused);
    EXPECT_EQ(machine->error().code, code);
    EXPECT_EQ(machine->stats().faults.protection, protection);
    EXPECT_EQ(machine->stats().accesses.accesses, 3);
    EXPECT_EQ(machine->stats().walks.faulted, 4);
    EXPECT_EQ(machine->replay(std::span(words).subspan(4)).stop, Stop::End);
    EXPECT_EQ(machine->access(VirtAddr(0x3000), AccessKind::Load).error().code, code);
    EXPECT(machine->access(VirtAddr(0x4000), AccessKind::Load).ok());
    EXPECT_EQ(machine->stats().memory.resident_pages, 7);
    EXPECT(machine->validate().empty());
  }
}

PW_TEST(retry_translates_again_until_the_limit_of_retries) {
  unsigned left = 16;
  Handler handler(
      [&](const mm::Fault&) { return FaultReply{left-- > 0 ? FaultOutcome::Retry : FaultOutcome::Pass}; });
  const auto machine = boot(plain());
  machine->set_fault_handler(&handler);
  EXPECT(machine->access(VirtAddr(0x1000), AccessKind::Load).ok());
  EXPECT_EQ(handler.faults.size(), 17);
  EXPECT_EQ(machine->stats().walks.faulted, 17);
  EXPECT_EQ(machine->faults(), 1);
  left = 1000;
  const auto refused = machine->access(VirtAddr(0x2000), AccessKind::Load);
  REQUIRE(!refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::HandlerAnswer);
  EXPECT_EQ(handler.faults.size(), 17 + 17);
}

PW_TEST(a_pending_answer_suspends_at_the_access_and_resumes_there) {
  Handler handler([](const mm::Fault&) { return FaultReply{.pending = true}; });
  const auto machine = boot(plain()), other = boot(plain());
  machine->set_fault_handler(&handler);
  const auto words = loop(6, 3);
  std::span<const PackedAccess> rest = words;
  unsigned pauses = 0;
  for (;;) {
    const machine::Progress progress = machine->replay(rest);
    rest = rest.subspan(progress.consumed);
    if (progress.stop == Stop::End) break;
    REQUIRE(progress.stop == Stop::Pending);
    EXPECT_EQ(address_of(rest.front()).value(), handler.faults.back().address.value());
    ++pauses;
    machine->resume(FaultReply{FaultOutcome::Pass});
  }
  EXPECT_EQ(pauses, 6);
  EXPECT_EQ(handler.faults.size(), 6);
  other->replay(words);
  EXPECT_EQ(differences(machine->stats(), other->stats()), "");
}

PW_TEST(a_single_access_cannot_wait_for_a_pending_answer) {
  Handler handler([](const mm::Fault&) { return FaultReply{.pending = true}; });
  const auto machine = boot(plain());
  machine->set_fault_handler(&handler);
  EXPECT_EQ(machine->access(VirtAddr(0x1000), AccessKind::Load).error().code, ErrorCode::AsyncHandler);
  machine->set_fault_handler(nullptr);
  EXPECT(machine->access(VirtAddr(0x1000), AccessKind::Load).ok());
}

PW_TEST(a_handler_that_breaks_down_ends_the_run) {
  Handler handler([](const mm::Fault&) { return FaultReply{.failed = true}; });
  const auto machine = boot(plain());
  machine->set_fault_handler(&handler);
  const auto words = loop(3, 1);
  EXPECT_EQ(machine->replay(words).stop, Stop::Refused);
  EXPECT_EQ(machine->error().code, ErrorCode::HandlerFailed);
  machine->set_fault_handler(nullptr);
  EXPECT_EQ(machine->replay(words).stop, Stop::End);
}

PW_TEST(wrong_addresses_and_kinds_stop_there_and_count_nothing) {
  const auto machine = boot(plain());
  const std::uint64_t addresses[] = {0x1000, 1ull << 47, 0x2000};
  EXPECT_EQ(machine->replay(addresses, {}).consumed, 1);
  EXPECT_EQ(machine->error().code, ErrorCode::NotCanonical);
  const std::uint8_t kinds[] = {4, 1, 255};
  EXPECT_EQ(machine->replay(addresses, kinds).consumed, 0);
  EXPECT_EQ(machine->error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(machine->replay(std::span(addresses).subspan(2), std::span(kinds).subspan(2)).consumed, 0);
  EXPECT_EQ(machine->error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(machine->stats().accesses.accesses, 1);
  EXPECT_EQ(machine->access(VirtAddr(1ull << 63), AccessKind::Load).error().code, ErrorCode::NotCanonical);
  EXPECT(machine->access(VirtAddr(0x2000), AccessKind::Store).ok());
}

PW_TEST(an_address_whose_low_bits_name_a_cached_page_is_refused_all_the_same) {
  machine::Config config = plain();
  config.tlb.tlbs.push_back({"l2", 2, {true, true, true, true}, {{48, 12, {true, false, false}}}});
  const auto machine = boot(config);
  EXPECT(machine->access(VirtAddr(0x1000), AccessKind::Load).ok());
  for (unsigned bit = 47; bit < 64; ++bit)
    for (const std::uint64_t page : {0x1000, 0x2000}) {
      const std::uint64_t addresses[] = {0x1000, page | 1ull << bit};
      EXPECT_EQ(machine->replay(addresses, {}).consumed, 1);
      EXPECT_EQ(machine->error().code, ErrorCode::NotCanonical);
      EXPECT(!machine->access(VirtAddr(addresses[1]), AccessKind::Store).ok());
    }
  EXPECT_EQ(machine->stats().tlbs[0].misses, 1);
  EXPECT(machine->validate().empty());
}

PW_TEST(memories_too_small_for_a_page_and_its_tables_run_out_and_stay_usable) {
  for (std::uint64_t frames = 1; frames <= 6; ++frames) {
    machine::Config config = plain();
    config.memory_bytes = frames * kFrameBytes;
    const auto machine = boot(config);
    const auto first = machine->access(VirtAddr(0x1000), AccessKind::Store);
    EXPECT_EQ(first.ok(), frames >= 5);  // root, three tables, one page
    if (!first.ok()) EXPECT_EQ(first.error().code, ErrorCode::OutOfMemory);
    EXPECT_EQ(machine->replay(loop(4, 3)).stop, frames >= 5 ? Stop::End : Stop::Refused);
    EXPECT_EQ(machine->stats().memory.resident_pages, frames >= 5 ? frames - 4 : 0);
    EXPECT(machine->validate().empty());
  }
}

PW_TEST(a_limit_of_one_page_evicts_on_every_change_of_page) {
  for (const char* policy : {"fifo", "lru", "clock", "random"}) {
    machine::Config config = plain();
    config.resident_limit = 1;
    config.policy = policy;
    const auto machine = boot(config);
    machine->replay(loop(3, 4));
    EXPECT_EQ(machine->stats().faults.minor, 3);
    EXPECT_EQ(machine->stats().faults.major, 9);
    EXPECT_EQ(machine->stats().replacement.writebacks, 11);
    EXPECT_EQ(machine->stats().memory.peak_resident_pages, 1);
  }
}

PW_TEST(reset_gives_the_same_results_again) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Case made = random_case(5'000'000 + seed);
    if (seed % 2) made.config.policy = "random";
    const auto machine = boot(made.config);
    machine->replay(made.words);
    const machine::Stats first = machine->stats();
    machine->reset();
    EXPECT_EQ(differences(machine->stats(), boot(made.config)->stats()), "");
    machine->replay(made.words);
    EXPECT_EQ(differences(machine->stats(), first), "");
    EXPECT(machine->validate().empty());
  }
}

PW_TEST(page_accesses_are_physical_addresses_with_the_offset_of_the_virtual_one) {
  for (const PageSize size : {PageSize::Size4KiB, PageSize::Size2MiB}) {
    machine::Config config = plain();
    config.page_size = size;
    const auto machine = boot(config);
    const VirtAddr address(0x7f12'3456'7abc);
    for (int again = 0; again < 2; ++again) {
      const auto done = machine->access(address, AccessKind::Load);
      REQUIRE(done.ok());
      EXPECT_EQ(done.value().page_size, size);
      EXPECT_EQ(done.value().physical.value() % bytes_of(size), offset_in_page(address, size));
      EXPECT_EQ(done.value().fault, again ? FaultKind::None : FaultKind::Minor);
    }
  }
}

}  // namespace
}  // namespace pw::test
