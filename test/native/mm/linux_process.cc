// SPDX-License-Identifier: MIT
#include "linux_process.h"

#if defined(__linux__) && defined(__x86_64__)

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

namespace pw::test {

struct LinuxProcess::Exchange {
  LinuxCommand command;
  LinuxReply reply;
  std::uint64_t arena = 0;
  std::uint64_t pages = 0;
  int failure = 0;  // errno of what the child could not do at first
};

namespace {

// What follows runs in the child: no allocation, and raw system calls only, since anything else could change
// its maps.

constexpr std::uint64_t kPage = 4096;

struct Child {
  std::uint64_t arena = 0;
  std::uint64_t pages = 0;
  int file = -1;
  std::uint64_t window = 0;  // all of the file, outside the arena
  std::uint64_t file_pages = 0;
  int user_faults = -1;
  char maps[1 << 20];
  alignas(4096) unsigned char source[64 * 4096];  // of UserCopy
};
Child child;
sigjmp_buf retreat;
volatile std::uint64_t last_signal = 0;

long raw(long number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0,
         std::uint64_t e = 0, std::uint64_t f = 0) {
  return syscall(number, a, b, c, d, e, f);
}

void on_signal(int signal, siginfo_t* info, void*) {
  last_signal =
      kSignaled | static_cast<std::uint64_t>(signal) << 8 | static_cast<std::uint64_t>(info->si_code);
  siglongjmp(retreat, 1);
}

__attribute__((no_sanitize("address", "undefined"))) std::uint64_t touch(std::uint64_t address, bool store,
                                                                         std::uint64_t value) {
  if (sigsetjmp(retreat, 1) != 0) return last_signal;
  auto* const byte = reinterpret_cast<volatile unsigned char*>(address);
  if (store) *byte = static_cast<unsigned char>(value);
  return store ? value : *byte;
}

std::uint64_t parse_hex(const char*& at) {
  std::uint64_t value = 0;
  for (;; ++at) {
    if (*at >= '0' && *at <= '9')
      value = value * 16 + static_cast<std::uint64_t>(*at - '0');
    else if (*at >= 'a' && *at <= 'f')
      value = value * 16 + static_cast<std::uint64_t>(*at - 'a' + 10);
    else
      return value;
  }
}

std::size_t read_maps() {
  const int file =
      static_cast<int>(raw(SYS_open, reinterpret_cast<std::uint64_t>("/proc/self/maps"), O_RDONLY));
  std::size_t length = 0;
  for (;;) {
    const long got =
        raw(SYS_read, static_cast<std::uint64_t>(file), reinterpret_cast<std::uint64_t>(child.maps + length),
            sizeof child.maps - 1 - length);
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  raw(SYS_close, static_cast<std::uint64_t>(file));
  child.maps[length] = 0;
  return length;
}

// The VMAs of the arena. A line: first-end rights offset device inode name.
void report_vmas(LinuxReply& reply) {
  read_maps();
  reply.vmas = 0;
  for (const char* at = child.maps; *at != 0;) {
    LinuxVma vma;
    vma.first = parse_hex(at);
    vma.end = parse_hex(++at);
    memcpy(vma.rights, ++at, 4);
    at += 5;
    vma.offset = parse_hex(at) / kPage;
    while (*at != ' ' && *at != '\n') ++at;
    if (*at == ' ') ++at;
    while (*at != ' ' && *at != '\n') ++at;
    if (*at == ' ') ++at;
    vma.has_file = *at != '0';
    while (*at != '\n') ++at;
    ++at;
    if (vma.first < child.arena || vma.end > child.arena + child.pages * kPage) continue;
    if (reply.vmas < LinuxReply::kMostVmas) reply.vma[reply.vmas++] = vma;
  }
}

void report_residency(LinuxReply& reply) {
  memset(reply.residency, 0, child.pages);
  for (unsigned i = 0; i < reply.vmas; ++i) {
    const LinuxVma& vma = reply.vma[i];
    raw(SYS_mincore, vma.first, vma.end - vma.first,
        reinterpret_cast<std::uint64_t>(reply.residency + (vma.first - child.arena) / kPage));
  }
  for (std::uint64_t page = 0; page < child.pages; ++page) reply.residency[page] &= 1;
  raw(SYS_mincore, child.window, child.file_pages * kPage, reinterpret_cast<std::uint64_t>(reply.cached));
}

// The bytes that were done, with kPartly if it was not all of them.
template <class Request>
long fill_user(unsigned long number, Request& request, const __s64& done) {
  if (ioctl(child.user_faults, number, &request) == 0) return done;
  return errno == EAGAIN ? static_cast<long>(kPartly | static_cast<std::uint64_t>(done)) : -1;
}

long execute_user(const LinuxCommand& command) {
  const std::uint64_t* a = command.arguments;
  const uffdio_range range{a[0], a[1]};
  switch (command.call) {
    case LinuxCall::UserRegister: {
      uffdio_register request{range, a[2], 0};
      return ioctl(child.user_faults, UFFDIO_REGISTER, &request);
    }
    case LinuxCall::UserUnregister: return ioctl(child.user_faults, UFFDIO_UNREGISTER, &range);
    case LinuxCall::UserCopy: {
      memset(child.source, static_cast<int>(a[3]), sizeof child.source);
      uffdio_copy request{a[0], reinterpret_cast<std::uint64_t>(child.source), a[1], a[2], 0};
      return fill_user(UFFDIO_COPY, request, request.copy);
    }
    case LinuxCall::UserZero: {
      uffdio_zeropage request{range, a[2], 0};
      return fill_user(UFFDIO_ZEROPAGE, request, request.zeropage);
    }
    case LinuxCall::UserContinue: {
      uffdio_continue request{range, a[2], 0};
      return fill_user(UFFDIO_CONTINUE, request, request.mapped);
    }
    case LinuxCall::UserProtect: {
      uffdio_writeprotect request{range, a[2]};
      return ioctl(child.user_faults, UFFDIO_WRITEPROTECT, &request);
    }
    default: return ioctl(child.user_faults, UFFDIO_WAKE, &range);
  }
}

void execute(const LinuxCommand& command, LinuxReply& reply) {
  const std::uint64_t* a = command.arguments;
  errno = 0;
  long result = 0;
  switch (command.call) {
    case LinuxCall::Mmap: {
      const std::uint64_t file = a[4] != 0 ? static_cast<std::uint64_t>(child.file) : ~0ull;
      result = raw(SYS_mmap, a[0], a[1], a[2], a[3], file, a[5]);
      break;
    }
    case LinuxCall::Munmap: result = raw(SYS_munmap, a[0], a[1]); break;
    case LinuxCall::Mprotect: result = raw(SYS_mprotect, a[0], a[1], a[2]); break;
    case LinuxCall::Mremap: result = raw(SYS_mremap, a[0], a[1], a[2], a[3], a[4]); break;
    case LinuxCall::Madvise: result = raw(SYS_madvise, a[0], a[1], a[2]); break;
    case LinuxCall::Mlock: result = raw(SYS_mlock2, a[0], a[1], a[2]); break;
    case LinuxCall::Munlock: result = raw(SYS_munlock, a[0], a[1]); break;
    case LinuxCall::Msync: result = raw(SYS_msync, a[0], a[1], a[2]); break;
    case LinuxCall::Touch: result = static_cast<long>(touch(a[0], a[1] != 0, a[2])); break;
    case LinuxCall::Fork:
    case LinuxCall::Exit:
    case LinuxCall::Quit: break;
    default: result = execute_user(command);
  }
  reply.value = static_cast<std::uint64_t>(result);
  reply.error = result == -1 && command.call != LinuxCall::Touch ? errno : 0;
}

// Calls until Exit or Quit. Fork recurses: the parent waits for its child's Exit.
template <class Exchange>
bool serve(Exchange& exchange, int commands, int replies) {
  char byte = 0;
  for (;;) {
    if (raw(SYS_read, static_cast<std::uint64_t>(commands), reinterpret_cast<std::uint64_t>(&byte), 1) != 1)
      return false;
    const LinuxCall call = exchange.command.call;
    if (call == LinuxCall::Quit) return false;
    if (call == LinuxCall::Exit) return true;
    if (call == LinuxCall::Fork) {
      const pid_t pid = fork();
      if (pid > 0) {
        int status = 0;
        while (waitpid(pid, &status, 0) < 0) continue;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) return false;
      }
    }
    execute(exchange.command, exchange.reply);
    report_vmas(exchange.reply);
    report_residency(exchange.reply);
    raw(SYS_write, static_cast<std::uint64_t>(replies), reinterpret_cast<std::uint64_t>(&byte), 1);
  }
}

constexpr std::uint64_t kGuard = MAP_SHARED | MAP_ANONYMOUS;

// The highest room becomes the arena: every hole above it is filled.
bool make_arena() {
  const std::uint64_t pages = child.pages + 2;
  const long reserved = raw(SYS_mmap, 0, pages * kPage, PROT_NONE, kGuard, ~0ull);
  if (reserved == -1) return false;
  const auto start = static_cast<std::uint64_t>(reserved);
  for (;;) {
    const long filler = raw(SYS_mmap, 0, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ull);
    if (filler == -1) return false;
    if (static_cast<std::uint64_t>(filler) > start) continue;
    raw(SYS_munmap, static_cast<std::uint64_t>(filler), kPage);
    break;
  }
  child.arena = start + kPage;
  return raw(SYS_munmap, child.arena, child.pages * kPage) == 0;
}

// Faults of its ranges end in SIGBUS, so that nobody waits.
bool open_user_faults(std::uint64_t features) {
  child.user_faults = static_cast<int>(raw(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY));
  uffdio_api api{UFFD_API, features, 0};
  return child.user_faults >= 0 && ioctl(child.user_faults, UFFDIO_API, &api) == 0;
}

// What a sanitizer's runtime keeps once a signal has come is mapped now; later it would lie in the arena, whose holes
// are the highest there are.
bool take_a_signal() {
  const long page = raw(SYS_mmap, 0, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ull);
  if (page == -1) return false;
  const auto address = static_cast<std::uint64_t>(page);
  return touch(address, false, 0) == last_signal && raw(SYS_munmap, address, kPage) == 0;
}

bool prepare(const LinuxSetup& setup) {
  const std::uint64_t file_pages = setup.file_pages;
  const std::uint64_t lock_limit = setup.lock_limit;
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  static unsigned char stack[65536];
  const stack_t alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  if (sigaltstack(&alternate, nullptr) != 0 || sigaction(SIGSEGV, &action, nullptr) != 0 ||
      sigaction(SIGBUS, &action, nullptr) != 0)
    return false;
  child.file = static_cast<int>(raw(SYS_memfd_create, reinterpret_cast<std::uint64_t>("twin"), 0));
  if (child.file < 0 || ftruncate(child.file, static_cast<off_t>(file_pages * kPage)) != 0) return false;
  child.file_pages = file_pages;
  child.window = static_cast<std::uint64_t>(
      raw(SYS_mmap, 0, file_pages * kPage, PROT_READ, MAP_SHARED, static_cast<std::uint64_t>(child.file)));
  const rlimit locked{lock_limit, lock_limit};
  if (setrlimit(RLIMIT_MEMLOCK, &locked) != 0) return false;
  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return false;  // no CAP_IPC_LOCK
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  if (setup.user_fault_features != 0 && !open_user_faults(setup.user_fault_features)) return false;
  return take_a_signal() && make_arena();
}

bool is_recent(std::string& reason) {
  utsname name{};
  unsigned major = 0;
  unsigned minor = 0;
  uname(&name);
  if (sscanf(name.release, "%u.%u", &major, &minor) == 2 && (major > 6 || (major == 6 && minor >= 17)))
    return true;
  reason = std::string("the rules of merging and moving VMAs are those of Linux 6.17 and later, this is ") +
           name.release;
  return false;
}

}  // namespace

std::optional<LinuxProcess> LinuxProcess::start(const LinuxSetup& setup, std::string& reason) {
  if (!is_recent(reason)) return std::nullopt;
  void* const shared =
      ::mmap(nullptr, sizeof(Exchange), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int commands[2];
  int replies[2];
  if (shared == MAP_FAILED || pipe(commands) != 0 || pipe(replies) != 0) {
    reason = "no pipe or shared memory can be had";
    return std::nullopt;
  }
  LinuxProcess process;
  process.exchange_ = new (shared) Exchange();
  process.exchange_->pages = setup.arena_pages;
  process.pid_ = fork();
  if (process.pid_ == 0) {
    ::close(commands[1]);
    ::close(replies[0]);
    child.pages = setup.arena_pages;
    const bool ready = prepare(setup);
    process.exchange_->arena = child.arena;
    process.exchange_->failure = ready ? 0 : errno;
    char byte = 0;
    raw(SYS_write, static_cast<std::uint64_t>(replies[1]), reinterpret_cast<std::uint64_t>(&byte), 1);
    _exit(ready && serve(*process.exchange_, commands[0], replies[1]) ? 1 : 0);
  }
  ::close(commands[0]);
  ::close(replies[1]);
  process.commands_ = commands[1];
  process.replies_ = replies[0];
  char byte = 0;
  if (process.pid_ < 0 || ::read(process.replies_, &byte, 1) != 1 || process.exchange_->failure != 0) {
    reason = std::string("the process cannot be set up: ") + strerror(process.exchange_->failure);
    return std::nullopt;
  }
  return process;
}

LinuxProcess::LinuxProcess(LinuxProcess&& other) noexcept
    : exchange_(std::exchange(other.exchange_, nullptr)),
      commands_(std::exchange(other.commands_, -1)),
      replies_(std::exchange(other.replies_, -1)),
      pid_(std::exchange(other.pid_, -1)) {}

LinuxProcess::~LinuxProcess() {
  if (commands_ >= 0) ::close(commands_);  // the child reads the end and leaves, and so do its parents
  if (replies_ >= 0) ::close(replies_);
  if (pid_ > 0) {
    int status = 0;
    waitpid(pid_, &status, 0);
  }
  if (exchange_ != nullptr) ::munmap(exchange_, sizeof(Exchange));
}

std::uint64_t LinuxProcess::arena() const { return exchange_->arena; }

const LinuxReply& LinuxProcess::call(const LinuxCommand& command) {
  exchange_->command = command;
  char byte = 0;
  const bool answered = ::write(commands_, &byte, 1) == 1 && ::read(replies_, &byte, 1) == 1;
  if (!answered) exchange_->reply.error = -1;
  return exchange_->reply;
}

}  // namespace pw::test

#else

namespace pw::test {

struct LinuxProcess::Exchange {};

std::optional<LinuxProcess> LinuxProcess::start(const LinuxSetup&, std::string& reason) {
  reason = "this is not Linux on x86-64";
  return std::nullopt;
}
LinuxProcess::LinuxProcess(LinuxProcess&&) noexcept {}
LinuxProcess::~LinuxProcess() = default;
std::uint64_t LinuxProcess::arena() const { return 0; }
const LinuxReply& LinuxProcess::call(const LinuxCommand&) {
  static const LinuxReply reply;
  return reply;
}

}  // namespace pw::test

#endif
