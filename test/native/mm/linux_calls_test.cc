// SPDX-License-Identifier: MIT
// The memory calls against the kernel that runs this test: the same random sequences of mmap, munmap, mprotect,
// mremap, madvise, mlock, msync, loads, stores, fork and exit; after each call the value or errno, the VMAs and the
// resident pages are compared. Once more with a userfaultfd whose ranges are registered, filled and protected meanwhile.
//
// PAGEWALK_LINUX_CALLS sets the number of calls (CI: 6,000; docs/design/address-spaces.md has a long run).
#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "base/hex.h"
#include "base/rng.h"
#include "linux_process.h"
#include "mm/calls/user_range.h"
#include "sim_process.h"
#include "support/test.h"

namespace pw::test {
namespace {

namespace abi = mm::abi;
using mm::AddressSpace;

constexpr std::uint64_t kArenaPages = 4096;
constexpr std::uint64_t kFilePages = 40;
constexpr std::uint64_t kLockLimit = 64 * kFrameBytes;
constexpr std::size_t kMostForks = 4;

// The simulated side: the same arena, and nothing else that could be had.
struct Twin {
  Twin(std::uint64_t arena, bool unpopulated)
      : kernel({.memory_bytes = 256 << 20, .contents = true}, translations),
        file{kernel.make_object(mm::ObjectKind::SharedMemory, "twin", kFilePages * kFrameBytes)} {
    mm::Limits limits;
    limits.locked = kLockLimit;
    auto space = AddressSpace::make(kernel, limits);
    const PageRange arena_pages = PageRange::of(VirtPage(arena / kFrameBytes), kArenaPages);
    space->layout().mmap_base = arena_pages.end;
    guard = kernel.make_object(mm::ObjectKind::SharedMemory, "guard", 0);
    const std::uint32_t flags = mm::vm::kShared | mm::vm::kMayShare;
    space->insert({.range = {VirtPage(16), arena_pages.first}, .object = guard, .flags = flags});
    space->insert({.range = {arena_pages.end, space->layout().user_end}, .object = guard, .flags = flags});
    processes.push_back(std::move(space));
    user = current().open_user_faults({.raises_bus_errors = true, .protects_unpopulated = unpopulated});
  }
  using PageRange = mm::PageRange;

  AddressSpace& current() { return *processes.back(); }

  NoTranslations translations;
  mm::Kernel kernel;
  mm::OpenFile file;
  std::shared_ptr<mm::VmObject> guard;
  std::vector<std::unique_ptr<AddressSpace>> processes;
  std::shared_ptr<mm::UserFaults> user;  // the first process's, whoever calls
};

struct Answer {
  std::uint64_t value = 0;
  int error = 0;
};

Answer of(mm::CallResult result) {
  if (result.ok()) return {result.value, 0};
  return {~0ull, static_cast<int>(result.error)};
}
Answer of(mm::Errno error) {
  return error == mm::Errno::None ? Answer{} : Answer{~0ull, static_cast<int>(error)};
}

Answer of(mm::Filled filled) {
  if (filled.error == mm::Errno::None) return {filled.bytes, 0};
  return filled.error == mm::Errno::Eagain ? Answer{kPartly | filled.bytes, 0} : of(filled.error);
}

Answer touch_twin(AddressSpace& space, const std::uint64_t* a) {
  constexpr std::uint64_t kSegv = 11, kBus = 7, kBusAdrErr = 2;
  std::uint8_t value = static_cast<std::uint8_t>(a[2]);
  const Touched touched = a[1] != 0 ? store(space, a[0], value) : load(space, a[0], &value);
  if (touched.outcome == mm::FaultOutcome::SegmentationFault)
    return {kSignaled | kSegv << 8 | static_cast<std::uint64_t>(touched.code), 0};
  if (touched.outcome == mm::FaultOutcome::BusError) return {kSignaled | kBus << 8 | kBusAdrErr, 0};
  return {value, touched.ok() ? 0 : -1};
}

Answer execute_user(mm::UserFaults& user, const LinuxCommand& command) {
  const std::uint64_t* a = command.arguments;
  const std::vector<std::byte> source(a[1] < 1 << 20 ? a[1] : 0, std::byte(a[3]));
  switch (command.call) {
    case LinuxCall::UserRegister: return of(mm::register_user_range(user, a[0], a[1], a[2]));
    case LinuxCall::UserUnregister: return of(mm::unregister_user_range(user, a[0], a[1]));
    case LinuxCall::UserCopy: return of(mm::copy_to_user_range(user, a[0], a[1], source, a[2]));
    case LinuxCall::UserZero: return of(mm::zero_user_range(user, a[0], a[1], a[2]));
    case LinuxCall::UserContinue: return of(mm::continue_user_range(user, a[0], a[1], a[2]));
    case LinuxCall::UserProtect: return of(mm::protect_user_range(user, a[0], a[1], a[2]));
    default: return of(mm::wake_user_range(user, a[0], a[1]));
  }
}

Answer execute(Twin& twin, const LinuxCommand& command) {
  AddressSpace& space = twin.current();
  const std::uint64_t* a = command.arguments;
  switch (command.call) {
    case LinuxCall::Mmap:
      return of(mm::mmap(space, {a[0], a[1], a[2], a[3], a[4] != 0 ? &twin.file : nullptr, a[5]}));
    case LinuxCall::Munmap: return of(mm::munmap(space, a[0], a[1]));
    case LinuxCall::Mprotect: return of(mm::mprotect(space, a[0], a[1], a[2]));
    case LinuxCall::Mremap: return of(mm::mremap(space, {a[0], a[1], a[2], a[3], a[4]}));
    case LinuxCall::Madvise: return of(mm::madvise(space, a[0], a[1], a[2]));
    case LinuxCall::Mlock: return of(mm::mlock(space, a[0], a[1], a[2]));
    case LinuxCall::Munlock: return of(mm::munlock(space, a[0], a[1]));
    case LinuxCall::Msync: return of(mm::msync(space, a[0], a[1], a[2]));
    case LinuxCall::Touch: return touch_twin(space, a);
    case LinuxCall::Fork: twin.processes.push_back(mm::fork(space)); return {};
    case LinuxCall::Exit:
    case LinuxCall::Quit: break;
    default: return execute_user(*twin.user, command);
  }
  return {};
}

// Random calls about the arena, most of them sensible.
class Calls {
 public:
  Calls(std::uint64_t seed, std::uint64_t arena, bool handles_faults)
      : rng_(seed), arena_(arena), handles_faults_(handles_faults) {}

  LinuxCommand next(std::size_t forks) {
    for (;;)
      if (const LinuxCommand command = any(forks); is_harmless(command)) return command;
  }

 private:
  // Whether the call cannot reach what the real process lives on.
  bool is_harmless(const LinuxCommand& command) const {
    const std::uint64_t* a = command.arguments;
    switch (command.call) {
      case LinuxCall::Mmap:
        if (!(a[3] & (abi::kMapFixed | abi::kMapFixedNoReplace))) return a[0] == 0 || stays(a[0], 4096);
        // A fixed address in the last page of all is its own error number to Linux (IS_ERR_VALUE).
        if (a[0] > ~4095ull) return false;
        return stays(a[0], a[1]) || a[0] % kFrameBytes != 0;
      case LinuxCall::Mremap: {
        const bool takes_new = (a[3] & abi::kMremapFixed) && a[4] % kFrameBytes == 0;
        if (takes_new && !stays(a[4], a[2])) return false;
        return stays(a[0], std::max<std::uint64_t>(a[1], 1)) || a[0] % kFrameBytes != 0;
      }
      case LinuxCall::Mlock:
      case LinuxCall::Munlock: return stays(a[0] & ~4095ull, a[1] + a[0] % 4096);
      case LinuxCall::Touch: return stays(a[0] & ~4095ull, 4096);
      case LinuxCall::Fork:
      case LinuxCall::Exit:
      case LinuxCall::Quit: return true;
      default: return stays(a[0], a[1]) || a[0] % kFrameBytes != 0;
    }
  }
  // Inside the arena, or around the end of all addresses, which every call refuses or ignores.
  bool stays(std::uint64_t address, std::uint64_t length) const {
    const std::uint64_t end = address + ((length + 4095) & ~4095ull);
    if (end <= address) return true;
    return address >= arena_ && end <= arena_ + kArenaPages * kFrameBytes;
  }

  LinuxCommand any(std::size_t forks) {
    if (handles_faults_ && rng_.below(5) < 2) return user_call();
    const std::uint64_t dice = rng_.below(100);
    if (dice < 22) return {LinuxCall::Mmap, {address(), length(), rights(), map_flags(), file_, offset_}};
    if (dice < 30) return {LinuxCall::Munmap, {address(), length()}};
    if (dice < 42) return {LinuxCall::Mprotect, {address(), length(), rights()}};
    if (dice < 52) return mremap();
    if (dice < 64) return {LinuxCall::Madvise, {address(), length(), advice()}};
    if (dice < 68) return {LinuxCall::Mlock, {address(), length(), rng_.below(8) == 0 ? rng_.below(3) : 0}};
    if (dice < 71) return {LinuxCall::Munlock, {address(), length()}};
    if (dice < 73) return {LinuxCall::Msync, {address(), length(), rng_.below(8)}};
    if (dice < 75 && forks < kMostForks) return {LinuxCall::Fork, {}};
    if (dice < 77 && forks > 0) return {LinuxCall::Exit, {}};
    return {LinuxCall::Touch, {address() + rng_.below(4096), rng_.below(2), rng_.below(256)}};
  }

  // Calls crowd in a quarter of the arena, so that they meet.
  std::uint64_t address() {
    if (rng_.below(40) == 0) return odd();
    const std::uint64_t page =
        rng_.below(8) == 0 ? rng_.below(kArenaPages) : kArenaPages - 1 - rng_.below(400);
    return arena_ + page * kFrameBytes;
  }
  std::uint64_t length() {
    if (rng_.below(40) == 0) return odd();
    const std::uint64_t bytes = (1 + rng_.below(rng_.below(4) == 0 ? 60 : 8)) * kFrameBytes;
    return rng_.below(6) == 0 ? bytes - rng_.below(4096) : bytes;
  }
  std::uint64_t odd() {
    constexpr std::array<std::uint64_t, 12> kOdd = {0,
                                                    1,
                                                    4095,
                                                    4097,
                                                    ~0ull,
                                                    ~0ull - 4095,
                                                    1ull << 63,
                                                    1ull << 47,
                                                    (1ull << 47) - 4096,
                                                    0xffff'8000'0000'0000,
                                                    ~0ull - 4096,
                                                    (1ull << 47) - 8192};
    const std::uint64_t value = kOdd[rng_.below(kOdd.size())];
    return rng_.below(3) == 0 ? arena_ + rng_.below(kArenaPages * kFrameBytes) : value;
  }
  std::uint64_t rights() {
    if (rng_.below(30) == 0) return rng_.next();
    constexpr std::array<std::uint64_t, 8> kUsual = {0, 1, 3, 3, 3, 5, 7, 2};
    return kUsual[rng_.below(kUsual.size())];
  }
  std::uint64_t map_flags() {
    file_ = rng_.below(4) == 0;
    offset_ = file_ != 0 ? rng_.below(kFilePages + 8) * kFrameBytes : 0;
    if (rng_.below(50) == 0) offset_ += rng_.below(2) == 0 ? 1 : ~0ull - 8191;
    std::uint64_t flags = file_ != 0 ? 0 : abi::kMapAnonymous;
    flags |= rng_.below(4) == 0 ? abi::kMapShared : abi::kMapPrivate;
    if (rng_.below(30) == 0) flags ^= rng_.below(8);  // MAP_DROPPABLE, 8, is left out
    if (rng_.below(3) == 0) flags |= rng_.below(6) == 0 ? abi::kMapFixedNoReplace : abi::kMapFixed;
    if (rng_.below(6) == 0) flags |= abi::kMapPopulate;
    if (rng_.below(20) == 0) flags |= abi::kMapGrowsDown;
    if (rng_.below(30) == 0) flags |= abi::kMapLocked;
    if (rng_.below(30) == 0) flags |= abi::kMapNoReserve;
    if (rng_.below(40) == 0) flags |= abi::kMapStack;
    return flags;
  }
  LinuxCommand user_call() {
    const std::uint64_t at = address();
    const std::uint64_t bytes = rng_.below(20) == 0 ? length() : (1 + rng_.below(12)) * kFrameBytes;
    const bool odd_mode = rng_.below(40) == 0;
    switch (rng_.below(16)) {
      case 0:
      case 1:
      case 2:
      case 3: return {LinuxCall::UserRegister, {at, bytes, odd_mode ? rng_.below(16) : 1 + rng_.below(7)}};
      case 4: return {LinuxCall::UserUnregister, {at, bytes}};
      case 5:
      case 6:
      case 7:
      case 8: return {LinuxCall::UserCopy, {at, bytes, rng_.below(odd_mode ? 8 : 4), rng_.below(256)}};
      case 9:
      case 10: return {LinuxCall::UserZero, {at, bytes, rng_.below(odd_mode ? 4 : 2)}};
      case 11: return {LinuxCall::UserContinue, {at, bytes, rng_.below(odd_mode ? 8 : 4)}};
      case 12:
      case 13:
      case 14: return {LinuxCall::UserProtect, {at, bytes, rng_.below(odd_mode ? 8 : 2)}};
      default: return {LinuxCall::UserWake, {at, bytes}};
    }
  }
  LinuxCommand mremap() {
    std::uint64_t flags = rng_.below(2);
    if (rng_.below(3) == 0) flags = abi::kMremapMayMove | abi::kMremapFixed;
    if (rng_.below(12) == 0) flags |= abi::kMremapDontUnmap;
    if (rng_.below(40) == 0) flags = rng_.below(16);
    const std::uint64_t old_length = rng_.below(15) == 0 ? 0 : length();
    const std::uint64_t new_length = rng_.below(3) == 0 ? old_length : length();
    return {LinuxCall::Mremap, {address(), old_length, new_length, flags, address()}};
  }
  // MADV_MERGEABLE depends on how the kernel was built, MADV_COLD and MADV_PAGEOUT on whether it has swap and a
  // mind to use it; MADV_REMOVE of shared anonymous memory and of a memfd frees pages at once.
  std::uint64_t advice() {
    constexpr std::array<std::uint64_t, 16> kUsual = {
        abi::kNormal,   abi::kRandom,   abi::kSequential,   abi::kWillNeed,
        abi::kDontNeed, abi::kDontNeed, abi::kDontNeed,     abi::kRemove,
        abi::kDontFork, abi::kDoFork,   abi::kWipeOnFork,   abi::kKeepOnFork,
        abi::kDontDump, abi::kDoDump,   abi::kPopulateRead, abi::kPopulateWrite};
    if (rng_.below(40) == 0) return 26 + rng_.below(60);
    return kUsual[rng_.below(kUsual.size())];
  }

  Rng rng_;
  std::uint64_t arena_;
  bool handles_faults_;
  std::uint64_t file_ = 0;
  std::uint64_t offset_ = 0;
};

std::string shown(const LinuxCommand& command) {
  constexpr const char* kNames[] = {"mmap",       "munmap",  "mprotect", "mremap",   "madvise",
                                    "mlock2",     "munlock", "msync",    "touch",    "register",
                                    "unregister", "copy",    "zero",     "continue", "protect",
                                    "wake",       "fork",    "exit",     "quit"};
  std::ostringstream out;
  out << kNames[static_cast<int>(command.call)];
  for (const std::uint64_t argument : command.arguments) out << ' ' << hex(argument);
  return out.str();
}

// The VMAs of the arena in the form of /proc/self/maps.
std::vector<std::string> vmas_of(AddressSpace& space, std::uint64_t arena) {
  std::vector<std::string> lines;
  const mm::PageRange pages = mm::PageRange::of(VirtPage(arena / kFrameBytes), kArenaPages);
  for (const mm::Vma* vma = space.vmas().find(pages.first); vma != nullptr && vma->range.first < pages.end;
       vma = vma->next) {
    std::string rights;
    rights += vma->has(mm::vm::kRead) ? 'r' : '-';
    rights += vma->has(mm::vm::kWrite) ? 'w' : '-';
    rights += vma->has(mm::vm::kExec) ? 'x' : '-';
    rights += vma->has(mm::vm::kMayShare) ? 's' : 'p';
    const std::uint64_t offset = vma->object ? vma->offset : 0;
    lines.push_back(hex(vma->range.first.value()) + "-" + hex(vma->range.end.value()) + " " + rights + " " +
                    hex(offset) + (vma->object ? " file" : ""));
  }
  return lines;
}

std::vector<std::string> vmas_of(const LinuxReply& reply) {
  std::vector<std::string> lines;
  for (unsigned i = 0; i < reply.vmas; ++i) {
    const LinuxVma& vma = reply.vma[i];
    lines.push_back(hex(vma.first / kFrameBytes) + "-" + hex(vma.end / kFrameBytes) + " " + vma.rights + " " +
                    hex(vma.has_file ? vma.offset : 0) + (vma.has_file ? " file" : ""));
  }
  return lines;
}

// What we know of the page.
std::string about(AddressSpace& space, std::uint64_t address) {
  const VirtPage page = page_of(VirtAddr(address));
  const mm::Vma* vma = space.vmas().holding(page);
  if (vma == nullptr) return "in no VMA";
  const auto leaf = space.find_leaf(page);
  return "flags " + hex(vma->flags) + ", family " + std::to_string(vma->anon.id) + ", entry " +
         hex(leaf ? *leaf->slot : 0);
}

// Linux may drop a page of an object that nobody stored to and nobody maps whenever it likes, which ends a sequence
// early.
bool may_be_dropped(Twin& twin, mm::PagePlace place) {
  return place.is_frame() && !twin.kernel.reverse_map().is_mapped(place.frame()) &&
         !twin.kernel.frames()[place.frame()].is_dirty();
}

std::string first_difference_of_vmas(Twin& twin, const LinuxReply& reply, std::uint64_t arena) {
  const auto ours = vmas_of(twin.current(), arena);
  const auto theirs = vmas_of(reply);
  for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
    const std::string our = i < ours.size() ? ours[i] : "nothing";
    const std::string their = i < theirs.size() ? theirs[i] : "nothing";
    if (our != their) return "VMA " + std::to_string(i) + ": ours " + our + ", Linux's " + their;
  }
  return {};
}

bool is_resident(AddressSpace& space, std::uint64_t address) {
  std::uint8_t resident = 0;
  return mm::mincore(space, address, kFrameBytes, {&resident, 1}) == mm::Errno::None && resident != 0;
}

// What an object has for the page, where it may have been dropped.
bool may_be_dropped_at(Twin& twin, std::uint64_t address) {
  const VirtPage page = page_of(VirtAddr(address));
  const mm::Vma* vma = twin.current().vmas().holding(page);
  return vma != nullptr && vma->object && may_be_dropped(twin, vma->object->page(vma->page_in_object(page)));
}

// Pages that are resident on one side alone.
struct ResidencyDifference {
  std::string text;  // of the first that Linux did not drop
  bool is_dropped = false;
};
ResidencyDifference compare_residency(Twin& twin, const LinuxReply& reply, std::uint64_t arena) {
  ResidencyDifference difference;
  for (std::uint64_t page = 0; page < kArenaPages; ++page) {
    const std::uint64_t address = arena + page * kFrameBytes;
    const bool ours = is_resident(twin.current(), address), theirs = reply.residency[page] != 0;
    if (ours == theirs) continue;
    if (ours && may_be_dropped_at(twin, address)) {
      difference.is_dropped = true;
      continue;
    }
    difference.text = "page " + hex(address / kFrameBytes) + ": resident " + std::to_string(ours) +
                      " here, " + std::to_string(theirs) + " in Linux, " + about(twin.current(), address);
    break;
  }
  return difference;
}

// Which pages of the file are in the page cache; Linux has none that we do not have.
enum class PageCache { Equal, Dropped, Different };
PageCache compare_page_cache(Twin& twin, const LinuxReply& reply) {
  PageCache result = PageCache::Equal;
  for (std::uint64_t page = 0; page < kFilePages; ++page) {
    const mm::PagePlace place = twin.file.object->page(page);
    const bool theirs = (reply.cached[page] & 1) != 0;
    if (place.is_frame() == theirs) continue;
    if (theirs || !may_be_dropped(twin, place)) return PageCache::Different;
    result = PageCache::Dropped;
  }
  return result;
}

// A fault maps pages around it that are in the page cache (Linux's fault_around_bytes), which shows only where a handler
// has the range afterwards: such a page is mapped there and not here.
bool was_mapped_around(Twin& twin, const LinuxCommand& command, const Answer& ours,
                       const LinuxReply& theirs) {
  std::uint64_t address = command.arguments[0];
  AddressSpace* space = &twin.current();
  if (command.call == LinuxCall::Touch) {
    if (!(ours.value & kSignaled) || (theirs.value & kSignaled)) return false;
  } else {
    if (command.call < LinuxCall::UserCopy || command.call > LinuxCall::UserContinue) return false;
    if (ours.error != 0 || ours.value == theirs.value) return false;
    if (theirs.error == 0) address += theirs.value & ~kPartly;
    space = twin.user->space();
  }
  const VirtPage page = page_of(VirtAddr(address));
  const mm::Vma* vma = space->vmas().holding(page);
  return vma != nullptr && vma->user != nullptr && vma->object &&
         vma->object->page(vma->page_in_object(page)).is_frame();
}

// UFFD_FEATURE_SIGBUS and UFFD_FEATURE_WP_UNPOPULATED.
constexpr std::uint64_t kBusErrors = 1 << 7, kUnpopulated = 1 << 13;

struct Comparison {
  std::string difference;
  bool is_cut_short = false;  // what Linux did then was its own affair
};
Comparison compare_reply(Twin& twin, const LinuxCommand& command, const Answer& ours,
                         const LinuxReply& theirs, std::uint64_t arena) {
  const PageCache page_cache = compare_page_cache(twin, theirs);
  if (page_cache == PageCache::Dropped || was_mapped_around(twin, command, ours, theirs)) return {{}, true};
  if (ours.value != theirs.value || ours.error != theirs.error)
    return {"ours " + hex(ours.value) + " errno " + std::to_string(ours.error) + ", Linux's " +
            hex(theirs.value) + " errno " + std::to_string(theirs.error)};
  if (page_cache == PageCache::Different) return {"other pages of the file are in the page cache"};
  if (std::string difference = first_difference_of_vmas(twin, theirs, arena); !difference.empty())
    return {std::move(difference)};
  ResidencyDifference residency = compare_residency(twin, theirs, arena);
  return {std::move(residency.text), residency.is_dropped};
}

// The first call that differs; empty: none.
std::string compare(std::uint64_t seed, std::uint64_t calls, std::uint64_t user_fault_features,
                    std::string& skipped, unsigned& cut_short) {
  auto real = LinuxProcess::start({kArenaPages, kFilePages, kLockLimit, user_fault_features}, skipped);
  if (!real) return {};
  const std::uint64_t arena = real->arena();
  Twin twin(arena, (user_fault_features & kUnpopulated) != 0);
  Calls source(seed, arena, user_fault_features != 0);
  for (std::uint64_t i = 0; i < calls; ++i) {
    LinuxCommand command = source.next(twin.processes.size() - 1);
    if (command.call == LinuxCall::Exit) {
      twin.processes.pop_back();
      real->call(command);
      continue;
    }
    const LinuxReply& reply = real->call(command);
    const Answer answer = execute(twin, command);
    const bool is_full =
        answer.error == static_cast<int>(mm::Errno::Enomem) && reply.error == 0 && reply.value < arena;
    if (is_full) break;  // Linux found room below the arena
    const Comparison result = compare_reply(twin, command, answer, reply, arena);
    if (result.is_cut_short) ++cut_short;
    if (!result.difference.empty())
      return "seed " + std::to_string(seed) + ", call " + std::to_string(i) + " (arena " + hex(arena) +
             "): " + shown(command) + ": " + result.difference;
    if (result.is_cut_short) break;
  }
  const auto violations = mm::validate(twin.kernel);
  return violations.empty() ? std::string() : violations.front();
}

// Every other sequence has the first features, the others the second. One that Linux cut short is made once more: what it
// drops is mostly another time's affair. The reason, if all is to be skipped.
std::string compare_all(std::uint64_t first_features, std::uint64_t second_features) {
  const char* asked = std::getenv("PAGEWALK_LINUX_CALLS");
  const std::uint64_t calls = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 6000;
  constexpr std::uint64_t kCallsOfASeed = 1000;
  unsigned cut_short = 0;
  std::uint64_t seed = 0;
  for (; seed * kCallsOfASeed < calls; ++seed) {
    const std::uint64_t features = seed % 2 == 0 ? first_features : second_features;
    std::string skipped;
    unsigned cut = 0;
    std::string difference = compare(seed, kCallsOfASeed, features, skipped, cut);
    if (cut != 0) {
      cut = 0;
      difference = compare(seed, kCallsOfASeed, features, skipped, cut);
    }
    cut_short += cut;
    if (!skipped.empty()) return skipped;
    if (!difference.empty()) record_failure(__FILE__, __LINE__, difference);
  }
  EXPECT(cut_short <= 1 + seed / 20);
  return {};
}

PW_TEST(random_memory_calls_do_what_the_running_kernel_does) {
  if (const std::string reason = compare_all(0, 0); !reason.empty()) SKIP(reason);
}

PW_TEST(ranges_with_a_handler_do_what_the_running_kernels_userfaultfd_does) {
  const std::string reason = compare_all(kBusErrors, kBusErrors | kUnpopulated);
  if (!reason.empty()) SKIP(reason);
}

}  // namespace
}  // namespace pw::test
