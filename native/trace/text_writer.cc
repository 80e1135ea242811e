// SPDX-License-Identifier: MIT
#include "trace/text_writer.h"

#include <charconv>

#include "base/hex.h"
#include "trace/formats/call_reader.h"
#include "trace/formats/lackey.h"

namespace pw::trace {
namespace {

constexpr std::uint64_t kAnonymous = 0x20;  // MAP_ANONYMOUS

std::string list_of(const Event& event) {
  std::string list;
  for (unsigned i = 0; i < info_of(event.kind).arguments; ++i)
    list += (i == 0 ? "" : ", ") + hex(event.arguments[i]);
  return list;
}

std::string call(const Event& event, unsigned number, std::string_view name, std::string_view arguments,
                 bool failed, std::uint64_t result) {
  return std::string(kCallPrefix) + std::to_string(event.pid) + ",1](" + std::to_string(number) + ") sys_" +
         std::string(name) + " ( " + std::string(arguments) + " )" + std::string(kResultPrefix) +
         (failed ? "[pre-fail] Failure(" : "[pre-success] Success(") + hex(result) + ") \n";
}

std::string own_line(const Event& event) {
  return "==" + std::to_string(event.pid) + "== " + std::string(kOwnLine) + std::string(name_of(event.kind)) +
         " ( " + list_of(event) + " )" + (event.file.empty() ? "" : " " + event.file) + "\n";
}

// Numbers of the calls on x86-64, by kind.
unsigned number_of(EventKind kind) {
  switch (kind) {
    case EventKind::Brk: return 12;
    case EventKind::Mmap: return 9;
    case EventKind::Munmap: return 11;
    case EventKind::Mprotect: return 10;
    case EventKind::Mremap: return 25;
    case EventKind::Madvise: return 28;
    case EventKind::Mlock: return 325;
    case EventKind::Munlock: return 150;
    case EventKind::Mlockall: return 151;
    case EventKind::Munlockall: return 152;
    case EventKind::Msync: return 26;
    case EventKind::Shmat: return 30;
    case EventKind::Shmdt: return 67;
    default: return 57;  // fork
  }
}

std::string memory_call(const Event& event) {
  const std::string_view name = event.kind == EventKind::Mlock ? "mlock2" : name_of(event.kind);
  const std::string line =
      call(event, number_of(event.kind), name, list_of(event), event.failed, event.result);
  if (event.kind == EventKind::Shmat) {
    const std::string wanted = "0x0, " + hex(event.arguments[3]) + ", 0x0";
    return call(event, 29, "shmget", wanted, false, event.arguments[0]) + line;
  }
  if (event.kind != EventKind::Mmap || (event.arguments[3] & kAnonymous)) return line;
  // The descriptor is opened before the call, so that it has its name.
  const std::uint64_t descriptor = event.arguments[4] & 0xffffffff;
  return call(event, 257, "openat", "4294967196, 0x0(" + event.file + "), 0", false, descriptor) + line +
         call(event, 3, "close", hex(descriptor), false, 0);
}

std::string exit_of(const Event& event) {
  if (event.arguments[0] < kKilled) return call(event, 231, "exit_group", hex(event.arguments[0]), false, 0);
  return "==" + std::to_string(event.pid) + "== Process terminating with default action of signal " +
         std::to_string(event.arguments[0] - kKilled) + "\n";
}

}  // namespace

std::string text_of(const Event& event) {
  switch (event.kind) {
    case EventKind::Switch:
    case EventKind::Begin:
    case EventKind::Map: return own_line(event);
    case EventKind::Exec:
      return std::string(kCallPrefix) + std::to_string(event.pid) +
             ",1](59) sys_execve ( 0x0, 0x0, 0x0 )\n==" + std::to_string(event.pid) + "== \n";
    case EventKind::Exit: return exit_of(event);
    default: return memory_call(event);
  }
}

Result<TextWriter> TextWriter::create(const std::string& path) {
  PW_TRY_ASSIGN(auto file, OutputFile::create(path));
  return TextWriter(std::move(file));
}

void TextWriter::append_words(const Batch& batch, std::size_t begin, std::size_t end) {
  constexpr int kDigits = 8;  // at least, as lackey prints addresses
  for (std::size_t i = begin; i < end; ++i) {
    const PackedAccess word = batch.words[i];
    if (is_second_half(word)) continue;
    const bool crosses = i + 1 < end && is_second_half(batch.words[i + 1]);
    std::uint64_t size = batch.sizes ? batch.sizes[i] : 0;
    if (size == 0) size = crosses ? kFrameBytes - (word & (kFrameBytes - 1)) + 1 : 1;
    const std::uint64_t address = address_of(word).value();
    char digits[16];
    const auto written = std::to_chars(digits, digits + sizeof digits, address, 16);
    const auto count = static_cast<std::size_t>(written.ptr - digits);
    text_ += prefix_of(kind_of(word));
    if (count < kDigits) text_.append(kDigits - count, '0');
    text_.append(digits, count);
    text_ += "," + std::to_string(size) + "\n";
  }
}

Status TextWriter::add(const Batch& batch) {
  std::size_t done = 0;
  for (const Event& event : batch.events) {
    append_words(batch, done, event.position);
    done = event.position;
    text_ += text_of(event);
  }
  append_words(batch, done, batch.count);
  const Status written = file_->write(text_);
  text_.clear();
  return written;
}

Status TextWriter::finish() { return file_->commit(); }

}  // namespace pw::trace
