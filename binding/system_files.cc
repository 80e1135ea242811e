// SPDX-License-Identifier: MIT
// Calls of lib/system.ts with names or buffers: files, shared memory, memory of other processes, regions.
#include <algorithm>
#include <string>
#include <vector>

#include "binding/bytes.h"
#include "binding/errors.h"
#include "binding/system_wrap.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

constexpr std::string_view kOpeners[] = {"open", "shm_open", "memfd_create"};

std::vector<std::byte> room_for(const Napi::Value& length) {
  return std::vector<std::byte>(static_cast<std::size_t>(unsigned_of(length, "length")));
}

Napi::Value error_to_js(Napi::Env env, mm::Errno error) {
  return to_js(env, static_cast<std::uint8_t>(error));
}

}  // namespace

// (pid, one of kOpeners, name, flags)
Napi::Value SystemWrap::open(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  os::Files& files = system_->files();
  const auto how = choice_of<std::uint8_t>(info[1], "open", kOpeners);
  const std::string name = text_of(info[2], "name");
  const std::uint64_t flags = unsigned_of(info[3], "flags");
  if (how == 0) return result_to_js(info.Env(), files.open(process, name, flags));
  if (how == 1) return result_to_js(info.Env(), files.shm_open(process, name, flags));
  return result_to_js(info.Env(), files.memfd_create(process, name));
}

Napi::Value SystemWrap::shm_unlink(const Napi::CallbackInfo& info) {
  return error_to_js(info.Env(), system_->files().shm_unlink(text_of(info[0], "name")));
}

// (path, size)
Napi::Value SystemWrap::create_file(const Napi::CallbackInfo& info) {
  return error_to_js(info.Env(),
                     system_->files().create(text_of(info[0], "path"), unsigned_of(info[1], "size")));
}

// (path, offset, bytes)
Napi::Value SystemWrap::write_file(const Napi::CallbackInfo& info) {
  const std::vector<std::byte> bytes = bytes_of(info[2], "bytes");
  return result_to_js(
      info.Env(), system_->files().write(text_of(info[0], "path"), unsigned_of(info[1], "offset"), bytes));
}

// (path, offset, length): the bytes, or an error number.
Napi::Value SystemWrap::read_file(const Napi::CallbackInfo& info) {
  const std::string path = text_of(info[0], "path");
  const std::uint64_t offset = unsigned_of(info[1], "offset");
  const mm::CallResult size = system_->files().size(path);
  if (!size.ok()) return error_to_js(info.Env(), size.error);
  const std::uint64_t left = offset < size.value ? size.value - offset : 0;
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(left, unsigned_of(info[2], "length"))));
  const mm::CallResult read = system_->files().read(path, offset, bytes);
  return bytes_to_js(info.Env(), bytes, static_cast<std::size_t>(read.value));
}

// (pid, address, length): the bytes, or an error number.
Napi::Value SystemWrap::read_remote(const Napi::CallbackInfo& info) {
  std::vector<std::byte> bytes = room_for(info[2]);
  const mm::CallResult read =
      system_->read_remote(process_of(info[0]), unsigned_of(info[1], "address"), bytes);
  if (!read.ok()) return error_to_js(info.Env(), read.error);
  return bytes_to_js(info.Env(), bytes, static_cast<std::size_t>(read.value));
}

// (pid, address, bytes)
Napi::Value SystemWrap::write_remote(const Napi::CallbackInfo& info) {
  const std::vector<std::byte> bytes = bytes_of(info[2], "bytes");
  return result_to_js(info.Env(),
                      system_->write_remote(process_of(info[0]), unsigned_of(info[1], "address"), bytes));
}

// (pid, address, length): a byte a page, or an error number. A part at a time, so that a length that only an
// answer of ENOMEM fits takes no room.
Napi::Value SystemWrap::mincore(const Napi::CallbackInfo& info) {
  constexpr std::uint64_t kPart = 1ull << 20, kMost = 1ull << 28;
  mm::AddressSpace& space = running_of(info[0]).space();
  const std::uint64_t address = unsigned_of(info[1], "address");
  const std::uint64_t pages =
      unsigned_of(info[2], "length") / kFrameBytes + (unsigned_of(info[2], "length") % kFrameBytes != 0);
  std::vector<std::uint8_t> residency;
  std::uint64_t done = 0;
  do {
    const std::uint64_t part = std::min(kPart, pages - done);
    residency.resize(static_cast<std::size_t>(done + part));
    const std::span<std::uint8_t> room(residency.data() + done, static_cast<std::size_t>(part));
    const mm::Errno error = mm::mincore(space, address + done * kFrameBytes, part * kFrameBytes, room);
    if (error != mm::Errno::None) return error_to_js(info.Env(), error);
    done += part;
    if (done > kMost) raise(info.Env(), ErrorCode::OutOfRange, "length: expected at most 1 TiB at a time");
  } while (done < pages);
  auto array = Napi::Uint8Array::New(info.Env(), residency.size());
  std::ranges::copy(residency, array.Data());
  return array;
}

// (pid, bytes, rights)
Napi::Value SystemWrap::region(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  const os::System::Call under_way(*system_, process);
  return result_to_js(info.Env(), system_->allocate_region(process, unsigned_of(info[1], "size"),
                                                           unsigned_of(info[2], "rights")));
}

// (pid, address, bytes)
Napi::Value SystemWrap::free_region(const Napi::CallbackInfo& info) {
  os::Process& process = running_of(info[0]);
  return error_to_js(info.Env(), system_->free_region(process, unsigned_of(info[1], "address"),
                                                      unsigned_of(info[2], "size")));
}

}  // namespace pw::binding
