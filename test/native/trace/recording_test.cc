// SPDX-License-Identifier: MIT
// Recording: what a program finds mapped, and logs of several processes read while they are written.
#include "trace/record/recording.h"

#include "support.h"
#include "trace/record/process_maps.h"

#ifndef _WIN32

#include <sys/stat.h>

#include <thread>

namespace pw::test {
namespace {

using trace::Event;
using trace::EventKind;

PW_TEST(a_program_finds_its_segments_its_heap_and_its_stack) {
  const auto events = trace::events_of_maps(
      "00108000-0010c000 r--p 00000000 fe:00 260180                             /usr/bin/da sh\n"
      "0010c000-0011f000 r-xp 00004000 fe:00 260180                             /usr/bin/dash\n"
      "00128000-0012a000 rw-p 00000000 00:00 0 \n"
      "00130000-00131000 rw-s 00001000 fe:00 7                                  /dev/shm/x\n"
      "04035000-04036000 rwxp 00000000 00:00 0 \n"
      "58000000-58001000 r--p 00000000 fe:00 341618                 "
      "/usr/libexec/valgrind/lackey-amd64-linux\n"
      "58001000-5819a000 r-xp 00001000 fe:00 341618                 "
      "/usr/libexec/valgrind/lackey-amd64-linux\n"
      "58232000-58c25000 rw-p 00000000 00:00 0 \n"
      "1002001000-1002401000 rwxp 00000000 00:00 0 \n"
      "1ffefff000-1fff001000 rw-p 00000000 00:00 0 \n"
      "7fff69a0f000-7fff69a30000 rw-p 00000000 00:00 0                          [stack]\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
      7);
  const auto map = [](std::uint64_t start, std::uint64_t bytes, std::uint64_t rights, std::uint64_t flags,
                      std::uint64_t offset, std::string file) {
    return Event{EventKind::Map, false, 7, 0, {start, bytes, rights, flags, offset}, 0, std::move(file)};
  };
  const std::vector<Event> expected = {
      {EventKind::Begin, false, 7, 0, {0x4035000}},
      map(0x108000, 0x4000, 1, 2, 0, "/usr/bin/da sh"),
      map(0x10c000, 0x13000, 5, 2, 0x4000, "/usr/bin/dash"),
      map(0x128000, 0x2000, 3, 0x22, 0, ""),
      map(0x130000, 0x1000, 3, 1, 0x1000, "/dev/shm/x"),
      map(0x58001000, 0x199000, 5, 2, 0x1000, "/usr/libexec/valgrind/lackey-amd64-linux"),
      map(0x1ffefff000, 0x2000, 3, 0x122, 0, ""),
  };
  EXPECT(events == expected);
}

// Process numbers that no process has.
constexpr std::uint32_t kParent = 4'000'000'001, kChild = 4'000'000'002;

struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / "pagewalk-recording-test") {
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string of(const std::string& name) const { return (path / name).string(); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(of(name), std::ios::binary) << text;
  }
  std::filesystem::path path;
};

std::string line_of(std::uint32_t pid) { return "==" + std::to_string(pid) + "== Lackey, an example\n"; }
std::string call_of(std::uint32_t pid, std::string_view rest) {
  return "SYSCALL[" + std::to_string(pid) + ",1](1) " + std::string(rest);
}

PW_TEST(logs_of_processes_that_fork_and_exec_become_one_trace) {
  const Folder folder;
  const std::string parent = std::to_string(kParent), child = std::to_string(kChild);
  REQUIRE(::mkfifo(folder.of(parent).c_str(), 0600) == 0);
  std::thread program([&] {
    std::ofstream log(folder.of(parent));
    log << line_of(kParent) << "I  00001000,4\n"
        << call_of(kParent, "sys_fork ( )   fork: process 1 created child 2\n") << std::flush;
    folder.write(child, line_of(kChild) + " --> [pre-success] Success(0x0) \n L 00002000,8\n" +
                            call_of(kChild, "sys_execve ( 0x1(/bin/x), 0x2, 0x3 )"));
    // The file gives way to a FIFO before the new program opens its log.
    while (!std::filesystem::is_fifo(folder.of(child))) std::this_thread::yield();
    std::ofstream(folder.of(child)) << line_of(kChild) << " S 00003000,8\n"
                                    << call_of(kChild, "exit_group( 0 ) --> [pre-success] Success(0x0) \n");
    log << " --> [pre-success] Success(" << std::hex << "0x" << kChild << ") \n M 00004000,8\n"
        << call_of(kParent, "exit_group( 1 ) --> [pre-success] Success(0x0) \nnot a line\n") << std::flush;
    log.close();
    folder.write("ended", "");
  });
  const TemporaryFile out(".pwt");
  auto recorded = trace::record({.folder = folder.path.string(), .pid = kParent, .output = out.path()});
  program.join();
  if (!recorded.ok()) record_failure(__FILE__, __LINE__, recorded.error().message);
  REQUIRE(recorded.ok());
  EXPECT_EQ(recorded.value().counts.records, 4u);
  EXPECT_EQ(recorded.value().skipped, 1u);
  const auto trace = open_or_fail(out.path());
  auto source = trace->accesses({});
  auto words = source.value()->next();
  REQUIRE(words.ok());
  // Each process's accesses in their order, the child's behind the fork.
  std::map<std::uint32_t, std::string> kinds;
  std::uint32_t current = kParent;
  std::size_t position = 0;
  std::string order;
  const auto take_words = [&](std::size_t end) {
    for (; position < end; ++position)
      kinds[current] += "ILSM"[static_cast<unsigned>(kind_of(words.value()[position]))];
  };
  for (const Event& event : source.value()->events()) {
    take_words(event.position);
    current = event.pid;
    if (event.kind != EventKind::Switch)
      order += std::string(name_of(event.kind)) + (event.pid == kChild ? "' " : " ");
  }
  take_words(words.value().size());
  EXPECT_EQ(kinds[kParent], "IM");
  EXPECT_EQ(kinds[kChild], "LS");
  EXPECT(order.starts_with("begin fork "));
  EXPECT(order.find("exec' begin' exit' ") != std::string::npos);
}

PW_TEST(a_recording_of_nothing_and_an_aborted_one_leave_no_file) {
  const Folder folder;
  folder.write("ended", "");
  const std::string out = folder.of("out.pwt");
  auto empty = trace::record({.folder = folder.path.string(), .pid = kParent, .output = out});
  REQUIRE(!empty.ok());
  EXPECT_EQ(empty.error().code, ErrorCode::TraceEmpty);
  const std::atomic<bool> abort{true};
  auto aborted =
      trace::record({.folder = folder.path.string(), .pid = kParent, .output = out, .abort = &abort});
  REQUIRE(!aborted.ok());
  EXPECT_EQ(aborted.error().code, ErrorCode::Aborted);
  EXPECT(!std::filesystem::exists(out));
}

}  // namespace
}  // namespace pw::test

#endif
