// SPDX-License-Identifier: MIT
#include "os/files.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pw::os {

using mm::CallResult;
using mm::Errno;
using mm::ObjectKind;

Errno Files::create(const std::string& path, std::uint64_t bytes) {
  auto& file = files_[path];
  if (file) return Errno::Eexist;
  file = kernel_.make_object(ObjectKind::File, path, bytes);
  return Errno::None;
}

CallResult Files::size(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? CallResult(Errno::Enoent) : CallResult(found->second->bytes());
}

CallResult Files::read(const std::string& path, std::uint64_t offset, std::span<std::byte> to) const {
  const auto found = files_.find(path);
  if (found == files_.end()) return Errno::Enoent;
  const mm::VmObject& file = *found->second;
  std::uint64_t done = 0;
  while (done < to.size() && offset + done < file.bytes()) {
    const std::uint64_t at = offset + done;
    const std::uint64_t piece =
        std::min({to.size() - done, kFrameBytes - at % kFrameBytes, file.bytes() - at});
    const mm::PagePlace place = file.page(at / kFrameBytes);
    const auto part = to.subspan(done, piece);
    if (place.is_frame()) {
      kernel_.memory().read(PhysAddr(address_of(place.frame()).value() + at % kFrameBytes), part);
    } else {
      std::array<std::byte, kFrameBytes> page;
      file.read_stored(at / kFrameBytes, page);
      std::copy_n(page.begin() + static_cast<std::ptrdiff_t>(at % kFrameBytes), piece, part.begin());
    }
    done += piece;
  }
  return done;
}

// What is in the page cache is changed there and on the device, so that it is as clean as before.
CallResult Files::write(const std::string& path, std::uint64_t offset, std::span<const std::byte> from) {
  const auto found = files_.find(path);
  if (found == files_.end()) return Errno::Enoent;
  mm::VmObject& file = *found->second;
  std::uint64_t done = 0;
  while (done < from.size() && offset + done < file.bytes()) {
    const std::uint64_t at = offset + done;
    const std::uint64_t piece =
        std::min({from.size() - done, kFrameBytes - at % kFrameBytes, file.bytes() - at});
    const auto part = from.subspan(done, piece);
    std::array<std::byte, kFrameBytes> page;
    file.read_stored(at / kFrameBytes, page);
    std::copy(part.begin(), part.end(), page.begin() + static_cast<std::ptrdiff_t>(at % kFrameBytes));
    file.write_stored(at / kFrameBytes, page);
    const mm::PagePlace place = file.page(at / kFrameBytes);
    if (place.is_frame())
      kernel_.memory().write(PhysAddr(address_of(place.frame()).value() + at % kFrameBytes), part);
    done += piece;
  }
  return done;
}

CallResult Files::open_in(std::map<std::string, std::shared_ptr<mm::VmObject>>& names, Process& process,
                          const std::string& name, std::uint64_t flags) {
  const std::uint64_t mode = flags & file_flag::kAccessMode;
  if (mode == file_flag::kAccessMode) return Errno::Einval;
  const auto found = names.find(name);
  const bool exists = found != names.end();
  if (!exists && !(flags & file_flag::kCreate)) return Errno::Enoent;
  if (exists && (flags & file_flag::kCreate) && (flags & file_flag::kExclusive)) return Errno::Eexist;
  const ObjectKind kind = &names == &files_ ? ObjectKind::File : ObjectKind::SharedMemory;
  const std::shared_ptr<mm::VmObject> object = exists ? found->second : kernel_.make_object(kind, name, 0);
  if (!exists) names[name] = object;
  const bool writable = mode != file_flag::kReadOnly;
  if ((flags & file_flag::kTruncate) && writable) (void)mm::truncate(kernel_, *object, 0);
  return process.descriptors().open({object, mode != file_flag::kWriteOnly, writable});
}

CallResult Files::open(Process& process, const std::string& path, std::uint64_t flags) {
  return open_in(files_, process, path, flags);
}

CallResult Files::shm_open(Process& process, const std::string& name, std::uint64_t flags) {
  if ((flags & file_flag::kAccessMode) == file_flag::kWriteOnly) return Errno::Einval;
  return open_in(shared_memory_, process, name, flags);
}

Errno Files::shm_unlink(const std::string& name) {
  return shared_memory_.erase(name) != 0 ? Errno::None : Errno::Enoent;
}

CallResult Files::memfd_create(Process& process, const std::string& name) {
  return process.descriptors().open({kernel_.make_object(ObjectKind::SharedMemory, "/memfd:" + name, 0)});
}

Errno Files::close(Process& process, std::uint64_t descriptor) {
  return process.descriptors().close(descriptor) ? Errno::None : Errno::Ebadf;
}

Errno Files::ftruncate(Process& process, std::uint64_t descriptor, std::uint64_t bytes) {
  const mm::OpenFile* file = process.descriptors().find(descriptor);
  if (file == nullptr) return Errno::Ebadf;
  if (!file->writable) return Errno::Einval;
  return mm::truncate(kernel_, *file->object, bytes);
}

CallResult Files::mmap(Process& process, mm::MmapRequest request, std::uint64_t descriptor) {
  request.file = process.descriptors().find(descriptor);
  return mm::mmap(process.space(), request);
}

CallResult Files::shmget(Process& process, std::uint64_t key, std::uint64_t bytes, std::uint64_t flags) {
  forget_removed_segments();
  if (key != 0)
    for (const auto& [id, segment] : segments_) {
      if (segment.key != key) continue;
      if ((flags & file_flag::kIpcCreate) && (flags & file_flag::kIpcExclusive)) return Errno::Eexist;
      return bytes > segment.bytes ? CallResult(Errno::Einval) : CallResult(id);
    }
  if (key != 0 && !(flags & file_flag::kIpcCreate)) return Errno::Enoent;
  const std::uint64_t pages = mm::page_align(bytes) / kFrameBytes;
  if (bytes == 0 || pages == 0) return Errno::Einval;
  if (!process.space().charge(pages)) return Errno::Enomem;
  auto object = kernel_.make_object(ObjectKind::SharedMemory, "/SYSV" + std::to_string(key), bytes);
  object->set_charged_pages(pages);
  segments_[next_segment_] = {key, bytes, object, object};
  return next_segment_++;
}

CallResult Files::shmat(Process& process, std::uint64_t id, std::uint64_t address, std::uint64_t flags) {
  forget_removed_segments();
  const auto found = segments_.find(id);
  if (found == segments_.end()) return Errno::Einval;
  if (address % kFrameBytes != 0) {
    if (!(flags & file_flag::kShmRound)) return Errno::Einval;
    address -= address % kFrameBytes;
  }
  const bool remaps = (flags & file_flag::kShmRemap) != 0;
  if (address == 0 && remaps) return Errno::Einval;
  const std::uint64_t bytes = mm::page_align(found->second.bytes);
  if (address != 0 && !remaps) {
    if (address + bytes < address) return Errno::Einval;
    const mm::PageRange range = mm::pages_of(address, bytes);
    const mm::Vma* taken = process.space().vmas().find(range.first);
    if (taken != nullptr && taken->range.overlaps(range)) return Errno::Einval;
  }
  const bool read_only = (flags & file_flag::kShmReadOnly) != 0;
  const mm::OpenFile file{found->second.object.lock(), true, !read_only};
  std::uint64_t rights = mm::abi::kProtRead | (read_only ? 0 : mm::abi::kProtWrite);
  if (flags & file_flag::kShmExec) rights |= mm::abi::kProtExec;
  return mm::mmap(process.space(), {.address = address,
                                    .length = bytes,
                                    .protection = rights,
                                    .flags = mm::abi::kMapShared | (address != 0 ? mm::abi::kMapFixed : 0),
                                    .file = &file});
}

// What is left of the attachment that began at the address, wherever parts of it were unmapped.
Errno Files::shmdt(Process& process, std::uint64_t address) {
  if (address % kFrameBytes != 0) return Errno::Einval;
  mm::AddressSpace& space = process.space();
  const VirtPage start = page_of(VirtAddr(address));
  const auto is_segment = [&](const mm::Vma& vma) {
    return std::ranges::any_of(segments_,
                               [&](const auto& entry) { return entry.second.object.lock() == vma.object; });
  };
  std::shared_ptr<mm::VmObject> object;
  for (const mm::Vma* vma = space.vmas().find(start); vma != nullptr;) {
    const mm::Vma* const next = vma->next;
    const bool belongs = vma->object != nullptr && vma->range.first.value() - start.value() == vma->offset &&
                         (object ? vma->object == object : is_segment(*vma));
    if (belongs) {
      object = vma->object;
      (void)space.unmap(vma->range);  // whole VMAs need no split
    }
    vma = next;
  }
  const bool detached = object != nullptr;
  object.reset();
  forget_removed_segments();
  return detached ? Errno::None : Errno::Einval;
}

Errno Files::shm_remove(std::uint64_t id) {
  forget_removed_segments();
  const auto found = segments_.find(id);
  if (found == segments_.end()) return Errno::Einval;
  found->second.key = 0;
  found->second.held.reset();
  forget_removed_segments();
  return Errno::None;
}

void Files::forget_removed_segments() {
  std::erase_if(segments_, [](const auto& entry) { return entry.second.object.expired(); });
}

}  // namespace pw::os
