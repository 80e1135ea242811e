// SPDX-License-Identifier: MIT
// Hooks decide what they may decide, and whatever they answer, every structure stays valid.
#include "mm/hooks.h"

#include <array>
#include <functional>
#include <map>
#include <vector>

#include "base/rng.h"
#include "booted.h"

namespace pw::test {
namespace {

using os::AccessEnd;
namespace abi = mm::abi;

struct TestHooks final : mm::Hooks {
  std::function<mm::FrameAnswer(const mm::PageName&)> frame;
  std::function<mm::MappingAnswer(const mm::MappingRequest&)> mapping;
  std::function<mm::EvictionAnswer(const mm::EvictionRequest&)> eviction;
  std::function<mm::SwapAnswer(const mm::SwapRequest&)> swap_out;
  std::function<mm::SwapAnswer(const mm::SwapRequest&)> swap_in;

  mm::FrameAnswer on_frame_allocation(const mm::PageName& page) override {
    return frame ? frame(page) : Hooks::on_frame_allocation(page);
  }
  mm::MappingAnswer on_mapping(const mm::MappingRequest& request) override {
    return mapping ? mapping(request) : Hooks::on_mapping(request);
  }
  mm::EvictionAnswer on_eviction(const mm::EvictionRequest& request) override {
    return eviction ? eviction(request) : Hooks::on_eviction(request);
  }
  mm::SwapAnswer on_swap_out(const mm::SwapRequest& request) override {
    return swap_out ? swap_out(request) : Hooks::on_swap_out(request);
  }
  mm::SwapAnswer on_swap_in(const mm::SwapRequest& request) override {
    return swap_in ? swap_in(request) : Hooks::on_swap_in(request);
  }
};

struct Hooked : Booted {
  explicit Hooked(const os::SystemConfig& config) : Booted(config) { kernel().set_hooks(&hooks); }
  mm::Kernel& kernel() const { return system->kernel(); }
  TestHooks hooks;
};

// More may be mapped than there is.
os::SystemConfig overcommitted(std::uint64_t frames, std::uint64_t slots = 0) {
  os::SystemConfig config = config_of(frames, slots);
  config.kernel.overcommit.mode = mm::Overcommit::Always;
  return config;
}

using FrameKind = mm::FrameAnswer::Kind;
using EvictionKind = mm::EvictionAnswer::Kind;
using OomKind = os::OutOfMemoryAnswer::Kind;

PW_TEST(a_page_gets_the_frame_that_the_hook_names) {
  Hooked hooked(config_of(256));
  const std::uint64_t at = hooked.region(4);
  hooked.hooks.frame = [&](const mm::PageName& page) {
    EXPECT(page.kind == mm::PageKind::Anonymous && page.owner == hooked.process->space().id());
    return mm::FrameAnswer{FrameKind::ThisFrame, FrameIndex(100 + page.page % 4 * 3)};
  };
  for (std::uint64_t i = 0; i < 4; ++i) {
    const std::uint64_t address = at + i * kFrameBytes;
    EXPECT_EQ(hooked.store(address).physical.value() / kFrameBytes, 100 + address / kFrameBytes % 4 * 3);
  }
}

PW_TEST(a_frame_that_is_not_free_or_not_there_fails_the_access_and_nothing_else) {
  Hooked hooked(config_of(256));
  const std::uint64_t at = hooked.region(2);
  const FrameIndex taken = frame_of(hooked.store(at).physical);
  for (const std::uint64_t frame : {taken.value(), std::uint64_t{256}, ~std::uint64_t{0}}) {
    hooked.hooks.frame = [&](const mm::PageName&) {
      return mm::FrameAnswer{FrameKind::ThisFrame, FrameIndex(frame)};
    };
    EXPECT(hooked.store(at + kFrameBytes).end == AccessEnd::HookFailed);
    const auto failure = hooked.kernel().take_hook_failure();
    REQUIRE(failure.has_value());
    EXPECT(failure->point == mm::HookPoint::FrameAllocation);
    EXPECT(failure->message.find("expected a free frame, got " + std::to_string(frame)) == 0);
    hooked.check();
  }
  EXPECT_EQ(hooked.system->out_of_memory().failed, 0);
  hooked.hooks.frame = nullptr;
  EXPECT(hooked.store(at + kFrameBytes).end == AccessEnd::Done);
}

PW_TEST(a_mapping_that_the_hook_refuses_is_a_violation) {
  os::SystemConfig config = config_of(256);
  config.on_violation = os::OnViolation::RecordOnly;
  Hooked hooked(config);
  const std::uint64_t at = hooked.region(3);
  hooked.hooks.mapping = [&](const mm::MappingRequest& request) {
    const bool wanted = address_of(request.page).value() == at + kFrameBytes && request.is_write;
    return wanted ? mm::MappingAnswer::Refuse : mm::MappingAnswer::Allow;
  };
  EXPECT(hooked.store(at).end == AccessEnd::Done);
  EXPECT(hooked.load(at + kFrameBytes).end == AccessEnd::Done);
  const os::Accessed refused = hooked.store(at + kFrameBytes);
  EXPECT(refused.end == AccessEnd::Signaled && refused.reason == mm::FaultReason::RefusedByHook);
  EXPECT_EQ(hooked.system->violations().latest().front().si_code, 2);
  EXPECT(mm::madvise(hooked.process->space(), at, 3 * kFrameBytes, abi::kPopulateWrite) == mm::Errno::Einval);
}

PW_TEST(an_eviction_spares_what_the_hook_keeps) {
  os::SystemConfig config = config_of(64, 256);
  config.kernel.policy = "fifo";
  Hooked hooked(config);
  const std::uint64_t at = hooked.region(100);
  const auto is_kept = [&](std::uint64_t page) { return page - at / kFrameBytes < 10; };
  hooked.hooks.eviction = [&](const mm::EvictionRequest& request) {
    return mm::EvictionAnswer{is_kept(request.page.page) ? EvictionKind::Keep : EvictionKind::Evict};
  };
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT(hooked.store(at + i * kFrameBytes).end == AccessEnd::Done);
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ(hooked.store(at + i * kFrameBytes).faults, 0);
  EXPECT(hooked.kernel().counters().evictions >= 40);
}

PW_TEST(an_eviction_takes_another_page_where_the_hook_says_so) {
  os::SystemConfig config = config_of(64, 256);
  config.kernel.policy = "fifo";
  Hooked hooked(config);
  const std::uint64_t at = hooked.region(100);
  const FrameIndex unwanted = frame_of(hooked.store(at).physical);
  hooked.store(at + kFrameBytes);
  bool given = false;
  hooked.hooks.eviction = [&](const mm::EvictionRequest& request) {
    if (std::exchange(given, true) || request.frame == unwanted) return mm::EvictionAnswer{};
    return mm::EvictionAnswer{EvictionKind::Instead, unwanted};
  };
  const FrameIndex second = frame_of(hooked.store(at + kFrameBytes).physical);
  EXPECT(hooked.kernel().evict(second));  // a page that is named is not asked for
  EXPECT(!given);
  EXPECT(hooked.kernel().evict());
  EXPECT_EQ(hooked.store(at).faults, 1);
  hooked.hooks.eviction = [&](const mm::EvictionRequest&) {
    return mm::EvictionAnswer{EvictionKind::Instead, hooked.kernel().zero_frame()};
  };
  EXPECT(!hooked.kernel().evict());
  const auto failure = hooked.kernel().take_hook_failure();
  EXPECT(failure && failure->point == mm::HookPoint::Eviction);
}

PW_TEST(a_hook_that_keeps_every_page_is_asked_once_for_each_and_memory_runs_out) {
  Hooked hooked(config_of(64, 256));
  const std::uint64_t at = hooked.region(100);
  hooked.process->set_oom_score_adjustment(-1000);
  std::map<std::uint64_t, unsigned> asked;
  hooked.hooks.eviction = [&](const mm::EvictionRequest& request) {
    ++asked[request.page.page];
    return mm::EvictionAnswer{EvictionKind::Keep};
  };
  std::uint64_t page = 0;
  while (hooked.store(at + page * kFrameBytes).end == AccessEnd::Done) ++page;
  EXPECT_EQ(asked.size(), page);
  for (const auto& [name, times] : asked) EXPECT_EQ(times, 1);
  EXPECT_EQ(hooked.system->out_of_memory().failed, 1);
  hooked.hooks.eviction = nullptr;
  EXPECT(hooked.store(at + page * kFrameBytes).end == AccessEnd::Done);
}

PW_TEST(swap_hooks_see_each_transfer_and_set_its_time) {
  Hooked hooked(config_of(64, 256));
  const std::uint64_t at = hooked.region(100);
  std::uint64_t outs = 0;
  std::uint64_t ins = 0;
  hooked.hooks.swap_out = [&](const mm::SwapRequest& request) {
    EXPECT_EQ(request.device_ns, 100'000);
    EXPECT(request.slot != 0);
    return ++outs, mm::SwapAnswer(7);
  };
  hooked.hooks.swap_in = [&](const mm::SwapRequest& request) {
    EXPECT_EQ(request.page.owner, hooked.process->space().id());
    return ++ins, mm::SwapAnswer(1'000'000);
  };
  for (int round = 0; round < 2; ++round)
    for (std::uint64_t i = 0; i < 100; ++i) EXPECT(hooked.store(at + i * kFrameBytes).end == AccessEnd::Done);
  const mm::KernelCounters& counters = hooked.kernel().counters();
  EXPECT_EQ(counters.swap_outs, outs);
  EXPECT_EQ(counters.swap_write_ns, 7 * outs);
  EXPECT_EQ(counters.swap_ins, ins);
  const os::FaultCounters& faults = hooked.process->faults();
  const os::FaultCosts costs;
  EXPECT_EQ(faults.time_ns, faults.minor * costs.minor_ns + faults.major * costs.major_ns +
                                counters.zeroed_pages * costs.zero_ns + ins * 1'000'000);
}

// Fills memory; the page at which an access did not complete.
std::uint64_t fill(Booted& booted, std::uint64_t at, std::uint64_t pages) {
  std::uint64_t page = 0;
  while (page < pages && booted.store(at + page * kFrameBytes).end == AccessEnd::Done) ++page;
  return page;
}

PW_TEST(out_of_memory_kills_whom_the_hook_names) {
  Booted booted(overcommitted(128));
  os::System& system = *booted.system;
  os::Process* const small = system.processes().create({});
  os::Process* const large = system.processes().create({});
  for (const auto& [process, pages] : {std::pair(small, 10ull), std::pair(large, 40ull)}) {
    const std::uint64_t at = system.allocate_region(*process, pages * kFrameBytes, 3).value;
    for (std::uint64_t i = 0; i < pages; ++i)
      REQUIRE(system.access(*process, VirtAddr(at + i * kFrameBytes), AccessKind::Store).end ==
              AccessEnd::Done);
  }
  system.set_out_of_memory_hook([&](const os::OutOfMemoryRequest&) {
    return os::OutOfMemoryAnswer{.kind = OomKind::Kill, .pid = small->pid()};
  });
  const std::uint64_t at = booted.region(200);
  const std::uint64_t page = fill(booted, at, 200);
  EXPECT(small->end_signal() == os::Signal::Kill && large->is_running());
  EXPECT_EQ(system.out_of_memory().killed, 1);
  // Asked again it names a process that has ended: the access fails, and nobody else is killed.
  const auto failure = system.kernel().take_hook_failure();
  REQUIRE(failure.has_value());
  EXPECT(failure->message.find("expected a living process") == 0);
  EXPECT(booted.process->is_running());
  system.set_out_of_memory_hook([&](const os::OutOfMemoryRequest& request) {
    return os::OutOfMemoryAnswer{.kind = OomKind::Kill, .pid = request.pid};
  });
  EXPECT(booted.store(at + page * kFrameBytes).end == AccessEnd::OutOfMemory);
  EXPECT(booted.process->end_signal() == os::Signal::Kill);
}

PW_TEST(out_of_memory_gives_up_the_pages_that_the_hook_names) {
  Booted booted(overcommitted(128));
  os::System& system = *booted.system;
  const std::uint64_t cache = booted.region(64);
  REQUIRE(fill(booted, cache, 64) == 64);
  system.set_out_of_memory_hook([&](const os::OutOfMemoryRequest& request) {
    return os::OutOfMemoryAnswer{OomKind::Discard, request.pid, cache, 64 * kFrameBytes};
  });
  const std::uint64_t at = booted.region(200);
  const std::uint64_t page = fill(booted, at, 200);
  EXPECT_EQ(system.out_of_memory().hook_helped, 1);
  EXPECT_EQ(system.out_of_memory().killed, 1);  // giving up the same pages again did not help
  EXPECT(page > 64);
}

PW_TEST(pages_may_be_given_up_while_one_of_them_is_swapped_in) {
  Booted booted(overcommitted(64, 256));
  os::System& system = *booted.system;
  const std::uint64_t at = booted.region(40);
  REQUIRE(fill(booted, at, 40) == 40);
  REQUIRE(mm::madvise(booted.process->space(), at, kFrameBytes, abi::kPageOut) == mm::Errno::None);
  TestHooks hooks;
  hooks.eviction = [](const mm::EvictionRequest&) { return mm::EvictionAnswer{EvictionKind::Keep}; };
  system.kernel().set_hooks(&hooks);
  const std::uint64_t rest = booted.region(100);
  std::uint64_t used = 0;
  while (system.kernel().allocator().free_count() > 0)
    REQUIRE(booted.store(rest + used++ * kFrameBytes).end == AccessEnd::Done);
  system.set_out_of_memory_hook([&](const os::OutOfMemoryRequest& request) {
    return os::OutOfMemoryAnswer{OomKind::Discard, request.pid, at, 40 * kFrameBytes};
  });
  const os::Accessed loaded = booted.load(at);
  EXPECT(loaded.end == AccessEnd::Done);
  EXPECT(loaded.reason == mm::FaultReason::DemandZero);
  EXPECT_EQ(system.kernel().swap().in_use(), 0);
}

PW_TEST(out_of_memory_fails_where_the_hook_refuses_or_breaks_down) {
  for (const OomKind kind : {OomKind::Refuse, OomKind::Failed}) {
    Booted booted(overcommitted(64));
    booted.system->set_out_of_memory_hook(
        [&](const os::OutOfMemoryRequest&) { return os::OutOfMemoryAnswer{.kind = kind}; });
    const std::uint64_t at = booted.region(100);
    const std::uint64_t page = fill(booted, at, 100);
    const bool broke_down = kind == OomKind::Failed;
    EXPECT_EQ(booted.system->kernel().take_hook_failure().has_value(), broke_down);
    EXPECT(booted.store(at + page * kFrameBytes).end ==
           (broke_down ? AccessEnd::HookFailed : AccessEnd::OutOfMemory));
    EXPECT(booted.process->is_running());
    (void)booted.system->kernel().take_hook_failure();
  }
}

PW_TEST(a_call_of_the_process_that_is_killed_comes_to_its_end_first) {
  Booted booted(overcommitted(64));
  const std::uint64_t at = booted.region(100);
  {
    const os::System::Call call(*booted.system, *booted.process);
    EXPECT(mm::mlock(booted.process->space(), at, 100 * kFrameBytes) == mm::Errno::Eagain);
    EXPECT(booted.process->is_running());
  }
  EXPECT(booted.process->end_signal() == os::Signal::Kill);
  EXPECT_EQ(booted.system->kernel().counters().resident_pages, 0);
}

// What every n-th call of a hook answers.
class FailingHooks final : public mm::Hooks {
 public:
  FailingHooks(std::uint64_t every, std::uint64_t seed) : every_(every), rng_(seed) {}
  std::uint64_t failures() const { return failures_; }

  mm::FrameAnswer on_frame_allocation(const mm::PageName&) override {
    if (!fails()) return {};
    if (rng_.below(2) == 0) return {FrameKind::Failed};
    return {FrameKind::ThisFrame, FrameIndex(63)};  // a table's
  }
  mm::MappingAnswer on_mapping(const mm::MappingRequest&) override {
    return fails() ? mm::MappingAnswer::Failed : mm::MappingAnswer::Allow;
  }
  mm::EvictionAnswer on_eviction(const mm::EvictionRequest&) override {
    if (rng_.below(4) == 0) return {EvictionKind::Keep};
    if (!fails()) return {};
    if (rng_.below(2) == 0) return {EvictionKind::Failed};
    return {EvictionKind::Instead, FrameIndex(63)};
  }
  mm::SwapAnswer on_swap_out(const mm::SwapRequest& request) override { return answer(request); }
  mm::SwapAnswer on_swap_in(const mm::SwapRequest& request) override { return answer(request); }

 private:
  bool fails() {
    if (++calls_ % every_ != 0) return false;
    ++failures_;
    return true;
  }
  mm::SwapAnswer answer(const mm::SwapRequest& request) {
    return fails() ? std::nullopt : mm::SwapAnswer(request.device_ns);
  }

  std::uint64_t every_;
  Rng rng_;
  std::uint64_t calls_ = 0;
  std::uint64_t failures_ = 0;
};

// Two processes that fork from each other, private and shared pages, and twice the memory that there is.
class PressedRun {
 public:
  explicit PressedRun(std::uint64_t every)
      : booted_(config_of(64, 512)), hooks_(every, every), rng_(every * 77) {
    private_ = booted_.region(kPages);
    const auto shared = mm::mmap(
        booted_.process->space(),
        {.length = kShared * kFrameBytes, .protection = 3, .flags = abi::kMapShared | abi::kMapAnonymous});
    shared_ = shared.value;
    members_ = {{booted_.process, std::vector<std::uint8_t>(kPages)}};
    booted_.process->set_oom_score_adjustment(-1000);
    booted_.system->kernel().set_hooks(&hooks_);
  }
  std::uint64_t failures() const { return hooks_.failures(); }
  void step() {
    const std::uint64_t what = rng_.below(40);
    if (what == 0) return fork_or_end();
    if (what == 1) return forget();
    const std::size_t who = rng_.below(members_.size());
    if (what < 8) return touch(who, shared_, shared_bytes_);
    touch(who, private_, members_[who].bytes);
  }
  void finish() {
    booted_.system->kernel().set_hooks(nullptr);
    for (std::size_t who = 0; who < members_.size(); ++who) {
      for (std::uint64_t page = 0; page < kPages; ++page) read(who, private_, page, members_[who].bytes);
      for (std::uint64_t page = 0; page < kShared; ++page) read(who, shared_, page, shared_bytes_);
    }
    for (const Member& member : members_) booted_.system->processes().end(*member.process);
    booted_.check();
    EXPECT_EQ(booted_.system->kernel().counters().resident_pages, 0);
    EXPECT_EQ(booted_.system->kernel().swap().in_use(), 0);
  }

 private:
  static constexpr std::uint64_t kPages = 70;
  static constexpr std::uint64_t kShared = 30;
  struct Member {
    os::Process* process;
    std::vector<std::uint8_t> bytes;
  };

  // Whether the operation did not fail for a hook; it is healthy in either case.
  bool settle(bool done) {
    const auto failure = booted_.system->kernel().take_hook_failure();
    if (failure) booted_.check();
    EXPECT(done || failure.has_value());
    return done;
  }
  void touch(std::size_t who, std::uint64_t base, std::vector<std::uint8_t>& bytes) {
    const std::uint64_t page = rng_.below(bytes.size());
    if (rng_.below(2) == 0) return read(who, base, page, bytes);
    const std::byte byte{static_cast<unsigned char>(rng_.next())};
    if (settle(booted_.system->write(*members_[who].process, base + page * kFrameBytes + 99, {&byte, 1}) ==
               1))
      bytes[page] = static_cast<std::uint8_t>(byte);
  }
  void read(std::size_t who, std::uint64_t base, std::uint64_t page, const std::vector<std::uint8_t>& bytes) {
    std::byte byte{};
    if (settle(booted_.system->read(*members_[who].process, base + page * kFrameBytes + 99, {&byte, 1}) == 1))
      EXPECT_EQ(static_cast<std::uint8_t>(byte), bytes[page]);
  }
  void forget() {
    Member& member = members_[rng_.below(members_.size())];
    const std::uint64_t page = rng_.below(kPages);
    EXPECT(mm::madvise(member.process->space(), private_ + page * kFrameBytes, kFrameBytes, abi::kDontNeed) ==
           mm::Errno::None);
    member.bytes[page] = 0;
  }
  void fork_or_end() {
    if (members_.size() > 1) {
      booted_.system->processes().end(*members_.back().process);
      return members_.pop_back();
    }
    os::Process* const child = booted_.system->processes().fork(*members_.front().process);
    if (settle(child != nullptr)) members_.push_back({child, members_.front().bytes});
  }

  Booted booted_;
  FailingHooks hooks_;
  Rng rng_;
  std::uint64_t private_ = 0;
  std::uint64_t shared_ = 0;
  std::vector<std::uint8_t> shared_bytes_ = std::vector<std::uint8_t>(kShared);
  std::vector<Member> members_;
};

PW_TEST(hooks_that_fail_at_every_nth_call_leave_everything_valid_and_lose_no_byte) {
  for (std::uint64_t every = 1; every <= 40; ++every) {
    PressedRun run(every);
    for (int i = 0; i < 600; ++i) run.step();
    run.finish();
    EXPECT(run.failures() > 0);
  }
}

}  // namespace
}  // namespace pw::test
