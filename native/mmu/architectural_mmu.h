// SPDX-License-Identifier: MIT
// The memory-management unit as programs see it: control registers, TLBs with PCIDs and global pages,
// paging-structure caches, walks, exceptions; one access at a time, pages of any size. It counts as the
// machine's MMU does (docs/reference/counting.md), the first level included.
#pragma once

#include <optional>

#include "mmu/access.h"
#include "mmu/control_registers.h"
#include "mmu/exception.h"
#include "mmu/mmu.h"
#include "mmu/translation_caches.h"
#include "mmu/walk_report.h"

namespace pw::mmu {

// What became of an access: an exception, or where it went; `second` where it went to two pages.
struct AccessOutcome {
  std::optional<Exception> exception;
  Reached first;
  std::optional<Reached> second;
};

template <class Ways>
class ArchitecturalMmu {
 public:
  ArchitecturalMmu(phys::PhysicalMemory& memory, const Processor& processor, const tlb::HierarchyConfig& tlbs,
                   const tlb::StructureCacheConfig& structure_caches, std::uint64_t seed)
      : registers_(processor), walker_(memory, registers_.control()), caches_(tlbs, structure_caches, seed) {
    note_registers();
  }

  const ControlRegisters& registers() const { return registers_; }
  const TranslationCaches<Ways>& caches() const { return caches_; }
  const WalkCounters& walks() const { return walks_; }

  // MOV to CR0 and CR4, WRMSR of IA32_EFER. Errors: GeneralProtection.
  Status set_control(const ControlBits& bits) {
    PW_TRY_ASSIGN(const Flush flush, registers_.set(bits));
    walker_.set_control(registers_.control());
    note_registers();
    caches_.forget(flush);
    return Done{};
  }
  void set_keys(std::uint32_t pkru, std::uint32_t pkrs) {
    registers_.set_keys(pkru, pkrs);
    walker_.set_control(registers_.control());
  }
  // Errors: GeneralProtection.
  Status write_cr3(std::uint64_t value) {
    PW_TRY_ASSIGN(const Flush flush, registers_.write_cr3(value));
    note_registers();
    caches_.forget(flush);
    return Done{};
  }
  // INVLPG; of an address that is not canonical it does nothing.
  void invlpg(VirtAddr address) {
    if (!is_canonical(address, registers_.virtual_bits())) return;
    caches_.forget_page(address, space_.pcid);
    caches_.forget_uppers(Flush::one(space_.pcid, Flush::Globals::Kept));
  }
  // The address matters to the first type, the PCID to the first two. Errors: GeneralProtection.
  Status invpcid(InvpcidType type, std::uint64_t pcid, VirtAddr address) {
    PW_TRY(registers_.check_invpcid(type, pcid, address));
    switch (type) {
      case InvpcidType::Address:
        caches_.forget_own_page(address, Asid(pcid));
        caches_.forget_uppers(address, Asid(pcid));
        break;
      case InvpcidType::Pcid: caches_.forget(Flush::one(Asid(pcid), Flush::Globals::Kept)); break;
      case InvpcidType::EverythingAndGlobals: caches_.forget(Flush::every(Flush::Globals::Dropped)); break;
      case InvpcidType::EveryPcid: caches_.forget(Flush::every(Flush::Globals::Kept)); break;
    }
    return Done{};
  }

  // Both halves of an access over a 4 KiB boundary are translated before it completes, the lower first.
  AccessOutcome access(const Access& access) {
    return this->access(access, [](VirtAddr) {});
  }
  // The same; expect(address) is called as soon as a fault is likely, for what can be brought near meanwhile.
  template <class Expect>
  AccessOutcome access(const Access& access, Expect expect) {
    AccessOutcome outcome;
    reach(access, registers_.virtual_bits(), outcome,
          [&](VirtAddr address) { return translate(address, access.type, outcome.exception, expect); });
    return outcome;
  }

  // Where the PTE stands for which the last access faulted because it is not present, if the tables above are known to
  // lead there. REQUIRES: the last access raised a page fault.
  struct MissingLeaf {
    std::uint64_t* slot = nullptr;  // nullptr: it was another fault
    PhysAddr slot_address;
  };
  MissingLeaf missing_leaf() const { return {missing_.slot, missing_.slot_address}; }
  // As access() of one byte, for the access that faulted at missing_leaf(): its walk need not read the tables above again.
  // False: nothing was done, since that takes a whole walk. REQUIRES: since then nothing but entries of 4 KiB pages was
  // changed, and there was no other access.
  bool complete(VirtAddr address, paging::AccessType access, AccessOutcome& outcome) {
    const AccessKind kind = kind_of(access);
    const paging::Entry raw(*missing_.slot);
    const paging::Entry upper(missing_.upper[paging::kPd]);
    if (access.privilege != paging::Privilege::User || walker_.control().protection_keys_user ||
        !walker_.is_settled(upper, raw, paging::user_grant(access.operation), missing_.page)) [[unlikely]]
      return false;
    missing_.raw = raw;
    ++walks_.total;
    walks_.fetch += kind == AccessKind::Fetch;
    walks_.references += missing_.references;
    caches_.note_walk(kind, address, space_, root_, missing_);
    const tlb::Translation translation{missing_.page, PageSize::Size4KiB};
    outcome.exception.reset();
    outcome.first = {translation.physical(address), translation.size};
    return true;
  }

  // What a walk of the address would find, and what the caches would make of it; changes nothing.
  WalkReport report(VirtAddr address, paging::AccessType access) const {
    WalkReport report;
    if (!is_canonical(address, registers_.virtual_bits())) {
      report.exception = Exception::general_protection();
      return report;
    }
    report.add_walk(walker_, root_, address, access);
    report.cached_below = tlb::peek_start(caches_.structure_caches(), address, space_.pcid, root_).level;
    if (const auto hit = caches_.find(kind_of(access), address, space_))
      report.tlb = caches_.tlbs().path(kind_of(access))[hit->depth].name();
    return report;
  }

 private:
  using Hit = typename TranslationCaches<Ways>::Hit;

  // A page that no TLB held at a time of theirs: most often the access that faulted comes again.
  struct Absent {
    VirtPage page{~0ull};
    Asid pcid;
    tlb::Time time = 0;
    bool operator==(const Absent&) const = default;
  };

  Absent absent(VirtAddr address) const { return {page_of(address), space_.pcid, caches_.now()}; }

  // What accesses need of the registers.
  void note_registers() {
    root_ = registers_.root();
    space_ = {registers_.pcid(), registers_.bits().pge};
  }

  // The translation, or nothing and the page fault.
  template <class Expect>
  PW_NOINLINE std::optional<tlb::Translation> translate(VirtAddr address, paging::AccessType access,
                                                        std::optional<Exception>& exception, Expect expect) {
    const AccessKind kind = kind_of(access);
    if (absent_ != absent(address)) {
      if (auto hit = caches_.find(kind, address, space_)) {
        if (serves(*hit, address, access)) {
          caches_.use(kind, address, *hit);
          return hit->translation;
        }
        caches_.forget_page(address, space_.pcid);
      }
    }
    return walk(kind, address, access, exception, expect);
  }

  // Whether a cached translation serves the access, after D was set for the first store if that was all
  // that lacked. Rights are those of the entry, the rules those of the registers as they stand now. If
  // not, the processor forgets the entry: the tables may meanwhile allow more.
  bool serves(Hit& hit, VirtAddr address, paging::AccessType access) {
    if (paging::refusal(hit.translation.page, access, walker_.control()) != 0) return false;
    if (access.operation != paging::Operation::Write || hit.translation.page.is_dirty()) return true;
    const paging::WalkResult walk = walker_.walk(root_, address, access);
    if (walk.end != paging::WalkEnd::Translated || walk.page_size() != hit.translation.size ||
        walk.page.page(walk.page_size()) != hit.translation.page.page(walk.page_size()))
      return false;
    ++walks_.dirty_updates;
    caches_.learn_dirty(address, hit);
    return true;
  }

  template <class Expect>
  PW_ALWAYS_INLINE std::optional<tlb::Translation> walk(AccessKind kind, VirtAddr address,
                                                        paging::AccessType access,
                                                        std::optional<Exception>& exception, Expect expect) {
    paging::WalkStart start = caches_.start(address, space_.pcid, root_);
    std::uint32_t references = 0;
    if (start.level != root_.level && walker_.finds_nothing(start, address)) {
      expect(address);
      if (stands(address, start))
        return fault(kind, address, paging::error_code_of(access, walker_.control()), exception);
      start = root_;
      references = 1;
    }
    paging::WalkResult walk = walker_.walk(start, address, access);
    references += walk.references;
    if (walk.end != paging::WalkEnd::Translated && start.level != root_.level) {
      expect(address);
      if (!stands(address, start)) {
        start = root_;
        walk = walker_.walk(start, address, access);
        references += walk.references;
      }
    }
    if (walk.end != paging::WalkEnd::Translated) {
      if (start.level == root_.level) note_missing(walk);
      return fault(kind, address, walk.error_code, exception);
    }
    ++walks_.total;
    walks_.fetch += kind == AccessKind::Fetch;
    walks_.references += references;
    caches_.note_walk(kind, address, space_, start, walk);
    return tlb::Translation{walk.page, walk.page_size()};
  }

  // A fault makes the processor forget what it was found through, so that one which memory does not bear out would not
  // come again. Whether this one would: that is found out before it is reported.
  bool stands(VirtAddr address, paging::WalkStart start) {
    caches_.forget_uppers(address, space_.pcid);
    if (walker_.descend(root_, address, missing_))
      return missing_.upper[start.level + 1] == start.upper.bits();
    missing_.slot = nullptr;
    return walker_.bears_out(root_, address, start);
  }
  // The walk from the root faulted.
  void note_missing(const paging::WalkResult& walk) {
    missing_ = walk;
    if (walk.level != paging::kPt) missing_.slot = nullptr;
  }
  std::nullopt_t fault(AccessKind kind, VirtAddr address, std::uint32_t error_code,
                       std::optional<Exception>& exception) {
    ++walks_.faulted;
    if (error_code & paging::error_code::kPresent) missing_.slot = nullptr;
    caches_.forget_page_elsewhere(kind, address, space_);
    absent_ = absent(address);
    exception = Exception::page_fault(error_code, address);
    return std::nullopt;
  }

  ControlRegisters registers_;
  paging::WalkStart root_;
  Space space_;
  paging::Walker walker_;
  TranslationCaches<Ways> caches_;
  WalkCounters walks_;
  Absent absent_;
  paging::WalkResult missing_{};  // missing_leaf(), as a walk from the root that was as far
};

}  // namespace pw::mmu
