// SPDX-License-Identifier: MIT
// Ranges whose faults the process handles: who waits, who wakes, and what becomes of protection in swap and by fork.
// The calls themselves are compared with Linux in test/native/mm/linux_calls_test.cc.
#include "mm/user_faults.h"

#include <map>

#include "base/rng.h"
#include "booted.h"
#include "mm/calls/user_range.h"

namespace pw::test {
namespace {

using mm::Errno;
using mm::UserFault;
using mm::UserFaultKind;
using os::AccessEnd;
using os::ProcessState;
namespace abi = mm::abi;

constexpr std::uint64_t kPage = kFrameBytes;

std::vector<std::byte> page_of_bytes(unsigned value) {
  return std::vector<std::byte>(kPage, std::byte(value));
}

// A process with a registered region.
struct Registered : Booted {
  Registered(const os::SystemConfig& config, std::uint64_t region_pages, std::uint64_t mode,
             mm::UserFaultFeatures features = {})
      : Booted(config), pages(region_pages), at(region(pages)) {
    user = process->space().open_user_faults(features);
    REQUIRE(mm::register_user_range(*user, at, pages * kPage, mode) == Errno::None);
  }
  unsigned byte_at(std::uint64_t address, os::Process* who = nullptr) {
    std::byte byte{};
    EXPECT_EQ(system->read(who != nullptr ? *who : *process, address, {&byte, 1}), 1);
    return static_cast<unsigned>(byte);
  }
  bool write(std::uint64_t address, unsigned value) {
    const auto byte = static_cast<std::byte>(value);
    return system->write(*process, address, {&byte, 1}) == 1;
  }
  Errno copy(std::uint64_t address, unsigned value, std::uint64_t mode = 0) {
    return mm::copy_to_user_range(*user, address, kPage, page_of_bytes(value), mode).error;
  }
  Errno protect(std::uint64_t address, std::uint64_t count, bool on = true) {
    return mm::protect_user_range(*user, address, count * kPage, on ? abi::kWriteProtect : 0);
  }

  std::uint64_t pages;
  std::uint64_t at;
  std::shared_ptr<mm::UserFaults> user;
};

PW_TEST(a_fault_without_an_answer_blocks_the_process_until_the_page_is_there) {
  Registered registered(config_of(256), 4, abi::kRegisterMissing);
  os::Process& process = *registered.process;
  const os::Accessed blocked = registered.load(registered.at + kPage + 5);
  EXPECT(blocked.end == AccessEnd::Blocked && blocked.reason == mm::FaultReason::UserFault);
  EXPECT(process.state() == ProcessState::Blocked && registered.user->waiting() == 1);
  EXPECT(registered.load(registered.at).end == AccessEnd::Blocked);  // it cannot do anything else meanwhile
  EXPECT(registered.copy(registered.at, 1) == Errno::None);          // another page
  EXPECT(process.state() == ProcessState::Blocked);
  EXPECT(registered.copy(registered.at + kPage, 2, abi::kFillDontWake) == Errno::None);
  EXPECT(process.state() == ProcessState::Blocked);
  EXPECT(mm::wake_user_range(*registered.user, registered.at, 4 * kPage) == Errno::None);
  EXPECT(process.is_running() && registered.user->waiting() == 0);
  EXPECT_EQ(registered.byte_at(registered.at + kPage + 5), 2);
  EXPECT_EQ(registered.byte_at(registered.at), 1);
  EXPECT_EQ(process.faults().major, 1);
}

PW_TEST(a_handler_that_answers_at_the_fault_lets_the_access_go_on) {
  Registered registered(config_of(256), 8, abi::kRegisterMissing | abi::kRegisterWriteProtect);
  std::vector<UserFault> seen;
  registered.user->set_handler([&](const UserFault& fault) {
    seen.push_back(fault);
    const std::uint64_t page = fault.address.value() & ~(kPage - 1);
    if (fault.kind == UserFaultKind::WriteProtected) return registered.protect(page, 1, false) == Errno::None;
    return registered.copy(page, 40 + seen.size(), abi::kFillProtect) == Errno::None;
  });
  EXPECT_EQ(registered.byte_at(registered.at + 9), 41);
  EXPECT(registered.write(registered.at + 10, 7));
  EXPECT(registered.write(registered.at + 11, 8));
  EXPECT_EQ(registered.byte_at(registered.at + 10), 7);
  EXPECT_EQ(registered.byte_at(registered.at + 9), 41);
  REQUIRE(seen.size() == 2);
  EXPECT(seen[0].kind == UserFaultKind::Missing && !seen[0].is_write);
  EXPECT(seen[1].kind == UserFaultKind::WriteProtected && seen[1].is_write);
  EXPECT_EQ(seen[1].address.value(), registered.at + 10);
}

PW_TEST(a_handler_may_close_itself_or_unmap_the_range_at_the_fault) {
  for (const bool unmaps : {false, true}) {
    Registered registered(config_of(256), 4, abi::kRegisterMissing);
    registered.user->set_handler([&](const UserFault&) {
      if (unmaps)
        EXPECT(mm::munmap(registered.process->space(), registered.at, 4 * kPage) == Errno::None);
      else
        registered.user->close();
      return true;
    });
    const os::Accessed accessed = registered.store(registered.at);
    EXPECT(unmaps ? accessed.end == AccessEnd::Blocked : accessed.end == AccessEnd::Done);
    registered.user->close();
    registered.user.reset();
    EXPECT(registered.store(registered.at).end == (unmaps ? AccessEnd::Signaled : AccessEnd::Done));
  }
}

PW_TEST(a_handler_that_breaks_down_fails_the_access_alone) {
  Registered registered(config_of(256), 4, abi::kRegisterMissing);
  registered.user->set_handler([](const UserFault&) { return false; });
  EXPECT(registered.store(registered.at).end == AccessEnd::HookFailed);
  const auto failure = registered.system->kernel().take_hook_failure();
  EXPECT(failure && failure->point == mm::HookPoint::UserFault);
  EXPECT(registered.process->is_running());
}

PW_TEST(minor_faults_continue_with_the_pages_that_shared_memory_has) {
  Booted booted(config_of(256));
  mm::AddressSpace& space = booted.process->space();
  const mm::OpenFile file{space.kernel().make_object(mm::ObjectKind::SharedMemory, "shared", 4 * kPage)};
  const auto map = [&] {
    return mm::mmap(space, {.length = 4 * kPage, .protection = 3, .flags = abi::kMapShared, .file = &file})
        .value;
  };
  const std::uint64_t one = map();
  const std::uint64_t other = map();
  const auto user = space.open_user_faults({});
  REQUIRE(mm::register_user_range(*user, other, 4 * kPage, abi::kRegisterMinor) == Errno::None);
  std::vector<UserFaultKind> seen;
  user->set_handler([&](const UserFault& fault) {
    seen.push_back(fault.kind);
    return mm::continue_user_range(*user, fault.address.value() & ~(kPage - 1), kPage).error == Errno::None;
  });
  const std::byte byte{77};
  EXPECT_EQ(booted.system->write(*booted.process, one, {&byte, 1}), 1);
  std::byte found{};
  EXPECT_EQ(booted.system->read(*booted.process, other, {&found, 1}), 1);
  EXPECT(found == byte && seen == std::vector{UserFaultKind::Minor});
  EXPECT_EQ(booted.load(other + kPage).faults, 1);  // missing, and not registered for that
  EXPECT_EQ(seen.size(), 1);
}

PW_TEST(exit_unmap_unregister_and_exec_are_safe_while_a_process_waits) {
  enum class Way : std::uint8_t { Exit, Unmap, Unregister, Close, Exec, Move };
  for (const Way way : {Way::Exit, Way::Unmap, Way::Unregister, Way::Close, Way::Exec, Way::Move}) {
    Registered registered(config_of(256), 4, abi::kRegisterMissing | abi::kRegisterWriteProtect);
    os::System& system = *registered.system;
    os::Process& process = *registered.process;
    EXPECT(registered.copy(registered.at + kPage, 5, abi::kFillProtect) == Errno::None);
    EXPECT(registered.store(registered.at + kPage).end == AccessEnd::Blocked);
    EXPECT_EQ(registered.user->waiting(), 1);
    switch (way) {
      case Way::Exit: system.processes().end(process); break;
      case Way::Unmap: EXPECT(mm::munmap(process.space(), registered.at, 4 * kPage) == Errno::None); break;
      case Way::Unregister:
        EXPECT(mm::unregister_user_range(*registered.user, registered.at, 4 * kPage) == Errno::None);
        break;
      case Way::Close: registered.user->close(); break;
      case Way::Exec: EXPECT(system.processes().exec(process)); break;
      case Way::Move:
        EXPECT(
            mm::mremap(process.space(), {registered.at, 4 * kPage, 4 * kPage,
                                         abi::kMremapMayMove | abi::kMremapFixed, registered.at + (1 << 20)})
                .ok());
        break;
    }
    EXPECT_EQ(registered.user->waiting(), 0);
    EXPECT(process.state() == (way == Way::Exit ? ProcessState::Ended : ProcessState::Running));
    registered.check();
    const AccessEnd end = registered.store(registered.at + kPage).end;
    if (way == Way::Exit)
      EXPECT(end == AccessEnd::NotRunning);
    else if (way == Way::Unregister || way == Way::Close)
      EXPECT(end == AccessEnd::Done && registered.byte_at(registered.at + kPage + 1) == 5);
    else
      EXPECT(end == AccessEnd::Signaled);
    const bool is_gone = way == Way::Exit || way == Way::Close || way == Way::Exec;
    if (is_gone) EXPECT(registered.copy(registered.at, 1) == Errno::Esrch);
  }
}

PW_TEST(a_child_is_registered_with_nobody_and_the_parent_still_waits) {
  Registered registered(config_of(256), 4, abi::kRegisterMissing | abi::kRegisterWriteProtect);
  EXPECT(registered.copy(registered.at, 5, abi::kFillProtect) == Errno::None);
  EXPECT(registered.store(registered.at).end == AccessEnd::Blocked);
  os::Process* const child = registered.system->processes().fork(*registered.process);
  REQUIRE(child != nullptr);
  EXPECT(registered.system->access(*child, VirtAddr(registered.at), AccessKind::Store).end ==
         AccessEnd::Done);
  EXPECT_EQ(registered.byte_at(registered.at, child), 5);
  EXPECT_EQ(registered.byte_at(registered.at + kPage, child), 0);
  EXPECT(registered.process->state() == ProcessState::Blocked);
  registered.check();
  EXPECT(registered.protect(registered.at, 1, false) == Errno::None);
  EXPECT(registered.process->is_running() && registered.store(registered.at).end == AccessEnd::Done);
}

PW_TEST(protection_survives_swap_and_fork) {
  Registered registered(config_of(64, 512), 100, abi::kRegisterWriteProtect);
  for (std::uint64_t i = 0; i < 100; ++i) REQUIRE(registered.write(registered.at + i * kPage, i));
  EXPECT(registered.protect(registered.at, 100) == Errno::None);
  os::Process* const child = registered.system->processes().fork(*registered.process);
  REQUIRE(child != nullptr);
  unsigned asked = 0;
  registered.user->set_handler([&](const UserFault& fault) {
    ++asked;
    return registered.protect(fault.address.value() & ~(kPage - 1), 1, false) == Errno::None;
  });
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(registered.byte_at(registered.at + i * kPage), i);
  EXPECT_EQ(asked, 0);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT(registered.write(registered.at + i * kPage, i + 100));
  EXPECT_EQ(asked, 100);
  registered.check();
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(registered.byte_at(registered.at + i * kPage, child), i);
  EXPECT(registered.system->kernel().counters().swap_ins > 100);
}

PW_TEST(pages_of_shared_memory_stay_protected_when_they_are_swapped_out) {
  Registered registered(config_of(64, 512), 10, abi::kRegisterMissing);
  mm::AddressSpace& space = registered.process->space();
  const std::uint64_t at =
      mm::mmap(space, {.length = 8 * kPage, .protection = 3, .flags = abi::kMapShared | abi::kMapAnonymous})
          .value;
  const std::byte byte{9};
  for (std::uint64_t i = 0; i < 8; ++i)
    REQUIRE(registered.system->write(*registered.process, at + i * kPage, {&byte, 1}) == 1);
  REQUIRE(mm::register_user_range(*registered.user, at, 8 * kPage, abi::kRegisterWriteProtect) ==
          Errno::None);
  EXPECT(registered.protect(at, 8) == Errno::None);
  while (registered.system->kernel().evict()) continue;
  EXPECT_EQ(registered.byte_at(at), 9);
  EXPECT(registered.store(at).end == AccessEnd::Blocked);
  EXPECT(registered.protect(at, 1, false) == Errno::None);
  EXPECT(registered.store(at).end == AccessEnd::Done);
  EXPECT(registered.store(at + kPage).end == AccessEnd::Blocked);  // not even loaded before
}

// A handler that fills pages with what it chooses and protects them; the model knows each page's byte.
class HandledRun {
 public:
  explicit HandledRun(std::uint64_t seed)
      : rng_(seed),
        registered_(config_of(64, 1024), kPages, abi::kRegisterMissing | abi::kRegisterWriteProtect,
                    {.protects_unpopulated = seed % 2 == 0}) {
    registered_.user->set_handler([this](const UserFault& fault) { return resolve(fault); });
  }
  void step() {
    const std::uint64_t page = rng_.below(kPages);
    const std::uint64_t address = registered_.at + page * kPage + 50;
    switch (rng_.below(12)) {
      case 0: return forget(page);
      case 1: return (void)registered_.protect(registered_.at + page * kPage, 1, rng_.below(3) != 0);
      case 2: return (void)registered_.system->kernel().evict();
      case 3: {
        if (os::Process* const child = registered_.system->processes().fork(*registered_.process))
          registered_.system->processes().end(*child);
        return;
      }
      default: break;
    }
    if (rng_.below(2) == 0) {
      const unsigned value = rng_.below(256);
      if (settle(registered_.write(address, value), page)) bytes_[page] = value;
    } else {
      std::byte byte{};
      if (settle(registered_.system->read(*registered_.process, address, {&byte, 1}) == 1, page))
        EXPECT_EQ(static_cast<unsigned>(byte), bytes_[page]);
    }
  }
  void finish() {
    registered_.check();
    EXPECT(handled_ > 100 && waited_ > 20);
    registered_.system->processes().end(*registered_.process);
    EXPECT_EQ(registered_.system->kernel().counters().resident_pages, 0);
    EXPECT_EQ(registered_.system->kernel().swap().in_use(), 0);
  }

 private:
  static constexpr std::uint64_t kPages = 90;

  // At once, or not now, or with the page but without a wake.
  bool resolve(const UserFault& fault) {
    ++handled_;
    if (rng_.below(4) != 0) answer(fault.address.value() / kPage * kPage, fault.kind);
    return true;
  }
  void answer(std::uint64_t address, UserFaultKind kind) {
    if (kind == UserFaultKind::WriteProtected) return (void)registered_.protect(address, 1, false);
    const std::uint64_t page = (address - registered_.at) / kPage;
    const bool zero = rng_.below(3) == 0;
    const unsigned value = zero ? 0 : rng_.below(256);
    const Errno error = zero ? mm::zero_user_range(*registered_.user, address, kPage).error
                             : registered_.copy(address, value, rng_.below(2) * abi::kFillProtect);
    if (error == Errno::None) bytes_[page] = value;
  }
  // Whether the access completed; a process that waits is helped on.
  bool settle(bool done, std::uint64_t page) {
    if (done) return true;
    EXPECT(registered_.process->state() == ProcessState::Blocked);
    ++waited_;
    const std::uint64_t address = registered_.at + page * kPage;
    answer(address, UserFaultKind::Missing);
    (void)registered_.protect(address, 1, false);
    EXPECT(mm::wake_user_range(*registered_.user, address, kPage) == Errno::None);
    EXPECT(registered_.process->is_running());
    return false;
  }
  void forget(std::uint64_t page) {
    EXPECT(mm::madvise(registered_.process->space(), registered_.at + page * kPage, kPage, abi::kDontNeed) ==
           Errno::None);
  }

  Rng rng_;
  Registered registered_;
  std::map<std::uint64_t, unsigned> bytes_;
  unsigned handled_ = 0;
  unsigned waited_ = 0;
};

PW_TEST(random_faults_that_a_handler_resolves_now_or_later_lose_no_byte) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    HandledRun run(seed);
    for (int i = 0; i < 1500; ++i) run.step();
    run.finish();
  }
}

}  // namespace
}  // namespace pw::test
