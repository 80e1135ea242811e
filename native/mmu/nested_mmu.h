// SPDX-License-Identifier: MIT
// The MMU of a processor that runs virtual machines: a guest's tables are walked through the host's (EPT),
// and what is cached are combined translations, from guest-linear to host-physical addresses, tagged by EPT
// pointer, VPID and PCID (Intel SDM vol. 3C, the chapter on VMX support for address translation).
#pragma once

#include <algorithm>
#include <optional>

#include "mmu/access.h"
#include "mmu/control_registers.h"
#include "mmu/guest_memory.h"
#include "mmu/tag_space.h"
#include "mmu/translation_caches.h"
#include "paging/guest_walker.h"

namespace pw::mmu {

// A virtual machine as a VM entry names it.
struct VirtualMachine {
  std::uint16_t vpid = 0;  // 0: none, so that every entry forgets
  paging::ept::Control ept;
};

struct NestedConfig {
  Processor processor;
  tlb::HierarchyConfig tlbs;
  tlb::StructureCacheConfig structure_caches;
  std::optional<tlb::TlbConfig> nested_tlb;
  std::uint64_t seed = 0;
};

// An exception in the guest, an exit to the host, or where the access went.
struct NestedOutcome {
  std::optional<Exception> exception;
  std::optional<EptExit> exit;
  Reached first;
  std::optional<Reached> second;
};

// References are those of walks that succeeded.
struct NestedCounters {
  std::uint64_t total = 0;
  std::uint64_t fetch = 0;
  std::uint64_t guest_references = 0;
  std::uint64_t host_references = 0;
  std::uint64_t faulted = 0;
  std::uint64_t exits = 0;
};

// The types of INVVPID that name something, by number.
enum class InvvpidType : std::uint8_t { Address, Vpid, EveryVpid, VpidButGlobals };
inline constexpr std::uint64_t kInvvpidTypes = 4;

template <class Ways>
class NestedMmu {
 public:
  NestedMmu(phys::PhysicalMemory& memory, const NestedConfig& config, const VirtualMachine& machine)
      : registers_(config.processor),
        machine_(machine),
        guest_(memory, machine.ept, config.nested_tlb, config.tlbs.way_choice, config.seed + 1),
        walker_(guest_, registers_.control()),
        caches_(config.tlbs, config.structure_caches, config.seed) {
    retag();
  }
  NestedMmu(const NestedMmu&) = delete;
  NestedMmu& operator=(const NestedMmu&) = delete;

  const ControlRegisters& registers() const { return registers_; }
  const TranslationCaches<Ways>& caches() const { return caches_; }
  const GuestMemory<Ways>& guest() const { return guest_; }
  const NestedCounters& counters() const { return counters_; }

  // A VM entry. The guest's registers are loaded by the caller.
  void enter(const VirtualMachine& machine) {
    machine_ = machine;
    if (machine.vpid == 0) forget_combined([](const TagName& name) { return name.vpid == 0; });
    retag();
  }

  // What the guest does to its registers and TLBs. Errors: GeneralProtection.
  Status set_control(const ControlBits& bits) {
    PW_TRY_ASSIGN(const Flush flush, registers_.set(bits));
    walker_.set_control(registers_.control());
    forget(flush);
    return Done{};
  }
  void set_keys(std::uint32_t pkru, std::uint32_t pkrs) {
    registers_.set_keys(pkru, pkrs);
    walker_.set_control(registers_.control());
  }
  Status write_cr3(std::uint64_t value) {
    PW_TRY_ASSIGN(const Flush flush, registers_.write_cr3(value));
    forget(flush);
    return Done{};
  }
  void invlpg(VirtAddr address) {
    if (!is_canonical(address, registers_.virtual_bits())) return;
    forget_page(address);
    caches_.forget_uppers(Flush::one(space_.pcid, Flush::Globals::Kept));
  }
  Status invpcid(InvpcidType type, std::uint64_t pcid, VirtAddr address) {
    PW_TRY(registers_.check_invpcid(type, pcid, address));
    switch (type) {
      case InvpcidType::Address:
        forget_address(address,
                       [&](const TagName& name) { return is_ours(name) && name.space == Asid(pcid); });
        break;
      case InvpcidType::Pcid: forget(Flush::one(Asid(pcid), Flush::Globals::Kept)); break;
      case InvpcidType::EverythingAndGlobals: forget(Flush::every(Flush::Globals::Dropped)); break;
      case InvpcidType::EveryPcid: forget(Flush::every(Flush::Globals::Kept)); break;
    }
    return Done{};
  }

  // What the host does. INVEPT forgets what was translated by the tables of a root, or by any: combined and
  // guest-physical translations.
  void invept(std::optional<PhysAddr> root) {
    const auto goes = [&](Asid tag) { return !root || tags_.name(tag).ept == *root; };
    caches_.forget_if(goes);
    guest_.forget_if(goes);
  }
  // INVVPID forgets combined translations. REQUIRES: a VPID other than 0, unless the type names none.
  void invvpid(InvvpidType type, std::uint16_t vpid, VirtAddr address) {
    const auto is_named = [&](const TagName& name) { return name.is_combined() && name.vpid == vpid; };
    switch (type) {
      case InvvpidType::Address: return forget_address(address, is_named);
      case InvvpidType::Vpid: return forget_combined(is_named);
      case InvvpidType::EveryVpid: return forget_combined([](const TagName& name) { return name.vpid != 0; });
      case InvvpidType::VpidButGlobals:
        return forget_combined(
            [&](const TagName& name) { return is_named(name) && name.space != TagName::kGlobal; });
    }
  }

  NestedOutcome access(const Access& access) {
    NestedOutcome outcome;
    reach(access, registers_.virtual_bits(), outcome,
          [&](VirtAddr address) { return translate(address, access.type, outcome); });
    return outcome;
  }

 private:
  using Hit = typename TranslationCaches<Ways>::Hit;

  // In a combined leaf, where the architecture ignores bits: what the host's tables allow.
  static constexpr unsigned kHostRightsShift = 9;
  static constexpr std::uint64_t kHostRights = std::uint64_t{paging::ept::kAll} << kHostRightsShift;

  static constexpr paging::ept::Rights needed_by(paging::AccessType access) {
    if (access.operation == paging::Operation::Fetch) return paging::ept::kExecute;
    return access.operation == paging::Operation::Write ? paging::ept::kWrite : paging::ept::kRead;
  }

  std::optional<tlb::Translation> translate(VirtAddr address, paging::AccessType access,
                                            NestedOutcome& outcome) {
    if (const auto hit = caches_.find(kind_of(access), address, space_)) {
      if (serves(hit->translation.page, access)) {
        caches_.use(kind_of(access), address, *hit);
        return hit->translation;
      }
      forget_page(address);
    }
    const std::uint64_t host_references = guest_.references();
    const auto translation = walk(address, access, outcome);
    if (translation) {
      ++counters_.total;
      counters_.fetch += access.operation == paging::Operation::Fetch;
      counters_.host_references += guest_.references() - host_references;
    } else {
      forget_page(address);
      counters_.faulted += outcome.exception.has_value();
      counters_.exits += outcome.exit.has_value();
    }
    return translation;
  }

  // Whether nothing is left to do in the guest's or the host's tables.
  bool serves(tlb::Entry page, paging::AccessType access) const {
    if (paging::refusal(page, access, walker_.control()) != 0) return false;
    if (access.operation == paging::Operation::Write && !page.is_dirty()) return false;
    return page.has(std::uint64_t{needed_by(access)} << kHostRightsShift);
  }

  std::optional<tlb::Translation> walk(VirtAddr address, paging::AccessType access, NestedOutcome& outcome) {
    const paging::WalkStart root = registers_.root();
    paging::WalkStart start = caches_.start(address, space_.pcid, root);
    paging::WalkResult walk;
    bool reached = walk_from(start, root, address, access, walk);
    std::uint32_t references = walk.references;
    if ((!reached || walk.end != paging::WalkEnd::Translated) && start.level != root.level) {
      // Through a combined pointer: looked at again from the root, before it is reported.
      caches_.forget_uppers(address, space_.pcid);
      start = root;
      reached = walk_from(start, root, address, access, walk);
      references += walk.references;
    }
    if (!reached) {
      outcome.exit = guest_.exit();
      return std::nullopt;
    }
    if (walk.end != paging::WalkEnd::Translated) {
      outcome.exception = Exception::page_fault(walk.error_code, address);
      return std::nullopt;
    }
    const auto translation = combine(walk, address, access, outcome);
    if (!translation) return std::nullopt;
    counters_.guest_references += references;
    name_tables_by_host(start, walk);
    caches_.note_walk(kind_of(access), address, space_, start, walk, *translation);
    return translation;
  }
  bool walk_from(paging::WalkStart start, paging::WalkStart root, VirtAddr address, paging::AccessType access,
                 paging::WalkResult& walk) {
    guest_.begin(address, start, start.level != root.level);
    return walker_.walk(start, address, access, walk);
  }

  // The page of the guest through the host's tables: as large as the smaller of the two.
  std::optional<tlb::Translation> combine(const paging::WalkResult& walk, VirtAddr address,
                                          paging::AccessType access, NestedOutcome& outcome) {
    const tlb::Translation guest{walk.page, walk.page_size()};
    const PhysAddr physical = guest.physical(address);
    const auto host = guest_.translate(physical, needed_by(access), EptExit::During::Access);
    if (!host) {
      outcome.exit = guest_.exit();
      return std::nullopt;
    }
    const PageSize size = std::min(guest.size, host->translation.size);
    const std::uint64_t page = host->physical(physical).value() & ~(bytes_of(size) - 1);
    paging::ept::Rights rights = host->rights();
    if (!host->may_store()) rights &= ~paging::ept::kWrite;
    const std::uint64_t guest_bits = walk.page.bits() & ~(paging::kAddressBits | kHostRights);
    return tlb::Translation{tlb::Entry(guest_bits | page | std::uint64_t{rights} << kHostRightsShift), size};
  }

  // Upper entries are kept as combined pointers: the next table's host-physical address.
  void name_tables_by_host(paging::WalkStart start, paging::WalkResult& walk) const {
    for (paging::Level level = start.level; level > walk.level; --level)
      walk.upper[level] = (walk.upper[level] & ~paging::kAddressBits) | guest_.table(level - 1).bits();
  }

  bool is_ours(const TagName& name) const {
    return name.is_combined() && name.vpid == machine_.vpid && name.ept == machine_.ept.root;
  }
  void forget_page(VirtAddr address) {
    caches_.forget_own_page(address, space_.pcid);
    caches_.forget_own_page(address, space_.global);
  }
  // What the guest's instruction makes the processor forget, of this virtual machine alone.
  void forget(const Flush& flush) {
    forget_combined([&](const TagName& name) { return is_ours(name) && flush.drops(name.space); });
    retag();
  }
  template <class Predicate>
  void forget_combined(Predicate predicate) {
    caches_.forget_if([&](Asid tag) { return predicate(tags_.name(tag)); });
  }
  template <class Predicate>
  void forget_address(VirtAddr address, Predicate predicate) {
    tags_.for_each([&](Asid tag, const TagName& name) {
      if (!predicate(name)) return;
      caches_.forget_own_page(address, tag);
      caches_.forget_uppers(address, tag);
    });
  }

  // The tags of the present PCID, VPID and EPT pointer.
  void retag() {
    if (take_tags()) return;
    invept(std::nullopt);
    tags_.clear();
    PW_CHECK(take_tags());
  }
  bool take_tags() {
    const PhysAddr ept = machine_.ept.root;
    const auto own = tags_.find_or_add({ept, machine_.vpid, registers_.pcid()});
    const auto global = tags_.find_or_add({ept, machine_.vpid, TagName::kGlobal});
    const auto host = tags_.find_or_add({ept, 0, TagName::kGuestPhysical});
    if (!own || !global || !host) return false;
    space_ = {*own, registers_.bits().pge, *global};
    guest_.set_control(machine_.ept, *host);
    return true;
  }

  ControlRegisters registers_;
  VirtualMachine machine_;
  TagSpace tags_;
  Space space_;
  GuestMemory<Ways> guest_;
  paging::GuestWalker<GuestMemory<Ways>> walker_;
  TranslationCaches<Ways> caches_;
  NestedCounters counters_;
};

}  // namespace pw::mmu
