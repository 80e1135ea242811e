// SPDX-License-Identifier: MIT
// Files as this layer needs them: read once or through a mapping, written under a temporary name.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pw::trace {

inline constexpr std::string_view kStandardInput = "-";

// What a file holds, and the codes of what keeps it from being read.
struct FileContent {
  std::string_view noun = "trace";
  ErrorCode missing = ErrorCode::TraceNotFound;
  ErrorCode unreadable = ErrorCode::TraceUnreadable;
};

// A file, pipe or standard input, read from front to end.
class InputFile {
 public:
  static Result<std::shared_ptr<InputFile>> open(const std::string& path, const FileContent& content = {});
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // At least one byte, or 0 at the end. ABORTED after cancel().
  Result<std::size_t> read(std::span<char> into);
  // The next bytes without taking them: as many as asked for unless the file ends before.
  Result<std::string_view> peek(std::size_t bytes);

  const std::string& path() const { return path_; }
  bool is_seekable() const { return seekable_; }
  std::uint64_t size() const { return size_; }  // 0 where it is not known
  // Callable from any thread.
  std::uint64_t position() const { return position_.load(std::memory_order_relaxed); }
  // Makes a read that waits on a pipe return.
  void cancel() { cancelled_.store(true); }

 private:
  InputFile(std::string path, const FileContent& content, int descriptor);
  Result<std::size_t> read_descriptor(std::span<char> into);
  bool wait_until_readable() const;
  Error unreadable() const;

  std::string path_;
  FileContent content_;
  int descriptor_;
  bool owned_;
  bool seekable_ = false;
  std::uint64_t size_ = 0;
  std::string peeked_;
  std::atomic<std::uint64_t> position_{0};
  std::atomic<bool> cancelled_{false};
};

// A whole file in memory, its pages read by the system as they are used. The file must keep its length meanwhile.
class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}
  const char* data_;
  std::size_t size_;
};

// Written beside its place under a name of its own; commit() gives it its name, destruction without it removes it.
class OutputFile {
 public:
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  Status write(std::string_view bytes);
  // Replaces the first bytes; nothing may be written after it.
  Status rewrite_front(std::string_view bytes);
  Status commit();

 private:
  OutputFile(std::string path, std::string temporary, int descriptor);
  Error failed(std::string_view doing) const;

  std::string path_;
  std::string temporary_;
  int descriptor_;
};

}  // namespace pw::trace
