// SPDX-License-Identifier: MIT
#include "os/system_calls.h"

#include <array>
#include <vector>

#include "booted.h"
#include "mm/proportional.h"
#include "support/test.h"

namespace pw::test {
namespace {

using mm::CallResult;
using mm::Errno;
using os::Accessed;
using os::AccessEnd;
using os::Process;
using os::SignalAnswer;
namespace abi = mm::abi;
namespace call = os::call;

constexpr std::uint64_t kNoFile = ~0ull;
constexpr std::uint64_t kRw = abi::kProtRead | abi::kProtWrite;
constexpr std::uint64_t kAnonymous = abi::kMapPrivate | abi::kMapAnonymous;

PW_TEST(calls_go_by_their_numbers) {
  Booted booted(config_of(256));
  os::System& system = *booted.system;
  Process& process = *booted.process;
  const auto make = [&](std::uint64_t number, os::CallArguments arguments) {
    return system.call(process, number, arguments);
  };
  const CallResult at = make(call::kMmap, {0, 4 * kFrameBytes, kRw, kAnonymous, kNoFile, 0});
  REQUIRE(at.ok());
  EXPECT(make(call::kMprotect, {at.value, kFrameBytes, abi::kProtRead}).ok());
  EXPECT(make(call::kMadvise, {at.value, kFrameBytes, abi::kDontNeed}).ok());
  EXPECT(make(call::kMlock2, {at.value, kFrameBytes, 0}).ok());
  EXPECT(make(call::kMunlock, {at.value, kFrameBytes}).ok());
  EXPECT(make(call::kMsync, {at.value, kFrameBytes, abi::kMsSync}).ok());
  const CallResult moved =
      make(call::kMremap, {at.value, 4 * kFrameBytes, 8 * kFrameBytes, abi::kMremapMayMove, 0});
  EXPECT(moved.error == Errno::Efault);  // over two VMAs
  const CallResult heap = make(call::kBrk, {0});
  EXPECT_EQ(make(call::kBrk, {heap.value + kFrameBytes}).value, heap.value + kFrameBytes);
  EXPECT(make(call::kMunmap, {at.value, 4 * kFrameBytes}).ok());
  EXPECT(make(call::kMunmap, {1, kFrameBytes}).error == Errno::Einval);
  EXPECT(make(call::kMmap, {0, kFrameBytes, kRw, abi::kMapPrivate, kNoFile, 0}).error == Errno::Ebadf);
  EXPECT(make(9999, {}).error == Errno::Enosys);
  const CallResult child = make(call::kFork, {});
  REQUIRE(child.ok());
  EXPECT_EQ(system.processes().find(static_cast<os::Pid>(child.value))->parent(), process.pid());
  EXPECT(make(call::kExit, {300}).ok());
  EXPECT_EQ(process.exit_status(), 300 & 255);
}

PW_TEST(a_process_that_is_killed_in_its_own_call_ends_after_it) {
  os::SystemConfig config = config_of(32);
  config.kernel.overcommit.mode = mm::Overcommit::Always;
  Booted booted(config);
  const CallResult result = booted.system->call(
      *booted.process, call::kMmap, {0, 1024 * kFrameBytes, kRw, kAnonymous | abi::kMapPopulate, kNoFile, 0});
  EXPECT(result.error == Errno::Enomem);
  EXPECT(booted.process->end_signal() == os::Signal::Kill);
  EXPECT_EQ(booted.system->out_of_memory().killed, 1);
  EXPECT_EQ(booted.system->kernel().counters().resident_pages, 0);
}

PW_TEST(a_signal_is_blocked_while_its_handler_runs) {
  Booted booted(config_of(64));
  Process& process = *booted.process;
  int asked = 0;
  AccessEnd inner = AccessEnd::Done;
  process.set_signal_handler(os::Signal::Segv, [&](const os::Violation&) {
    ++asked;
    inner = booted.system->access(process, VirtAddr(0x5000), AccessKind::Load).end;
    return SignalAnswer::Return;
  });
  EXPECT(booted.store(0x1000).end == AccessEnd::NotRunning);
  EXPECT_EQ(asked, 1);
  EXPECT(inner == AccessEnd::Signaled);
  EXPECT(process.end_signal() == os::Signal::Segv);
}

PW_TEST(a_handler_may_access_memory_and_the_outer_access_keeps_what_it_did) {
  Booted booted(config_of(64));
  Process& process = *booted.process;
  const std::uint64_t at = booted.region(2);
  REQUIRE(mm::mprotect(process.space(), at, kFrameBytes, 0) == Errno::None);
  process.set_signal_handler(os::Signal::Segv, [&](const os::Violation&) {
    EXPECT(booted.store(at + kFrameBytes).end == AccessEnd::Done);
    EXPECT(mm::mprotect(process.space(), at, kFrameBytes, kRw) == Errno::None);
    return SignalAnswer::Return;
  });
  const Accessed done = booted.store(at);
  EXPECT(done.end == AccessEnd::Done);
  EXPECT_EQ(done.faults, 2);  // refused, then demand zero
  EXPECT(done.reason == mm::FaultReason::DemandZero);
}

PW_TEST(handlers_that_never_mend_are_not_asked_for_ever) {
  Booted booted(config_of(64));
  int asked = 0;
  booted.process->set_signal_handler(os::Signal::Segv, [&](const os::Violation&) {
    ++asked;
    return SignalAnswer::Return;
  });
  EXPECT(booted.store(0x1000).end == AccessEnd::Failed);
  EXPECT_EQ(asked, 1024);
  booted.process->set_signal_handler(os::Signal::Segv,
                                     [](const os::Violation&) { return SignalAnswer::Fail; });
  EXPECT(booted.store(0x1000).end == AccessEnd::Failed);
  EXPECT(booted.process->is_running());
}

PW_TEST(a_gate_that_refuses_ends_the_access_and_nothing_else) {
  Booted booted(config_of(64));
  const std::uint64_t at = booted.region(1);
  const os::Gate own = booted.system->exceptions().gate(14);
  booted.system->exceptions().set_gate(
      14, [](const os::TrapFrame&) { return os::TrapResult{os::TrapAnswer::Refuse}; });
  EXPECT(booted.store(at).end == AccessEnd::Refused);
  booted.system->exceptions().set_gate(
      14, [](const os::TrapFrame&) { return os::TrapResult{os::TrapAnswer::Fail}; });
  EXPECT(booted.store(at).end == AccessEnd::Failed);
  booted.system->exceptions().set_gate(14, own);
  EXPECT(booted.store(at).end == AccessEnd::Done);
}

PW_TEST(a_page_fault_handler_decides_before_the_chain) {
  Booted booted(config_of(64));
  const std::uint64_t at = booted.region(4);
  mm::FaultReply reply;
  mm::FaultForecast told;
  booted.system->set_page_fault_handler([&](const os::PageFault& fault) {
    told = fault.forecast;
    return reply;
  });
  EXPECT(booted.store(at).end == AccessEnd::Done);
  EXPECT(told.reason == mm::FaultReason::DemandZero && told.kind == mm::FaultKind::Minor);
  reply = {.pending = true};
  EXPECT(booted.store(at + kFrameBytes).end == AccessEnd::Pending);
  EXPECT(booted.process->is_running());
  reply = {.outcome = mm::FaultOutcome::ResolvedMajor};
  EXPECT(booted.store(at + kFrameBytes).was_major);
  reply = {.outcome = mm::FaultOutcome::OutOfMemory};
  EXPECT(booted.store(at + 2 * kFrameBytes).end == AccessEnd::OutOfMemory);
  reply = {.failed = true};
  EXPECT(booted.store(at + 2 * kFrameBytes).end == AccessEnd::Failed);
  reply = {.outcome = mm::FaultOutcome::BusError};
  EXPECT(booted.store(at + 2 * kFrameBytes).end == AccessEnd::Signaled);
  EXPECT(booted.process->end_signal() == os::Signal::Bus);
}

PW_TEST(protection_keys_are_those_of_the_process_that_runs) {
  os::SystemConfig config = config_of(64);
  config.cpu.protection_keys = true;
  config.on_violation = os::OnViolation::RecordOnly;
  Booted booted(config);
  Process& process = *booted.process;
  const std::uint64_t at = booted.region(1);
  EXPECT(booted.store(at).end == AccessEnd::Done);
  EXPECT(mm::pkey_mprotect(process.space(), at, kFrameBytes, kRw, 5) == Errno::None);
  process.set_pkru(0b11u << 10);
  Process* const child = booted.system->processes().fork(process);
  REQUIRE(child != nullptr);
  EXPECT_EQ(child->pkru(), process.pkru());
  EXPECT(booted.store(at).reason == mm::FaultReason::ProtectionKey);
  child->set_pkru(0);
  EXPECT(booted.system->access(*child, VirtAddr(at), AccessKind::Store).end == AccessEnd::Done);
  EXPECT(booted.store(at).end == AccessEnd::Signaled);
  process.set_pkru(0);
  EXPECT(booted.store(at).end == AccessEnd::Done);
}

PW_TEST(shared_pages_count_by_who_shares_them) {
  Booted booted(config_of(256));
  const std::uint64_t at = booted.region(8);
  for (std::uint64_t i = 0; i < 8; ++i) booted.store(at + i * kFrameBytes);
  EXPECT_EQ(mm::proportional_pages(booted.process->space()), 8.0);
  Process* const child = booted.system->processes().fork(*booted.process);
  REQUIRE(child != nullptr);
  EXPECT_EQ(mm::proportional_pages(child->space()), 4.0);
  booted.store(at);
  EXPECT_EQ(mm::proportional_pages(child->space()), 4.5);
}

PW_TEST(files_are_read_and_written_past_the_page_cache) {
  Booted booted(config_of(64));
  os::Files& files = booted.system->files();
  REQUIRE(files.create("f", 10'000) == Errno::None);
  std::vector<std::byte> bytes(5000, std::byte{7});
  EXPECT_EQ(files.write("f", 4000, bytes).value, 5000);
  EXPECT_EQ(files.write("f", 9'000, bytes).value, 1000);  // ends with the file
  const std::uint64_t descriptor = files.open(*booted.process, "f", os::file_flag::kReadWrite).value;
  const CallResult at =
      files.mmap(*booted.process, {.length = 8192, .protection = kRw, .flags = abi::kMapShared}, descriptor);
  REQUIRE(at.ok());
  const std::array<std::byte, 2> two{std::byte{1}, std::byte{2}};
  EXPECT_EQ(booted.system->write(*booted.process, at.value + 4095, two), 2);
  EXPECT_EQ(files.write("f", 4097, std::span(two).subspan(1)).value, 1);
  std::vector<std::byte> read(4);
  EXPECT_EQ(files.read("f", 4094, read).value, 4);
  EXPECT(read[0] == std::byte{7} && read[1] == std::byte{1} && read[2] == std::byte{2} &&
         read[3] == std::byte{2});
  EXPECT_EQ(files.read("f", 9'998, read).value, 2);
  EXPECT(files.read("g", 0, read).error == Errno::Enoent);
}

}  // namespace
}  // namespace pw::test
