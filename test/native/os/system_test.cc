// SPDX-License-Identifier: MIT
#include "os/system.h"

#include <algorithm>

#include "booted.h"

namespace pw::test {
namespace {

using os::Accessed;
using os::AccessEnd;
using os::Process;
using os::System;
namespace abi = mm::abi;

PW_TEST(an_access_faults_once_and_hits_the_tlb_afterwards) {
  Booted booted(config_of(256));
  const std::uint64_t at = booted.region(2);
  EXPECT_EQ(booted.store(at).faults, 1);
  EXPECT_EQ(booted.store(at + 8).faults, 0);
  EXPECT_EQ(booted.process->faults().minor, 1);
  EXPECT_EQ(booted.process->faults().by_reason[static_cast<int>(mm::FaultReason::DemandZero)], 1);
}

PW_TEST(a_refused_access_is_logged_and_ends_the_process) {
  Booted booted(config_of(256));
  const Accessed refused = booted.store(0x1234567);
  EXPECT(refused.end == AccessEnd::Signaled && refused.reason == mm::FaultReason::BadAddress);
  EXPECT(booted.process->state() == os::ProcessState::Ended);
  EXPECT(booted.process->end_signal() == os::Signal::Segv);
  REQUIRE(booted.system->violations().latest().size() == 1);
  const os::Violation& violation = booted.system->violations().latest().front();
  EXPECT_EQ(violation.address.value(), 0x1234567);
  EXPECT_EQ(violation.instruction_pointer.value(), 0x400000);
  EXPECT_EQ(violation.si_code, 1);
  EXPECT_EQ(violation.error_code, 6);
  EXPECT(booted.store(0x1234567).end == AccessEnd::NotRunning);
}

PW_TEST(an_address_that_is_not_canonical_is_a_general_protection_without_an_address) {
  Booted booted(config_of(256));
  EXPECT(booted.store(1ull << 60).end == AccessEnd::Signaled);
  EXPECT_EQ(booted.system->violations().latest().front().si_code, 0x80);
}

PW_TEST(a_signal_handler_that_mends_the_cause_lets_the_access_complete) {
  Booted booted(config_of(256));
  Process& process = *booted.process;
  const std::uint64_t at = booted.region(1);
  REQUIRE(mm::mprotect(process.space(), at, kFrameBytes, 0) == mm::Errno::None);
  process.set_signal_handler(os::Signal::Segv, [&](const os::Violation& violation) {
    EXPECT_EQ(violation.si_code, 2);
    EXPECT(mm::mprotect(process.space(), at, kFrameBytes, 3) == mm::Errno::None);
    return os::SignalAnswer::Return;
  });
  EXPECT(booted.store(at).end == AccessEnd::Done);
  EXPECT_EQ(booted.system->violations().count(), 1);
}

PW_TEST(processes_see_their_own_memory_under_more_pcids_than_there_are) {
  os::SystemConfig config = config_of(65536);
  Booted booted(config);
  std::vector<Process*> processes;
  std::vector<std::uint64_t> addresses;
  constexpr unsigned kProcesses = os::Cpu::kPcids + 5;
  for (unsigned i = 0; i < kProcesses; ++i) {
    processes.push_back(booted.system->processes().create({}));
    REQUIRE(processes.back() != nullptr);
    addresses.push_back(booted.system->allocate_region(*processes.back(), kFrameBytes, 3).value);
    const std::array<std::byte, 2> bytes{std::byte(i), std::byte(i >> 8)};
    EXPECT_EQ(booted.system->write(*processes.back(), addresses.back(), bytes), 2);
  }
  for (unsigned i = 0; i < kProcesses; ++i) {
    std::array<std::byte, 2> bytes;
    EXPECT_EQ(booted.system->read(*processes[i], addresses[i], bytes), 2);
    EXPECT(bytes[0] == std::byte(i) && bytes[1] == std::byte(i >> 8));
  }
  EXPECT(booted.system->cpu().counters().pcids_taken_over > 0);
}

PW_TEST(a_fork_chain_of_depth_fifty_keeps_every_byte) {
  Booted booted(config_of(4096, 8192));
  constexpr std::uint64_t kPages = 40;
  const std::uint64_t at = booted.region(kPages);
  Rng rng(11);
  std::vector<Process*> chain{booted.process};
  std::vector<std::vector<std::uint8_t>> expected{std::vector<std::uint8_t>(kPages)};
  for (int depth = 0; depth < 50; ++depth) {
    chain.push_back(booted.system->processes().fork(*chain.back()));
    REQUIRE(chain.back() != nullptr);
    expected.push_back(std::vector<std::uint8_t>(expected.back()));
    for (int i = 0; i < 200; ++i) {
      const std::size_t who = rng.below(chain.size());
      const std::uint64_t page = rng.below(kPages);
      std::byte byte{static_cast<unsigned char>(rng.next())};
      expected[who][page] = static_cast<std::uint8_t>(byte);
      EXPECT_EQ(booted.system->write(*chain[who], at + page * kFrameBytes + 17, {&byte, 1}), 1);
    }
  }
  for (std::size_t who = 0; who < chain.size(); ++who)
    for (std::uint64_t page = 0; page < kPages; ++page) {
      std::byte byte;
      EXPECT_EQ(booted.system->read(*chain[who], at + page * kFrameBytes + 17, {&byte, 1}), 1);
      EXPECT_EQ(static_cast<std::uint8_t>(byte), expected[who][page]);
    }
  EXPECT(booted.system->validate().empty());
  for (Process* process : chain) booted.system->processes().end(*process);
  EXPECT_EQ(booted.system->kernel().counters().resident_pages, 0);
  EXPECT_EQ(booted.system->kernel().allocator().free_count() + 1, 4096);
}

PW_TEST(a_frame_that_another_process_had_is_zero) {
  Booted booted(config_of(64));
  for (int round = 0; round < 20; ++round) {
    Process* const process = booted.system->processes().create({});
    const std::uint64_t at = booted.system->allocate_region(*process, 40 * kFrameBytes, 3).value;
    std::array<std::byte, kFrameBytes> bytes;
    for (std::uint64_t page = 0; page < 40; ++page) {
      std::byte one{1};
      REQUIRE(booted.system->write(*process, at + page * kFrameBytes, {&one, 1}) == 1);
      REQUIRE(booted.system->read(*process, at + page * kFrameBytes, bytes) == kFrameBytes);
      EXPECT(
          std::all_of(bytes.begin() + 1, bytes.end(), [](std::byte byte) { return byte == std::byte{0}; }));
      bytes.fill(std::byte{0xee});
      REQUIRE(booted.system->write(*process, at + page * kFrameBytes, bytes) == kFrameBytes);
    }
    booted.system->processes().end(*process);
  }
}

PW_TEST(out_of_memory_asks_the_hook_then_kills_the_worst_then_fails) {
  Booted booted(config_of(128));
  System& system = *booted.system;
  Process* const hog = system.processes().create({});
  const auto region = system.allocate_region(*hog, 60 * kFrameBytes, 3);
  for (std::uint64_t page = 0; page < 60; ++page)
    REQUIRE(system.access(*hog, VirtAddr(region.value + page * kFrameBytes), AccessKind::Store).end ==
            AccessEnd::Done);
  unsigned asked = 0;
  system.set_out_of_memory_hook([&](const os::OutOfMemoryRequest& request) {
    EXPECT_EQ(request.pid, booted.process->pid());
    ++asked;
    return os::OutOfMemoryAnswer{};
  });
  const std::uint64_t at = booted.region(100);
  std::uint64_t page = 0;
  for (; hog->is_running() && page < 100; ++page)
    REQUIRE(booted.store(at + page * kFrameBytes).end == AccessEnd::Done);
  EXPECT(hog->end_signal() == os::Signal::Kill);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(system.out_of_memory().killed, 1);
  booted.process->set_oom_score_adjustment(-1000);
  const std::uint64_t more = booted.region(100);
  Accessed last;
  for (; page < 200 && last.end == AccessEnd::Done; ++page)
    last = booted.store((page < 100 ? at : more - 100 * kFrameBytes) + page * kFrameBytes);
  EXPECT(last.end == AccessEnd::OutOfMemory);
  EXPECT(booted.process->is_running());
  EXPECT_EQ(system.out_of_memory().failed, 1);
}

PW_TEST(the_process_that_faults_may_be_the_one_that_is_killed) {
  Booted booted(config_of(64));
  const std::uint64_t at = booted.region(64);
  Accessed last;
  for (std::uint64_t page = 0; page < 64 && last.end == AccessEnd::Done; ++page)
    last = booted.store(at + page * kFrameBytes);
  EXPECT(last.end == AccessEnd::OutOfMemory);
  EXPECT(booted.process->end_signal() == os::Signal::Kill);
  EXPECT_EQ(booted.system->kernel().counters().resident_pages, 0);
}

PW_TEST(faults_inside_faults_become_double_and_triple_faults) {
  Booted booted(config_of(256));
  System& system = *booted.system;
  const mmu::Exception fault = mmu::Exception::page_fault(0, VirtAddr(0xdead000));
  unsigned doubles = 0;
  system.exceptions().set_gate(14, [&](const os::TrapFrame&) { return os::TrapResult{.raised = fault}; });
  system.exceptions().set_gate(8, [&](const os::TrapFrame& frame) {
    ++doubles;
    EXPECT_EQ(frame.exception.error_code, 0);
    return os::TrapResult{};
  });
  const std::uint64_t at = booted.region(1);
  booted.store(at);
  EXPECT_EQ(doubles, 1);
  EXPECT(!system.exceptions().triple_fault());
  system.exceptions().set_gate(8, {});
  EXPECT(booted.store(at).end == AccessEnd::Halted);
  REQUIRE(system.exceptions().triple_fault().has_value());
  const auto& frames = system.exceptions().triple_fault()->frames;
  REQUIRE(frames.size() == 4);  // #PF, #PF, #DF, #NP of its gate
  EXPECT_EQ(frames[2].exception.vector, 8);
  EXPECT_EQ(frames[3].exception.vector, 11);
  EXPECT(system.exceptions().triple_fault()->describe().find("cr2 0xdead000") != std::string::npos);
  EXPECT(booted.store(at).end == AccessEnd::Halted);
}

PW_TEST(a_vfork_shares_the_memory_until_exec) {
  Booted booted(config_of(256));
  System& system = *booted.system;
  const std::uint64_t at = booted.region(1);
  booted.store(at);
  Process* const child = system.processes().vfork(*booted.process);
  EXPECT(booted.store(at).end == AccessEnd::NotRunning);
  const std::byte byte{5};
  EXPECT_EQ(system.write(*child, at, {&byte, 1}), 1);
  EXPECT(system.processes().exec(*child));
  EXPECT_EQ(child->space().vmas().size(), 0);
  std::byte seen{0};
  EXPECT_EQ(system.read(*booted.process, at, {&seen, 1}), 1);
  EXPECT(seen == byte);
}

PW_TEST(bytes_are_read_from_and_written_to_other_processes) {
  Booted booted(config_of(256));
  System& system = *booted.system;
  const std::uint64_t at = booted.region(2);
  const std::array<std::byte, 4> bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  EXPECT_EQ(system.write_remote(*booted.process, at + 4094, bytes).value, 4);
  std::array<std::byte, 6> seen;
  EXPECT_EQ(system.read_remote(*booted.process, at + 4094, seen).value, 6);
  EXPECT(std::equal(bytes.begin(), bytes.end(), seen.begin()) && seen[4] == std::byte{0});
  EXPECT_EQ(system.read_remote(*booted.process, at + 8190, seen).value, 2);
  EXPECT(system.read_remote(*booted.process, at + 8192, seen).error == mm::Errno::Efault);
  EXPECT_EQ(system.violations().count(), 0);
}

PW_TEST(eviction_and_protection_reach_the_tlbs) {
  Booted booted(config_of(96, 1024));
  System& system = *booted.system;
  const std::uint64_t at = booted.region(200);
  Rng rng(5);
  std::vector<std::uint8_t> expected(200);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t page = rng.below(200);
    std::byte byte{0};
    REQUIRE(system.read(*booted.process, at + page * kFrameBytes, {&byte, 1}) == 1);
    EXPECT_EQ(static_cast<std::uint8_t>(byte), expected[page]);
    if (rng.below(2) == 0) continue;
    byte = std::byte(rng.next());
    expected[page] = static_cast<std::uint8_t>(byte);
    REQUIRE(system.write(*booted.process, at + page * kFrameBytes, {&byte, 1}) == 1);
    if (i % 1000 == 0) EXPECT(system.validate().empty());
  }
  EXPECT(booted.process->faults().major > 1000);
}

}  // namespace
}  // namespace pw::test
