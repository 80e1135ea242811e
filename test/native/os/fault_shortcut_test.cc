// SPDX-License-Identifier: MIT
// The shortcut for the commonest fault against the chain alone: two systems run the same random programs, one of them
// without the shortcut, and have to agree on every access, counter, log entry, cached translation and word of memory.
#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "base/rng.h"
#include "booted.h"
#include "mm/calls/calls.h"
#include "os/system_calls.h"

namespace pw::test {
namespace {

namespace abi = mm::abi;

constexpr std::uint64_t kFrames = 224;
constexpr std::uint64_t kRegionPages = 96;
constexpr std::uint64_t kBase = 0x7fff'ffe0'0000 - 48 * kFrameBytes;  // over a boundary of page tables

os::SystemConfig config_of_case(std::uint64_t seed) {
  constexpr std::array kPolicies = {"clock", "lru", "working-set", "lirs", "page-fault-frequency",
                                    "arc",   "slru"};
  Rng rng(seed);
  os::SystemConfig config = config_of(kFrames, rng.below(3) == 0 ? 0 : 400);
  config.kernel.policy = kPolicies[rng.below(kPolicies.size())];
  config.kernel.zero_page = rng.below(2) == 0;
  config.kernel.exact = rng.below(2) == 0;
  config.kernel.contents = rng.below(4) != 0;
  config.kernel.levels = rng.below(3) == 0 ? 5 : 4;
  config.kernel.resident_limit = rng.below(3) == 0 ? 60 : 0;
  config.kernel.overcommit.mode = mm::Overcommit::Always;
  config.on_violation = os::OnViolation::RecordOnly;
  config.cpu.protection_keys = rng.below(3) == 0;
  config.cpu.structure_caches = {static_cast<std::uint32_t>(rng.below(3)),
                                 static_cast<std::uint32_t>(rng.below(3)),
                                 static_cast<std::uint32_t>(rng.below(4))};
  if (rng.below(2) == 0) {  // a TLB that stores do not pass through
    const std::array<bool, kPageSizes> all{true, true, true};
    config.cpu.tlb.tlbs[0].kinds = {false, true, true, true};
    config.cpu.tlb.tlbs.push_back(
        {.name = "itlb", .level = 1, .kinds = {true, false, false, false}, .arrays = {{8, 2, all}}});
  }
  return config;
}

struct RefusingHooks final : mm::Hooks {
  mm::MappingAnswer on_mapping(const mm::MappingRequest& request) override {
    return request.page.value() % 7 == 0 ? mm::MappingAnswer::Refuse : mm::MappingAnswer::Allow;
  }
};

// One of the two systems, and what its handlers saw.
struct Side {
  Side(const os::SystemConfig& config, bool shortcut) : booted(with(config, shortcut)) {}
  static os::SystemConfig with(os::SystemConfig config, bool shortcut) {
    config.fault_shortcut = shortcut;
    return config;
  }
  os::System& system() { return *booted.system; }

  Booted booted;
  RefusingHooks hooks;
  std::uint64_t asked = 0;
};

using Words = std::vector<std::uint64_t>;

template <class Counters>
void append_counters(Words& words, const Counters& counters) {
  static_assert(sizeof(Counters) % sizeof(std::uint64_t) == 0 && std::is_trivially_copyable_v<Counters>);
  const std::size_t before = words.size();
  words.resize(before + sizeof(Counters) / sizeof(std::uint64_t));
  std::memcpy(&words[before], &counters, sizeof(Counters));
}

// What the core has cached, in its order, and counted.
Words core_of(Side& side) {
  Words words;
  const auto& mmu = side.system().cpu().mmu();
  append_counters(words, mmu.walks());
  append_counters(words, side.system().cpu().counters());
  for (const auto& tlb : mmu.caches().tlbs().tlbs()) {
    words.insert(words.end(), {tlb.lookups, tlb.misses});
    tlb.for_each([&](tlb::Tag tag, tlb::Entry page, tlb::Time used) {
      words.insert(words.end(), {tag, page.bits(), used});
    });
  }
  mmu.caches().structure_caches().for_each([&](std::uint64_t tag, paging::Level level, tlb::Entry upper) {
    words.insert(words.end(), {tag, level, upper.bits()});
  });
  return words;
}

Words counts_of(Side& side) {
  Words words{side.system().time_ns(), side.asked, side.system().violations().count()};
  append_counters(words, side.system().kernel().counters());
  append_counters(words, side.system().accesses());
  append_counters(words, side.system().out_of_memory());
  side.system().processes().for_each([&](os::Process& process) {
    append_counters(words, process.faults());
    words.push_back(static_cast<std::uint64_t>(process.state()));
    if (process.state() != os::ProcessState::Ended) append_counters(words, process.space().counters());
  });
  for (const os::Violation& violation : side.system().violations().latest())
    words.insert(words.end(), {violation.pid, violation.address.value(), violation.error_code,
                               static_cast<std::uint64_t>(violation.reason), violation.time_ns});
  return words;
}

Words memory_of(Side& side) {
  Words words;
  mm::Kernel& kernel = side.system().kernel();
  for (std::uint64_t address = 0; address < kernel.memory().size(); address += sizeof(std::uint64_t))
    words.push_back(kernel.memory().read64(PhysAddr(address)));
  for (std::uint64_t frame = 0; frame < kernel.frames().frames(); ++frame) {
    append_counters(words, kernel.frames()[FrameIndex(frame)]);
    append_counters(words, kernel.record(FrameIndex(frame)));
  }
  return words;
}

class Program {
 public:
  explicit Program(std::uint64_t seed)
      : rng_(seed), sides_{Side(config_of_case(seed), true), Side(config_of_case(seed), false)} {}

  void step() {
    const std::uint64_t page = rng_.below(kRegionPages);
    const std::uint64_t pages = 1 + rng_.below(std::min<std::uint64_t>(24, kRegionPages - page));
    const std::uint64_t at = kBase + page * kFrameBytes;
    const std::uint64_t bytes = pages * kFrameBytes;
    switch (rng_.below(40)) {
      case 0:
      case 1:
      case 2: return map(at, bytes);
      case 3: return call(os::call::kMunmap, {at, bytes});
      case 4: return call(os::call::kMprotect, {at, bytes, rng_.below(8)});
      case 5: return call(os::call::kMadvise, {at, bytes, abi::kDontNeed});
      case 6:
        return rng_.below(4) == 0 ? call(os::call::kMlock2, {at, bytes, rng_.below(2)}) : switch_process();
      case 7: return rng_.below(8) == 0 ? fork_or_end() : switch_process();
      case 8: return change_handlers();
      case 9: return call(os::call::kPkeyMprotect, {at, bytes, 3, rng_.below(3)});
      case 10: return map(kBase, kRegionPages * kFrameBytes);
      default: return access(page, at + rng_.below(kFrameBytes));
    }
  }
  void compare() {
    REQUIRE(counts_of(sides_[0]) == counts_of(sides_[1]));
    REQUIRE(core_of(sides_[0]) == core_of(sides_[1]));
  }
  void compare_memory() {
    REQUIRE(memory_of(sides_[0]) == memory_of(sides_[1]));
    for (Side& side : sides_) side.booted.check();
  }
  // Faults that the chain never saw.
  std::uint64_t shortcuts() { return sides_[0].system().fault_shortcuts(); }
  std::uint64_t chained_only() { return sides_[1].system().fault_shortcuts(); }

 private:
  os::Process* current(Side& side) {
    os::Process* process = side.system().processes().find(pid_);
    return process != nullptr && process->state() != os::ProcessState::Ended ? process : nullptr;
  }
  void call(std::uint64_t number, const os::CallArguments& arguments) {
    std::array<mm::CallResult, 2> results;
    for (std::size_t i = 0; i < 2; ++i)
      if (os::Process* process = current(sides_[i]))
        results[i] = sides_[i].system().call(*process, number, arguments);
    EXPECT_EQ(results[0].value, results[1].value);
    EXPECT(results[0].error == results[1].error);
  }
  void map(std::uint64_t at, std::uint64_t bytes) {
    std::uint64_t flags = abi::kMapFixed | abi::kMapAnonymous;
    flags |= rng_.below(5) == 0 ? abi::kMapShared : abi::kMapPrivate;
    if (rng_.below(6) == 0) flags |= abi::kMapGrowsDown;
    if (rng_.below(8) == 0) flags |= abi::kMapPopulate;
    const std::uint64_t rights = rng_.below(4) == 0 ? rng_.below(8) : 3;
    call(os::call::kMmap, {at, bytes, rights, flags, ~0ull, 0});
  }
  void switch_process() {
    std::vector<os::Pid> pids;
    sides_[0].system().processes().for_each([&](os::Process& process) { pids.push_back(process.pid()); });
    pid_ = pids[rng_.below(pids.size())];
    const auto pkru = static_cast<std::uint32_t>(rng_.below(3) == 0 ? rng_.below(64) : 0);
    for (Side& side : sides_)
      if (os::Process* process = current(side)) process->set_pkru(pkru);
  }
  void fork_or_end() {
    const bool forks = sides_[0].system().processes().size() < 4;
    for (Side& side : sides_) {
      os::Process* process = current(side);
      if (process == nullptr) continue;
      if (forks)
        side.system().processes().fork(*process);
      else if (pid_ != 1)
        side.system().processes().end(*process);
    }
  }
  // Those who have a say in faults come and go.
  void change_handlers() {
    const std::uint64_t what = rng_.below(6);
    const bool leaves = rng_.below(2) == 0;
    for (Side& side : sides_) {
      os::ExceptionPath& exceptions = side.system().exceptions();
      if (what == 0 || leaves) side.system().kernel().set_hooks(nullptr);
      if (what == 1) side.system().kernel().set_hooks(&side.hooks);
      if (what == 2 || leaves) side.system().set_page_fault_handler(nullptr);
      if (what == 3)
        side.system().set_page_fault_handler([&side](const os::PageFault& fault) {
          ++side.asked;
          return mm::FaultReply{fault.address.value() % 3 == 0 ? mm::FaultOutcome::ResolvedMajor
                                                               : mm::FaultOutcome::Pass};
        });
      os::Gate& own = gates_[&side];
      if (!own) own = exceptions.gate(mmu::Exception::kPageFault);
      if (what == 4 || leaves) exceptions.set_gate(mmu::Exception::kPageFault, own);
      if (what == 5)
        exceptions.set_gate(mmu::Exception::kPageFault, [&side, own](const os::TrapFrame& frame) {
          ++side.asked;
          return own(frame);
        });
    }
  }
  void access(std::uint64_t page, std::uint64_t address) {
    constexpr std::array kKinds = {AccessKind::Store, AccessKind::Store, AccessKind::Load, AccessKind::Fetch};
    const AccessKind kind = kKinds[rng_.below(kKinds.size())];
    const std::uint64_t run = rng_.below(3) == 0 ? std::min<std::uint64_t>(12, kRegionPages - page) : 1;
    for (std::uint64_t i = 0; i < run; ++i) access_once(address + i * kFrameBytes, kind);
  }
  void access_once(std::uint64_t address, AccessKind kind) {
    std::array<os::Accessed, 2> accessed;
    for (std::size_t i = 0; i < 2; ++i)
      if (os::Process* process = current(sides_[i]))
        accessed[i] = sides_[i].system().access(*process, VirtAddr(address), kind, VirtAddr(0x400000));
    EXPECT(accessed[0].end == accessed[1].end);
    EXPECT_EQ(accessed[0].physical.value(), accessed[1].physical.value());
    EXPECT_EQ(accessed[0].faults, accessed[1].faults);
    EXPECT_EQ(accessed[0].was_major, accessed[1].was_major);
    EXPECT(accessed[0].reason == accessed[1].reason);
  }

  Rng rng_;
  std::array<Side, 2> sides_;
  std::map<Side*, os::Gate> gates_;
  os::Pid pid_ = 1;
};

PW_TEST(the_shortcut_leaves_everything_as_the_chain_does) {
  std::uint64_t shortcuts = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Program program(seed);
    for (std::uint64_t step = 1; step <= 1500; ++step) {
      program.step();
      if (step % 10 == 0) program.compare();
      if (step % 250 == 0) program.compare_memory();
    }
    shortcuts += program.shortcuts();
    EXPECT_EQ(program.chained_only(), 0);
  }
  EXPECT(shortcuts > 5000);
}

}  // namespace
}  // namespace pw::test
