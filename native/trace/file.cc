// SPDX-License-Identifier: MIT
#include "trace/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#ifdef _WIN32
#include <io.h>
#include <windows.h>
#else
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace pw::trace {
namespace {

constexpr std::size_t kMaxTransfer = std::size_t{1} << 30;  // system calls take no more at once everywhere

#ifdef _WIN32
// Paths are UTF-8 everywhere, as JavaScript gives them; the calls that take bytes would read them by the code page.
std::wstring wide(const char* path) {
  const int size = ::MultiByteToWideChar(CP_UTF8, 0, path, -1, nullptr, 0);
  std::wstring units(static_cast<std::size_t>(std::max(size, 1)), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, path, -1, units.data(), size);
  units.pop_back();  // the terminator
  return units;
}
int open_to_read(const char* path) { return ::_wopen(wide(path).c_str(), _O_RDONLY | _O_BINARY); }
int open_to_write(const char* path) {
  return ::_wopen(wide(path).c_str(), _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY, _S_IREAD | _S_IWRITE);
}
auto read_some(int fd, char* to, std::size_t n) { return ::_read(fd, to, static_cast<unsigned>(n)); }
auto write_some(int fd, const char* from, std::size_t n) {
  return ::_write(fd, from, static_cast<unsigned>(n));
}
int close_descriptor(int fd) { return ::_close(fd); }
bool seek_front(int fd) { return ::_lseeki64(fd, 0, SEEK_SET) == 0; }
int process_id() { return static_cast<int>(::GetCurrentProcessId()); }
bool is_regular(const struct _stat64& status) { return (status.st_mode & _S_IFMT) == _S_IFREG; }
bool is_directory(const struct _stat64& status) { return (status.st_mode & _S_IFMT) == _S_IFDIR; }
using FileStatus = struct _stat64;
int status_of(int fd, FileStatus* status) { return ::_fstat64(fd, status); }
void remove_file(const char* path) { ::_wremove(wide(path).c_str()); }
bool replace_file(const char* from, const char* to) {
  if (::MoveFileExW(wide(from).c_str(), wide(to).c_str(), MOVEFILE_REPLACE_EXISTING)) return true;
  errno = ::GetLastError() == ERROR_ACCESS_DENIED ? EACCES : EIO;
  return false;
}
#else
int open_to_read(const char* path) { return ::open(path, O_RDONLY | O_CLOEXEC); }
int open_to_write(const char* path) { return ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }
auto read_some(int fd, char* to, std::size_t n) { return ::read(fd, to, n); }
auto write_some(int fd, const char* from, std::size_t n) { return ::write(fd, from, n); }
int close_descriptor(int fd) { return ::close(fd); }
bool seek_front(int fd) { return ::lseek(fd, 0, SEEK_SET) == 0; }
int process_id() { return ::getpid(); }
using FileStatus = struct stat;
bool is_regular(const FileStatus& status) { return S_ISREG(status.st_mode); }
bool is_directory(const FileStatus& status) { return S_ISDIR(status.st_mode); }
int status_of(int fd, FileStatus* status) { return ::fstat(fd, status); }
void remove_file(const char* path) { std::remove(path); }
bool replace_file(const char* from, const char* to) { return std::rename(from, to) == 0; }
#endif

Error open_error(const std::string& path, int reason, const FileContent& content = {}) {
  const bool missing = reason == ENOENT || reason == ENOTDIR;
  return Error{
      .code = missing ? content.missing : content.unreadable,
      .message = "cannot open " + std::string(content.noun) + " " + path + ": " + std::strerror(reason),
      .file = path};
}

}  // namespace

Result<std::shared_ptr<InputFile>> InputFile::open(const std::string& path, const FileContent& content) {
  const int descriptor = path == kStandardInput ? 0 : open_to_read(path.c_str());
  if (descriptor < 0) return open_error(path, errno, content);
  std::shared_ptr<InputFile> file(new InputFile(path, content, descriptor));
  FileStatus status;
  if (status_of(descriptor, &status) != 0) return open_error(path, errno, content);
  if (is_directory(status)) return open_error(path, EISDIR, content);
  file->seekable_ = file->owned_ && is_regular(status);
  if (is_regular(status)) file->size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

InputFile::InputFile(std::string path, const FileContent& content, int descriptor)
    : path_(std::move(path)), content_(content), descriptor_(descriptor), owned_(path_ != kStandardInput) {}

InputFile::~InputFile() {
  if (owned_) close_descriptor(descriptor_);
}

Error InputFile::unreadable() const {
  return Error{
      .code = content_.unreadable,
      .message = "cannot read " + std::string(content_.noun) + " " + path_ + ": " + std::strerror(errno),
      .file = path_};
}

// Pipes are polled, so that cancel() is seen while nobody writes. False after cancel().
bool InputFile::wait_until_readable() const {
#ifndef _WIN32
  constexpr int kMilliseconds = 50;
  pollfd waiting{descriptor_, POLLIN, 0};
  while (!seekable_ && !cancelled_.load() && ::poll(&waiting, 1, kMilliseconds) == 0) {
  }
#endif
  return !cancelled_.load();
}

Result<std::size_t> InputFile::read_descriptor(std::span<char> into) {
  for (;;) {
    if (!wait_until_readable()) return Error{.code = ErrorCode::Aborted, .message = "reading was cancelled"};
    const auto bytes = read_some(descriptor_, into.data(), std::min(into.size(), kMaxTransfer));
    if (bytes >= 0) return static_cast<std::size_t>(bytes);
    if (errno != EINTR && errno != EAGAIN) return unreadable();
  }
}

Result<std::string_view> InputFile::peek(std::size_t bytes) {
  while (peeked_.size() < bytes) {
    const std::size_t before = peeked_.size();
    peeked_.resize(bytes);
    auto got = read_descriptor(std::span(peeked_).subspan(before));
    peeked_.resize(before + (got.ok() ? got.value() : 0));
    PW_TRY(got);
    if (got.value() == 0) break;
  }
  return std::string_view(peeked_).substr(0, bytes);
}

Result<std::size_t> InputFile::read(std::span<char> into) {
  std::size_t bytes = std::min(peeked_.size(), into.size());
  if (bytes > 0) {
    std::copy_n(peeked_.data(), bytes, into.data());
    peeked_.erase(0, bytes);
  } else {
    PW_TRY_ASSIGN(bytes, read_descriptor(into));
  }
  position_.fetch_add(bytes, std::memory_order_relaxed);
  return bytes;
}

#ifdef _WIN32

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  const HANDLE file = ::CreateFileW(wide(path.c_str()).c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr,
                                    OPEN_EXISTING, 0, nullptr);
  if (file == INVALID_HANDLE_VALUE) return open_error(path, ENOENT);
  LARGE_INTEGER size{};
  ::GetFileSizeEx(file, &size);
  const HANDLE mapping = ::CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr);
  ::CloseHandle(file);
  if (mapping == nullptr) return open_error(path, EACCES);
  const void* data = ::MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
  ::CloseHandle(mapping);
  if (data == nullptr) return open_error(path, ENOMEM);
  return std::shared_ptr<const MappedFile>(
      new MappedFile(static_cast<const char*>(data), static_cast<std::size_t>(size.QuadPart)));
}

MappedFile::~MappedFile() { ::UnmapViewOfFile(data_); }

#else

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  const int descriptor = open_to_read(path.c_str());
  if (descriptor < 0) return open_error(path, errno);
  struct stat status;
  const bool known = ::fstat(descriptor, &status) == 0;
  const std::size_t size = known ? static_cast<std::size_t>(status.st_size) : 0;
  void* data = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
  const int reason = errno;
  ::close(descriptor);
  if (data == MAP_FAILED) return open_error(path, reason);
  return std::shared_ptr<const MappedFile>(new MappedFile(static_cast<const char*>(data), size));
}

MappedFile::~MappedFile() { ::munmap(const_cast<char*>(data_), size_); }

#endif

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path) {
  // The process and the moment tell writers apart; O_EXCL catches what is left.
  const auto moment = std::chrono::steady_clock::now().time_since_epoch().count();
  const std::string temporary =
      path + "." + std::to_string(process_id()) + "-" + std::to_string(moment) + ".part";
  const int descriptor = open_to_write(temporary.c_str());
  std::unique_ptr<OutputFile> file(new OutputFile(path, temporary, descriptor));
  if (descriptor < 0) return file->failed("create");
  return file;
}

OutputFile::OutputFile(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  close_descriptor(descriptor_);
  remove_file(temporary_.c_str());
}

Error OutputFile::failed(std::string_view doing) const {
  return Error{.code = ErrorCode::WriteFailed,
               .message = "cannot " + std::string(doing) + " " + path_ + ": " + std::strerror(errno),
               .file = path_};
}

Status OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write_some(descriptor_, bytes.data(), std::min(bytes.size(), kMaxTransfer));
    if (written < 0 && errno != EINTR) return failed("write");
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

Status OutputFile::rewrite_front(std::string_view bytes) {
  if (!seek_front(descriptor_)) return failed("write");
  return write(bytes);
}

Status OutputFile::commit() {
  const bool closed = close_descriptor(descriptor_) == 0;
  descriptor_ = -1;
  if (closed && replace_file(temporary_.c_str(), path_.c_str())) return Done{};
  const Error error = failed("write");
  remove_file(temporary_.c_str());
  return error;
}

}  // namespace pw::trace
