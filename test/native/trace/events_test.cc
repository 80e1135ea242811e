// SPDX-License-Identifier: MIT
// Memory calls among accesses: read from what valgrind prints, kept by the packed form and by text, whatever is cut
// off or damaged.
#include "trace/event.h"

#include "base/rng.h"
#include "support.h"
#include "trace/formats/call_line.h"
#include "trace/formats/event_bytes.h"
#include "trace/formats/lackey.h"
#include "trace/text_writer.h"

namespace pw::test {
namespace {

using trace::Compress;
using trace::Event;
using trace::EventKind;

// As valgrind 3.19 prints it: results at once, on the next line, later, and with a thread's line behind them.
constexpr std::string_view kRecorded =
    "==3129== Lackey, an example Valgrind tool\n"
    "==3129== Command: ./t\n"
    "I  0401ab70,3\n"
    " S 1fff000748,8\n"
    "SYSCALL[3129,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000) \n"
    "SYSCALL[3129,1](257) sys_openat ( 4294967196, 0x4834(/lib/a (1), b.so), 524288 ) --> [async] ... \n"
    "SYSCALL[3129,1](257) ... [async] --> Success(0x3) \n"
    "SYSCALL[3129,1](0) sys_read ( 3, 0x1ffeffee18, 832 ) --> [async] ... \n"
    "SYSCALL[3129,1](0) ... [async] --> Success(0x340) \n"
    "SYSCALL[3129,1](9) sys_mmap ( 0x0, 16400, 1, 2050, 3, 0 ) --> [pre-success] Success(0x4837000) \n"
    "SYSCALL[3129,1](3) sys_close ( 3 )[sync] --> Success(0x0) \n"
    " L 04837ffc,8\n"  // crosses a page
    "SYSCALL[3129,1](334) unimplemented (by the kernel) syscall: 334! (ni_syscall)\n"
    " --> [pre-fail] Failure(0x26) \n"
    "SYSCALL[3129,1](9) sys_mmap ( 0x0, 0, 3, 34, 4294967295, 0 ) --> [pre-fail] Failure(0x16) \n"
    "SYSCALL[3129,1](28) sys_madvise ( 0x4837000, 8192, 4 ) --> [async] ... \n"
    "SYSCALL[3129,1](28) ... [async] --> Success(0x0) \n"
    "SYSCALL[3129,1](25) sys_mremap ( 0x4837000, 16400, 32768, 0x1 ) --> [pre-success] Success(0x4940000) \n"
    "SYSCALL[3129,1](30) sys_shmat ( 0, 0x0, 0 )[sync] --> Success(0x483c000) \n"
    "SYSCALL[3129,1](56) sys_clone ( 3d0f00, 0x525cf70, 0x525d990, 0x525d990, 0x525d6c0 ) --> [pre-success] "
    "Success(0xc3e) I  0494eb42,3\n"
    "SYSCALL[3129,2](10) sys_mprotect ( 0x4940000, 4096, 1 )[sync] --> Success(0x0) \n"
    "\n"
    "SYSCALL[3129,2](60) exit( 0 ) --> [pre-success] Success(0x0) \n"
    "SYSCALL[3129,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x4a28a10, 0x0 )   clone(fork): process 3129 created "
    "child 3135\n"
    " --> [pre-success] Success(0xc3f) \n"
    "SYSCALL[3135,1](11) sys_munmap ( 0x4940000, 4096 )[sync] --> Success(0x0) \n"
    " L 1fff000748,8\n"
    "SYSCALL[3135,1](59) sys_execve ( 0x10a011(/bin/true), 0x1fff000600, 0x1fff000798 )\n"
    "==3135== Command: /bin/true\n"
    "SYSCALL[3129,1](61) sys_wait4 ( 3135, 0x1fff000624, 0, 0x0 ) --> [async] ... \n"
    "==3129== Process terminating with default action of signal 11 (SIGSEGV)\n";

std::vector<Event> expected_events() {
  constexpr std::uint32_t kParent = 3129, kChild = 3135;
  return {
      {EventKind::Brk, false, kParent, 2, {0}, 0x4035000},
      {EventKind::Mmap, false, kParent, 2, {0, 16400, 1, 2050, 3, 0}, 0x4837000, "/lib/a (1), b.so"},
      {EventKind::Mmap, true, kParent, 4, {0, 0, 3, 34, 4294967295, 0}, 22},
      {EventKind::Madvise, false, kParent, 4, {0x4837000, 8192, 4}, 0},
      {EventKind::Mremap, false, kParent, 4, {0x4837000, 16400, 32768, 1}, 0x4940000},
      {EventKind::Shmat, false, kParent, 4, {0, 0, 0, 0}, 0x483c000},
      {EventKind::Mprotect, false, kParent, 5, {0x4940000, 4096, 1}, 0},
      {EventKind::Fork, false, kParent, 5, {}, kChild},
      {EventKind::Switch, false, kChild, 5},
      {EventKind::Munmap, false, kChild, 5, {0x4940000, 4096}, 0},
      {EventKind::Exec, false, kChild, 6},
      {EventKind::Switch, false, kParent, 6},
      {EventKind::Exit, false, kParent, 6, {trace::kKilled + 11}},
  };
}

struct Read {
  std::vector<PackedAccess> words;
  std::vector<Event> events;  // with positions in all words
  std::optional<Error> error;
};

Read read_all(const trace::Trace& trace, const trace::Selection& selection = {}) {
  Read out;
  auto source = trace.accesses(selection);
  if (!source.ok()) return {{}, {}, source.error()};
  for (;;) {
    auto words = source.value()->next();
    if (!words.ok()) {
      out.error = words.error();
      return out;
    }
    for (Event event : source.value()->events()) {
      event.position += out.words.size();
      out.events.push_back(std::move(event));
    }
    if (words.value().empty()) return out;
    out.words.insert(out.words.end(), words.value().begin(), words.value().end());
  }
}

void expect_same(const Read& a, const Read& b) {
  EXPECT(!a.error && !b.error);
  EXPECT(a.words == b.words);
  EXPECT_EQ(a.events.size(), b.events.size());
  EXPECT(a.events == b.events);
}

// A text with events of all kinds, as the writer prints them.
std::string random_text(std::uint64_t seed, std::size_t accesses, std::uint64_t one_in) {
  Rng rng(seed);
  std::string text;
  for (std::size_t i = 0; i < accesses; ++i) {
    if (rng.below(one_in) == 0) {
      Event event;
      event.kind = static_cast<EventKind>(rng.below(trace::kEventKinds));
      event.pid = 1 + static_cast<std::uint32_t>(rng.below(3));
      const auto& info = trace::info_of(event.kind);
      for (unsigned k = 0; k < info.arguments; ++k) event.arguments[k] = rng.next() >> rng.below(64);
      if (info.has_result) event.result = rng.next() >> rng.below(64);
      event.failed = trace::is_call(event.kind) && info.has_result && rng.below(4) == 0;
      if (event.kind == EventKind::Map || (event.kind == EventKind::Mmap && !(event.arguments[3] & 0x20)))
        event.file = "/lib/lib" + std::to_string(rng.below(9)) + ".so";
      if (event.kind == EventKind::Exit) event.arguments[0] &= 0xff;
      text += trace::text_of(event);
    }
    const char* kinds[] = {"I  ", " L ", " S ", " M "};
    char line[64];
    std::snprintf(line, sizeof line, "%s%08llx,%u\n", kinds[rng.below(4)],
                  static_cast<unsigned long long>(rng.next() >> 20),
                  static_cast<unsigned>(1 + rng.below(16)));
    text += line;
  }
  return text + trace::text_of({EventKind::Exit, false, 1});
}

std::vector<Compress> variants() {
  if (!has_decoder(trace::Compression::Zstd)) return {Compress::No};
  return {Compress::No, Compress::Yes};
}

PW_TEST(calls_are_read_as_valgrind_prints_them) {
  const TextTrace text(kRecorded);
  EXPECT(text.trace->has_events());
  const Read read = read_all(*text.trace);
  if (read.error) record_failure(__FILE__, __LINE__, read.error->message);
  REQUIRE(!read.error.has_value());
  EXPECT_EQ(read.words.size(), 6u);
  const auto expected = expected_events();
  REQUIRE(read.events.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!(read.events[i] == expected[i]))
      record_failure(__FILE__, __LINE__, "event " + std::to_string(i) + ": " + text_of(read.events[i]));
  }
}

PW_TEST(calls_without_an_event_and_without_a_result_are_counted) {
  const auto info = TextTrace(kRecorded).trace->info();
  REQUIRE(info.ok());
  const trace::EventCounts& events = info.value().events;
  EXPECT_EQ(events.events(), 13u);
  EXPECT_EQ(events.failed, 1u);
  EXPECT_EQ(events.unrelated, 6u);  // openat, read, close, 334, clone of a thread, wait4
  const auto cut =
      TextTrace(std::string(kRecorded) + "SYSCALL[3129,1](11) sys_munmap ( 0x1000, 1 ) --> [async] ... \n")
          .trace->info();
  REQUIRE(cut.ok());
  EXPECT_EQ(cut.value().events.cut, 1u);
}

PW_TEST(text_without_calls_has_no_events) {
  const TextTrace text(
      "==12== Lackey\nI  0401ab70,3\n==12== Process terminating with default action of signal 9\n");
  EXPECT(!text.trace->has_events());
  EXPECT_EQ(read_all(*text.trace).events.size(), 0u);
}

PW_TEST(calls_that_do_not_parse_are_refused_with_their_line) {
  const std::pair<std::string_view, std::string_view> wrong[] = {
      {"SYSCALL[1,1](9) sys_mmap ( 0x0, x, 3 ) --> [pre-success] Success(0x1) \n", "numbers"},
      {"SYSCALL[1,1](9) sys_mmap\n", "a system call"},
      {"SYSCALL[1,1](9) sys_mmap ( 0x0 ) --> [pre-success] Succ\n", "a system call"},
      {"SYSCALL[1](9) sys_mmap ( 0x0 )\n", "a system call"},
      {" --> nothing\n", "a result"},
      {"==1== pagewalk: begins ( 0x1 )\n", "begin, map or switch"},
      {"==1== pagewalk: map ( 0x1\n", "begin, map or switch"},
  };
  for (const auto& [line, expected] : wrong) {
    const TextTrace text("I  0401ab70,3\n" + std::string(line) + "I  0401ab70,3\n");
    const Read read = read_all(*text.trace);
    REQUIRE(read.error.has_value());
    EXPECT_EQ(read.error->code, ErrorCode::TraceMalformed);
    EXPECT_EQ(read.error->line.value_or(0), 2u);
    EXPECT(read.error->message.find(expected) != std::string::npos);
    const TextTrace skipped("I  0401ab70,3\n" + std::string(line),
                            {.format = "lackey", .on_error = trace::OnError::Skip});
    EXPECT(!read_all(*skipped.trace).error.has_value());
  }
}

PW_TEST(text_packed_and_text_again_hold_the_same) {
  const std::string texts[] = {std::string(kRecorded), random_text(1, 1000, 3), random_text(2, 150'000, 50),
                               random_text(3, 30'000, 1)};
  for (const std::string& content : texts) {
    const TextTrace text(content);
    const Read original = read_all(*text.trace);
    const TemporaryFile rewritten(".lackey");
    REQUIRE(trace::convert_to_text(*text.trace, rewritten.path(), {}).ok());
    expect_same(original, read_all(*open_or_fail(rewritten.path())));
    for (const Compress compress : variants()) {
      const TemporaryFile packed(".pwt");
      auto info = trace::convert(*text.trace, packed.path(), {.compress = compress});
      REQUIRE(info.ok());
      const auto opened = open_or_fail(packed.path());
      EXPECT(opened->has_events());
      expect_same(original, read_all(*opened));
      EXPECT(opened->info().value().events == info.value().events);
      const TemporaryFile back(".lackey");
      REQUIRE(trace::convert_to_text(*opened, back.path(), {}).ok());
      expect_same(original, read_all(*open_or_fail(back.path())));
    }
  }
}

PW_TEST(events_keep_their_places_among_selected_words) {
  const std::string content = random_text(4, 200'000, 100);
  const TextTrace text(content);
  const Read whole = read_all(*text.trace);
  for (const trace::Selection selection :
       {trace::Selection{.refs = trace::Refs::Data}, trace::Selection{.refs = trace::Refs::Fetch},
        trace::Selection{.limit = 70'000, .crossing = trace::Crossing::First}}) {
    Read expected;
    std::size_t next = 0;
    std::uint64_t records = 0;
    for (std::size_t i = 0; i <= whole.words.size(); ++i) {
      for (; next < whole.events.size() && whole.events[next].position == i; ++next) {
        expected.events.push_back(whole.events[next]);
        expected.events.back().position = expected.words.size();
      }
      if (i == whole.words.size()) break;
      const PackedAccess word = whole.words[i];
      if (!is_second_half(word) && records++ == selection.limit) break;
      if (selection.crossing == trace::Crossing::First && is_second_half(word)) continue;
      const bool fetch = kind_of(word) == AccessKind::Fetch;
      if (selection.refs == trace::Refs::All || fetch == (selection.refs == trace::Refs::Fetch))
        expected.words.push_back(word);
    }
    const TemporaryFile packed(".pwt");
    REQUIRE(trace::convert(*text.trace, packed.path(), {}).ok());
    const Read in_place = read_all(*open_or_fail(packed.path()), selection);
    expect_same(expected, in_place);
    // A reader of text stops at the last line wanted, so it may not see the calls right behind it.
    Read decoded = read_all(*text.trace, selection);
    if (selection.limit)
      decoded.events.insert(decoded.events.end(),
                            expected.events.begin() + static_cast<std::ptrdiff_t>(decoded.events.size()),
                            expected.events.end());
    expect_same(expected, decoded);
  }
}

PW_TEST(no_damage_of_a_packed_trace_with_events_goes_unnoticed) {
  const TextTrace text(random_text(5, 300, 4));
  for (const Compress compress : variants()) {
    const TemporaryFile packed(".pwt");
    REQUIRE(trace::convert(*text.trace, packed.path(), {.compress = compress}).ok());
    const std::string bytes = packed.read();
    const auto noticed = [](const std::string& damaged) {
      const TemporaryFile file(".pwt", damaged);
      auto opened = trace::Trace::open(file.path());
      return !opened.ok() || read_all(*opened.value()).error.has_value();
    };
    for (std::size_t at = 0; at<bytes.size(); at += bytes.size()> 9000 ? 3 : 1) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      if (!noticed(damaged)) record_failure(__FILE__, __LINE__, "byte " + std::to_string(at));
      if (!noticed(bytes.substr(0, at))) record_failure(__FILE__, __LINE__, "cut at " + std::to_string(at));
    }
  }
}

// What a section may hold is checked behind its checksum too.
PW_TEST(payloads_of_events_that_are_none_are_refused_without_harm) {
  Rng rng(6);
  std::string good;
  std::uint64_t before = 0;
  std::vector<Event> events;
  for (const Event& event : expected_events()) {
    trace::packed::append_event(good, event, before);
    before = event.position;
  }
  const auto count = static_cast<std::uint32_t>(expected_events().size());
  REQUIRE(trace::packed::decode_events(good, count, 6, events, 0).ok());
  EXPECT(events == expected_events());
  for (std::uint32_t other : {count - 1, count + 1})
    EXPECT(!trace::packed::decode_events(good, other, 6, events = {}, 0).ok());
  EXPECT(!trace::packed::decode_events(good, count, 5, events = {}, 0).ok());
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = good;
    for (std::uint64_t changes = 1 + rng.below(4); changes > 0; --changes)
      damaged[rng.below(damaged.size())] = static_cast<char>(rng.next());
    damaged.resize(rng.below(8) ? damaged.size() : rng.below(damaged.size()));
    events.clear();
    (void)trace::packed::decode_events(damaged, count, 6, events, 0);
    for (std::size_t k = 0; k < events.size(); ++k)
      EXPECT(events[k].position <= 6 && (k == 0 || events[k - 1].position <= events[k].position));
  }
}

PW_TEST(damaged_lines_of_calls_never_do_harm) {
  Rng rng(7);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged(kRecorded);
    for (std::uint64_t changes = 1 + rng.below(6); changes > 0; --changes) {
      const std::size_t at = rng.below(damaged.size());
      switch (rng.below(3)) {
        case 0: damaged[at] = static_cast<char>(rng.next()); break;
        case 1: damaged.erase(at, 1 + rng.below(30)); break;
        default:
          damaged.insert(at, std::string(kRecorded.substr(rng.below(kRecorded.size()), rng.below(60))));
      }
    }
    damaged.resize(rng.below(2) ? damaged.size() : rng.below(damaged.size()));
    trace::LackeyReader reader({.on_error = rng.below(2) ? trace::OnError::Skip : trace::OnError::Stop});
    trace::Batch batch(trace::Sizes::Kept);
    std::vector<char> text(damaged.begin(), damaged.end());
    text.resize(damaged.size() + trace::kSlack);
    (void)reader.decode({text.data(), damaged.size()}, trace::End::Last, batch);
    for (const Event& event : batch.events) EXPECT(event.position <= batch.count);
  }
}

PW_TEST(a_long_list_of_events_takes_several_sections) {
  std::string text;
  for (unsigned i = 0; i < 30'000; ++i)
    text += trace::text_of({EventKind::Map, false, 1, 0, {i * 0x1000ull, 4096, 3, 2, 0}, 0, "/lib/some.so"});
  const TextTrace trace(text + " L 00001000,8\n");
  const TemporaryFile packed(".pwt");
  REQUIRE(trace::convert(*trace.trace, packed.path(), {}).ok());
  expect_same(read_all(*trace.trace), read_all(*open_or_fail(packed.path())));
  // And read as from a pipe.
  if (has_decoder(trace::Compression::Zstd)) {
    REQUIRE(trace::convert(*trace.trace, packed.path(), {.compress = Compress::Yes}).ok());
    expect_same(read_all(*trace.trace), read_all(*open_or_fail(packed.path())));
  }
}

}  // namespace
}  // namespace pw::test
