// SPDX-License-Identifier: MIT
// Bytes of every compression: recognized, refused, damaged, cut short, one after the other, from a pipe.
#include "trace/source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "support.h"
#include "support/shared.h"
#include "trace/formats/checksum.h"
#include "trace/sha256.h"

namespace pw::test {
namespace {

constexpr std::string_view kLine = "I  0401ab70,3\n";

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

std::string compressed_ls(const std::string& suffix) {
  return bytes_of(require_shared("traces/ls-tiny.lackey" + suffix));
}

const char* const kSuffixes[] = {".gz", ".xz", ".zst"};

std::optional<Error> error_of(const std::string& path, trace::OpenOptions options = {}) {
  auto opened = trace::Trace::open(path, std::move(options));
  if (!opened.ok()) return opened.error();
  return drain(*opened.value()).error;
}

PW_TEST(compression_is_told_by_content_not_by_suffix) {
  const std::string names[] = {"gzip", "xz", "zstd"};
  for (int i = 0; i < 3; ++i) {
    const TemporaryFile file(".lackey.bin", compressed_ls(kSuffixes[i]));
    EXPECT_EQ(name_of(open_or_fail(file.path())->compression()), names[i]);
  }
  const TemporaryFile plain(".zst", kLine);
  EXPECT(open_or_fail(plain.path())->compression() == trace::Compression::None);
}

PW_TEST(another_compression_than_asked_for_is_refused) {
  const TemporaryFile plain(".lackey", kLine);
  EXPECT_EQ(error_of(plain.path(), {.compression = "gzip"})->code, ErrorCode::TraceCompression);
  const auto gz = require_shared("traces/ls-tiny.lackey.gz").string();
  EXPECT_EQ(error_of(gz, {.compression = "xz"})->code, ErrorCode::TraceCompression);
  EXPECT_EQ(error_of(gz, {.compression = "none"})->code, ErrorCode::TraceCompression);
  EXPECT(!error_of(gz, {.compression = "gzip"}));
  EXPECT_EQ(error_of(gz, {.compression = "brotli"})->code, ErrorCode::UnknownName);
}

PW_TEST(streams_that_follow_one_another_are_read_through) {
  for (const char* suffix : kSuffixes) {
    const std::string once = compressed_ls(suffix);
    const TemporaryFile file(suffix, once + once);
    const Drained found = drain(*open_or_fail(file.path()));
    EXPECT(!found.error);
    EXPECT_EQ(found.counts.records, 2 * 199995u);
  }
}

PW_TEST(compressed_streams_that_are_cut_are_truncated) {
  for (const char* suffix : kSuffixes) {
    const std::string whole = compressed_ls(suffix);
    for (const std::size_t left : {whole.size() - 1, whole.size() - 9, whole.size() / 2, whole.size() / 7}) {
      const TemporaryFile file(suffix, whole.substr(0, left));
      const auto error = error_of(file.path());
      REQUIRE(error.has_value());
      EXPECT_EQ(error->code, ErrorCode::TraceTruncated);
      EXPECT(error->offset.has_value());
    }
  }
}

PW_TEST(compressed_streams_that_are_damaged_are_refused) {
  for (const char* suffix : kSuffixes) {
    std::string bytes = compressed_ls(suffix);
    for (std::size_t i = 0; i < 64; ++i) bytes[bytes.size() / 2 + i] = static_cast<char>(i * 37);
    const TemporaryFile file(suffix, bytes);
    const auto error = error_of(file.path());
    REQUIRE(error.has_value());
    // Damage can also make text that is no trace before the checksum is reached.
    EXPECT(error->code == ErrorCode::TraceCorrupt || error->code == ErrorCode::TraceMalformed);
  }
}

PW_TEST(rubbish_behind_a_compressed_stream_is_corrupt) {
  for (const char* suffix : kSuffixes) {
    const TemporaryFile file(suffix, compressed_ls(suffix) + "rubbish behind it");
    const auto error = error_of(file.path());
    REQUIRE(error.has_value());
    EXPECT_EQ(error->code, ErrorCode::TraceCorrupt);
  }
}

PW_TEST(every_cut_within_a_compressed_header_is_an_error) {
  for (const char* suffix : kSuffixes) {
    const std::string whole = compressed_ls(suffix);
    for (std::size_t left = 1; left < 40; ++left) {
      const TemporaryFile file(suffix, whole.substr(0, left));
      EXPECT(error_of(file.path()).has_value());
    }
  }
}

PW_TEST(files_that_are_not_there_or_empty_or_folders_are_refused) {
  const TemporaryFile empty;
  EXPECT_EQ(error_of(empty.path())->code, ErrorCode::TraceEmpty);
  EXPECT_EQ(error_of(empty.path() + ".missing")->code, ErrorCode::TraceNotFound);
  EXPECT_EQ(error_of(std::filesystem::temp_directory_path().string())->code, ErrorCode::TraceUnreadable);
  const TemporaryFile banner(".lackey", "==1== only a banner\n");
  EXPECT_EQ(error_of(banner.path())->code, ErrorCode::TraceEmpty);
}

PW_TEST(binary_rubbish_and_other_text_are_no_format_and_say_what_was_found) {
  const TemporaryFile elf(".lackey", std::string("\x7f"
                                                 "ELF\x02\x01\x01\x00\x00",
                                                 9));
  const auto error = error_of(elf.path());
  EXPECT_EQ(error->code, ErrorCode::TraceFormat);
  EXPECT(error->message.find("binary data that begins with 7f 45 4c 46") != std::string::npos);
  const TemporaryFile text(".lackey", "once upon a time\nthere was\n");
  EXPECT(error_of(text.path())->message.find("text that begins with \"once upon a time\"") !=
         std::string::npos);
  EXPECT_EQ(error_of(text.path(), {.format = "lakcey"})->code, ErrorCode::UnknownName);
}

// A named pipe that a thread fills; `hold` keeps it open with nothing more to read.
class Pipe {
 public:
  explicit Pipe(std::string content) {
    std::filesystem::remove(file_.path());
    REQUIRE(::mkfifo(file_.path().c_str(), 0600) == 0);
    writer_ = std::thread([this, content = std::move(content)] {
      std::ofstream out(file_.path(), std::ios::binary);
      out << content << std::flush;
      while (hold) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
  }
  ~Pipe() {
    hold = false;
    writer_.join();
  }
  std::string path() const { return file_.path(); }
  std::atomic<bool> hold{false};

 private:
  TemporaryFile file_{".fifo"};
  std::thread writer_;
};

PW_TEST(a_pipe_is_read_once_and_a_second_pass_is_refused) {
  Pipe pipe(compressed_ls(".gz"));
  const auto trace = open_or_fail(pipe.path());
  EXPECT(!trace->seekable());
  EXPECT_EQ(trace->distinct_pages({}, PageSize::Size4KiB).error().code, ErrorCode::TraceNotSeekable);
  EXPECT_EQ(drain(*trace).counts.records, 199995u);
  EXPECT_EQ(drain(*trace).error->code, ErrorCode::TraceNotSeekable);
  EXPECT_EQ(trace->info().error().code, ErrorCode::TraceNotSeekable);
}

PW_TEST(cancelling_or_destroying_a_source_that_waits_for_a_pipe_does_not_hang) {
  // More than a pipe and the first look hold, so that the reader waits behind it.
  std::string text;
  while (text.size() < 200'000) text += kLine;
  Pipe pipe(text);
  pipe.hold = true;
  auto source = open_or_fail(pipe.path())->accesses({});
  REQUIRE(source.ok());
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    source.value()->cancel();
  });
  for (;;) {
    auto words = source.value()->next();
    if (!words.ok()) {
      EXPECT_EQ(words.error().code, ErrorCode::Aborted);
      break;
    }
  }
  canceller.join();
}

PW_TEST(destroying_a_source_in_the_middle_does_not_hang) {
  const auto trace = open_or_fail(require_shared("traces/ls-tiny.lackey").string());
  for (int i = 0; i < 20; ++i) {
    auto source = trace->accesses({});
    REQUIRE(source.ok());
    if (i % 2 == 0) EXPECT(source.value()->next().ok());
  }
}

PW_TEST(several_threads_read_one_trace_at_once) {
  const auto trace = open_or_fail(require_shared("traces/ls-tiny.lackey.zst").string());
  const Drained expected = drain(*trace);
  std::atomic<int> same{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { same += drain(*trace).words == expected.words; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(same.load(), 4);
}

PW_TEST(checksums_are_those_of_their_specifications) {
  EXPECT_EQ(trace::checksum_of(""), 0xef46db3751d8e999u);
  EXPECT_EQ(trace::checksum_of("abc"), 0x44bc2cf5ad770999u);
  trace::Sha256 sha;
  EXPECT_EQ(sha.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  sha.add("abc");
  EXPECT_EQ(sha.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

PW_TEST(checksums_do_not_depend_on_how_bytes_are_cut) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 7));
  trace::Sha256 whole;
  whole.add(bytes);
  for (std::size_t a = 0; a < bytes.size(); ++a) {
    const std::string_view view(bytes);
    EXPECT_EQ(trace::Checksum().add(view.substr(0, a)).add(view.substr(a)).value(),
              trace::checksum_of(bytes));
    trace::Sha256 cut;
    cut.add(view.substr(0, a));
    cut.add(view.substr(a));
    EXPECT_EQ(cut.hex(), whole.hex());
  }
}

}  // namespace
}  // namespace pw::test
