// SPDX-License-Identifier: MIT
// Bytes in and out of processes: through the MMU for a process itself, through its tables for others.
#include <algorithm>

#include "base/check.h"
#include "mm/fault/chain.h"
#include "os/system.h"

namespace pw::os {

// Calls copy(physical address, offset, bytes) for each page; how many bytes were reached.
template <class Copy>
std::uint64_t System::for_each_page(Process& process, std::uint64_t address, std::uint64_t bytes,
                                    AccessKind kind, Accessed* last, Copy copy) {
  PW_CHECK(config_.kernel.contents);
  std::uint64_t done = 0;
  while (done < bytes) {
    const std::uint64_t at = address + done;
    const std::uint64_t piece = std::min(bytes - done, kFrameBytes - at % kFrameBytes);
    const Accessed accessed = access(process, VirtAddr(at), kind);
    if (last != nullptr) *last = accessed;
    if (accessed.end != AccessEnd::Done) break;
    copy(accessed.physical, done, piece);
    done += piece;
  }
  return done;
}

std::uint64_t System::read(Process& process, std::uint64_t address, std::span<std::byte> to, Accessed* last) {
  return for_each_page(process, address, to.size(), AccessKind::Load, last,
                       [&](PhysAddr from, std::uint64_t offset, std::uint64_t bytes) {
                         kernel_->memory().read(from, to.subspan(offset, bytes));
                       });
}

std::uint64_t System::write(Process& process, std::uint64_t address, std::span<const std::byte> from,
                            Accessed* last) {
  return for_each_page(process, address, from.size(), AccessKind::Store, last,
                       [&](PhysAddr to, std::uint64_t offset, std::uint64_t bytes) {
                         kernel_->memory().write(to, from.subspan(offset, bytes));
                       });
}

template <class Copy>
mm::CallResult System::for_each_remote_page(Process& remote, std::uint64_t address, std::uint64_t bytes,
                                            bool write, Copy copy) {
  PW_CHECK(config_.kernel.contents);
  if (remote.state() == ProcessState::Ended) return mm::Errno::Esrch;
  const Call under_way(*this, remote);
  mm::AddressSpace& space = remote.space();
  std::uint64_t done = 0;
  while (done < bytes) {
    const std::uint64_t at = address + done;
    const std::uint64_t piece = std::min(bytes - done, kFrameBytes - at % kFrameBytes);
    const VirtPage page = page_of(VirtAddr(at));
    if (!mm::is_resolved(mm::fault_in(space, page, write))) break;
    const paging::Entry entry(*space.find_leaf(page)->slot);
    const std::uint64_t touched = paging::flag::kAccessed | (write ? paging::flag::kDirty : 0);
    if (!entry.has(touched)) space.mapper().write(*space.find_leaf(page), entry.with(touched));
    copy(PhysAddr(address_of(mm::leaf::frame_of(entry)).value() + at % kFrameBytes), done, piece);
    done += piece;
  }
  if (done == 0 && bytes != 0) return mm::Errno::Efault;
  return done;
}

mm::CallResult System::read_remote(Process& remote, std::uint64_t address, std::span<std::byte> to) {
  return for_each_remote_page(remote, address, to.size(), false,
                              [&](PhysAddr from, std::uint64_t offset, std::uint64_t bytes) {
                                kernel_->memory().read(from, to.subspan(offset, bytes));
                              });
}

mm::CallResult System::write_remote(Process& remote, std::uint64_t address, std::span<const std::byte> from) {
  return for_each_remote_page(remote, address, from.size(), true,
                              [&](PhysAddr to, std::uint64_t offset, std::uint64_t bytes) {
                                kernel_->memory().write(to, from.subspan(offset, bytes));
                              });
}

mm::CallResult System::allocate_region(Process& process, std::uint64_t bytes, std::uint64_t rights) {
  constexpr std::uint64_t kRights = mm::abi::kProtRead | mm::abi::kProtWrite | mm::abi::kProtExec;
  if (rights & ~kRights) return mm::Errno::Einval;
  return mm::mmap(
      process.space(),
      {.length = bytes, .protection = rights, .flags = mm::abi::kMapPrivate | mm::abi::kMapAnonymous});
}

mm::Errno System::free_region(Process& process, std::uint64_t address, std::uint64_t bytes) {
  const mm::PageRange range = mm::pages_of(address, mm::page_align(bytes));
  if (address % kFrameBytes != 0 || range.is_empty()) return mm::Errno::Einval;
  VirtPage at = range.first;
  while (at < range.end) {  // all of it is mapped, or none is unmapped
    const mm::Vma* vma = process.space().vmas().holding(at);
    if (vma == nullptr || !vma->is_anonymous()) return mm::Errno::Einval;
    at = vma->range.end;
  }
  return mm::munmap(process.space(), address, bytes);
}

}  // namespace pw::os
