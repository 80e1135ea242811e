// SPDX-License-Identifier: MIT
#include "programs/region_guess.h"

#include <algorithm>
#include <vector>

#include "mm/calls/calls.h"
#include "paging/page_fault.h"

namespace pw::programs {

namespace abi = mm::abi;
using paging::error_code::kFetch;
using paging::error_code::kWrite;

namespace {

constexpr std::uint64_t kBlockPages = 16;

std::uint64_t block_of(VirtPage page) { return page.value() / kBlockPages; }
std::uint64_t right_for(std::uint32_t error_code) {
  return error_code & kFetch ? abi::kProtRead | abi::kProtExec : abi::kProtRead | abi::kProtWrite;
}

}  // namespace

RegionGuess::RegionGuess(os::System& system, Report& report)
    : system_(system), report_(report), handler_(system.exceptions().gate(mmu::Exception::kPageFault)) {
  system_.exceptions().set_gate(mmu::Exception::kPageFault, [this](const os::TrapFrame& frame) {
    return mends(frame.exception) ? os::TrapResult{os::TrapAnswer::Resume} : handler_(frame);
  });
}

RegionGuess::~RegionGuess() { system_.exceptions().set_gate(mmu::Exception::kPageFault, handler_); }

void RegionGuess::forked(os::Pid parent, os::Pid child) {
  if (have_stack_.contains(parent)) have_stack_.insert(child);
  std::vector<std::uint64_t> inherited;
  for (auto at = blocks_.lower_bound({parent, 0}); at != blocks_.end() && at->first == parent; ++at)
    inherited.push_back(at->second);
  for (const std::uint64_t block : inherited) blocks_.insert({child, block});
}

void RegionGuess::began(os::Pid pid) {
  have_stack_.erase(pid);
  std::erase_if(blocks_, [&](const auto& block) { return block.first == pid; });
}

bool RegionGuess::mends(const mmu::Exception& exception) {
  if (current_ == nullptr || !exception.cr2) return false;
  mm::AddressSpace& space = current_->space();
  const VirtPage page = page_of(*exception.cr2);
  if (page >= space.layout().user_end) return false;
  const mm::Vma* const vma = space.vmas().find(page);
  if (vma == nullptr || page < vma->range.first) {
    // A stack that there is grows by itself.
    if (vma != nullptr && vma->has(mm::vm::kGrowsDown) &&
        vma->range.first.value() - page.value() < kBlockPages)
      return false;
    return make_region(space, page, exception.error_code);
  }
  return blocks_.contains({current_->pid(), block_of(page)}) &&
         add_right(space, *vma, page, exception.error_code);
}

bool RegionGuess::make_region(mm::AddressSpace& space, VirtPage page, std::uint32_t error_code) {
  const std::uint64_t block = block_of(page) * kBlockPages;
  const bool is_stack = (error_code & kWrite) && have_stack_.insert(current_->pid()).second;
  const mm::Vma* const above = space.vmas().find(page);
  const mm::Vma* const below = above != nullptr ? above->previous : space.vmas().last();
  std::uint64_t first = is_stack ? page.value() : std::max(block, space.kernel().config().min_page);
  std::uint64_t end = block + kBlockPages;
  if (below != nullptr) first = std::max(first, below->range.end.value());
  if (above != nullptr) end = std::min(end, above->range.first.value());
  if (page.value() < first) return false;
  const mm::CallResult made =
      mm::mmap(space, {.address = first << kFrameShift,
                       .length = (end - first) << kFrameShift,
                       .protection = right_for(error_code),
                       .flags = abi::kMapPrivate | abi::kMapAnonymous | abi::kMapFixed |
                                (is_stack ? abi::kMapGrowsDown : 0)});
  if (!made.ok()) return false;
  ++report_.guessed_regions;
  blocks_.insert({current_->pid(), block_of(page)});
  return true;
}

bool RegionGuess::add_right(mm::AddressSpace& space, const mm::Vma& vma, VirtPage page,
                            std::uint32_t error_code) {
  const std::uint64_t has = (vma.has(mm::vm::kRead) ? abi::kProtRead : 0) |
                            (vma.has(mm::vm::kWrite) ? abi::kProtWrite : 0) |
                            (vma.has(mm::vm::kExec) ? abi::kProtExec : 0);
  const std::uint64_t wanted =
      has | (error_code & kFetch ? abi::kProtExec : 0) | (error_code & kWrite ? abi::kProtWrite : 0);
  if (wanted == has) return false;
  const mm::PageRange range =
      vma.range.intersection(mm::PageRange::of(VirtPage(block_of(page) * kBlockPages), kBlockPages));
  return mm::mprotect(space, address_of(range.first).value(), range.pages() << kFrameShift, wanted) ==
         mm::Errno::None;
}

}  // namespace pw::programs
