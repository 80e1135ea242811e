// SPDX-License-Identifier: MIT
// Recorded programs run again: their address spaces are what they were, their faults those of a naive twin.
#include "programs/program_replay.h"

#include "../os/booted.h"
#include "../trace/support.h"
#include "random_program.h"

namespace pw::test {
namespace {

using mm::FaultReason;
using programs::ProgramReplay;
using trace::ReplayState;

os::SystemConfig config() {
  os::SystemConfig config = config_of(1 << 15);
  config.kernel.contents = false;
  config.on_violation = os::OnViolation::RecordOnly;
  return config;
}

// A system that has run a text to its end.
struct Ran {
  explicit Ran(const std::string& content, programs::ProgramReplayOptions options = {},
               os::SystemConfig with = config())
      : text(content) {
    std::vector<Error> violations;
    system = os::System::boot(with, violations);
    REQUIRE(violations.empty());
    auto opened = text.trace->accesses({});
    REQUIRE(opened.ok());
    source = std::move(opened).value();
    replay = std::make_unique<ProgramReplay>(*system, *source, options, progress);
    state = replay->run();
    if (state == ReplayState::Failed) record_failure(__FILE__, __LINE__, replay->error().message);
    const auto unhealthy = system->validate();
    EXPECT_EQ(unhealthy.empty() ? "" : unhealthy.front(), "");
  }

  std::uint64_t faults(FaultReason reason) const {
    return system->processes().faults().by_reason[static_cast<std::size_t>(reason)];
  }

  TextTrace text;
  std::unique_ptr<os::System> system;
  std::unique_ptr<trace::AccessSource> source;
  trace::ReplayProgress progress;
  std::unique_ptr<ProgramReplay> replay;
  ReplayState state = ReplayState::Running;
};

PW_TEST(faults_of_random_programs_are_those_of_a_naive_twin) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomProgram program(seed);
    const std::string content = program.make(4000);
    const Ran ran(content);
    REQUIRE(ran.state == ReplayState::Done);
    const auto& counted = ran.system->processes().faults().by_reason;
    for (std::size_t i = 0; i < mm::kFaultReasons; ++i)
      if (counted[i] != program.counter().reasons[i])
        record_failure(__FILE__, __LINE__,
                       "seed " + std::to_string(seed) + ": " +
                           std::string(name_of(static_cast<FaultReason>(i))) + ": " +
                           std::to_string(counted[i]) + ", the twin has " +
                           std::to_string(program.counter().reasons[i]));
    EXPECT_EQ(ran.replay->report().refused, program.counter().refused);
    EXPECT_EQ(ran.replay->report().skipped, 0u);
    for (const programs::Difference& difference : ran.replay->report().differences)
      record_failure(__FILE__, __LINE__, "seed " + std::to_string(seed) + ": " + text_of(difference.event));
  }
}

PW_TEST(a_packed_trace_gives_the_same_counts_as_its_text) {
  RandomProgram program(99);
  const Ran text(program.make(30'000));
  const TemporaryFile packed(".pwt");
  REQUIRE(trace::convert(*text.text.trace, packed.path(), {}).ok());
  auto source = open_or_fail(packed.path())->accesses({});
  REQUIRE(source.ok());
  std::vector<Error> violations;
  auto system = os::System::boot(config(), violations);
  trace::ReplayProgress progress;
  ProgramReplay replay(*system, *source.value(), {}, progress);
  REQUIRE(replay.run() == ReplayState::Done);
  EXPECT(system->processes().faults().by_reason == text.system->processes().faults().by_reason);
  EXPECT_EQ(replay.accesses(), text.replay->accesses());
}

PW_TEST(a_call_that_ends_otherwise_is_a_difference_and_is_made_to_fit) {
  const Ran ran(
      "==7== pagewalk: begin ( 0x4000000 )\n"
      "==7== pagewalk: map ( 0x10000, 8192, 3, 34, 0 )\n"
      // Where the trace says that there was room, there is a mapping.
      "SYSCALL[7,1](9) sys_mmap ( 0x0, 4096, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x11000) \n"
      " S 00011000,8\n"
      // A mapping that nobody made.
      "SYSCALL[7,1](10) sys_mprotect ( 0x900000, 4096, 1 )[sync] --> Success(0x0) \n"
      // A failure that is none here.
      "SYSCALL[7,1](11) sys_munmap ( 0x10000, 4096 )[sync] --> Failure(0x16) \n"
      " L 00010000,8\n"
      "SYSCALL[7,1](12) sys_brk ( 0x4001000 ) --> [pre-success] Success(0x4001000) \n"
      " S 04000ff8,8\n");
  REQUIRE(ran.state == ReplayState::Done);
  const programs::Report& report = ran.replay->report();
  EXPECT_EQ(report.differing, 3u);
  REQUIRE(report.differences.size() == 3);
  EXPECT_EQ(report.differences[0].result, static_cast<std::uint64_t>(mm::Errno::Eexist));
  EXPECT_EQ(report.differences[1].result, static_cast<std::uint64_t>(mm::Errno::Enomem));
  EXPECT(!report.differences[2].failed);
  EXPECT_EQ(report.refused, 1u);  // the load of what was unmapped
  EXPECT_EQ(ran.faults(FaultReason::DemandZero), 2u);
}

PW_TEST(accesses_of_several_processes_reach_their_own_memory) {
  const Ran ran(
      "==1== pagewalk: map ( 0x10000, 4096, 3, 34, 0 )\n"
      " S 00010000,8\n"
      "SYSCALL[1,1](57) sys_fork ( ) --> [pre-success] Success(0x2) \n"
      "==2== pagewalk: switch ( )\n"
      " L 00010000,8\n"
      " S 00010000,8\n"
      "SYSCALL[2,1](231) exit_group( 3 ) --> [pre-success] Success(0x0) \n"
      " L 00010000,8\n"  // of nobody any more
      "==1== pagewalk: switch ( )\n"
      " S 00010000,8\n"
      "==1== Process terminating with default action of signal 11 (SIGSEGV)\n");
  REQUIRE(ran.state == ReplayState::Done);
  const auto& list = ran.replay->programs();
  REQUIRE(list.size() == 2);
  EXPECT_EQ(list[0].accesses, 2u);
  EXPECT_EQ(list[1].accesses, 3u);
  EXPECT_EQ(ran.faults(FaultReason::CopyOnWrite), 2u);
  EXPECT_EQ(ran.replay->report().skipped, 1u);
  EXPECT_EQ(ran.system->processes().find(list[1].pid)->exit_status(), 3u);
  EXPECT(ran.system->processes().find(list[0].pid)->end_signal() == os::Signal::Segv);
}

PW_TEST(regions_are_guessed_only_where_they_are_asked_for) {
  const std::string content =
      " S 1fff000748,8\n"  // a push: the stack
      " S 1ffeffe000,8\n"  // it grows
      "I  00400000,4\n"
      " S 00400008,4\n"  // its own code, written: the region gets the right
      " L 7ffff00000,4\n"
      " L ffff800000000000,4\n";  // the kernel's: never
  const Ran guessed(content, {.warmup = 0, .guesses_regions = true, .cost = {}});
  REQUIRE(guessed.state == ReplayState::Done);
  EXPECT_EQ(guessed.replay->report().refused, 1u);
  EXPECT_EQ(guessed.replay->report().guessed_regions, 3u);
  EXPECT_EQ(guessed.faults(FaultReason::StackGrowth), 1u);
  EXPECT_EQ(guessed.system->violations().count(), 1u);
  const Ran plain(content);
  EXPECT_EQ(plain.replay->report().refused, 6u);
  EXPECT_EQ(plain.replay->report().guessed_regions, 0u);
}

PW_TEST(a_warmup_leaves_its_accesses_out_of_the_counters) {
  std::string content = "==1== pagewalk: map ( 0x10000, 65536, 3, 34, 0 )\n";
  for (int i = 0; i < 16; ++i)
    content += " S 000" + std::string(1, '1') + std::string(1, "0123456789abcdef"[i]) + "000,8\n";
  const Ran ran(content, {.warmup = 10, .guesses_regions = false, .cost = {}});
  REQUIRE(ran.state == ReplayState::Done);
  EXPECT_EQ(ran.replay->stats().accesses.accesses, 6u);
  EXPECT_EQ(ran.replay->stats().faults.minor, 6u);
  EXPECT_EQ(ran.replay->accesses(), 16u);
}

PW_TEST(a_process_that_is_killed_for_memory_makes_no_more_calls) {
  os::SystemConfig small = config_of(64);
  small.kernel.contents = false;
  small.kernel.overcommit.mode = mm::Overcommit::Always;
  small.on_violation = os::OnViolation::RecordOnly;
  std::string content = "==1== pagewalk: map ( 0x1000000, 1048576, 3, 34, 0 )\n";
  char line[32];
  for (unsigned page = 0; page < 256; ++page) {
    std::snprintf(line, sizeof line, " S %08x,8\n", 0x1000000 + page * 4096);
    content += line;
  }
  const Ran ran(content + "SYSCALL[1,1](11) sys_munmap ( 0x1000000, 4096 )[sync] --> Success(0x0) \n", {},
                small);
  REQUIRE(ran.state == ReplayState::Done);
  EXPECT(ran.replay->report().skipped > 0);
  EXPECT_EQ(ran.replay->report().differing, 0u);
}

}  // namespace
}  // namespace pw::test
