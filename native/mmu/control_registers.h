// SPDX-License-Identifier: MIT
// CR0, CR3, CR4, IA32_EFER, PKRU and IA32_PKRS as far as 64-bit paging depends on them: which values the
// processor refuses with #GP, what each change makes it forget (Intel SDM vol. 3A, sections 2.5 and 4.10).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "mmu/flush.h"
#include "paging/control.h"
#include "paging/walker.h"

namespace pw::mmu {

// What CPUID says of the processor.
struct Processor {
  unsigned max_phys_bits = kMaxPhysBits;  // MAXPHYADDR
  bool pages_1gib = true;
};

// The bits that MOV to CR0 and CR4 and WRMSR of IA32_EFER set. At first as a small operating system
// would have them.
struct ControlBits {
  bool wp = true;
  bool nxe = true;
  bool smep = false;
  bool smap = false;
  bool pke = false;
  bool pks = false;
  bool pge = false;
  bool pcide = false;
  bool la57 = false;
};

// The types of INVPCID, by number.
enum class InvpcidType : std::uint8_t { Address, Pcid, EverythingAndGlobals, EveryPcid };
inline constexpr std::uint64_t kInvpcidTypes = 4;

class ControlRegisters {
 public:
  static constexpr unsigned kLeastPhysBits = 32;
  static constexpr std::uint64_t kPcidMask = 0xfff;
  static constexpr std::uint64_t kKeepTranslations = 1ull << 63;  // CR3 bit 63 under PCIDs

  // REQUIRES: kLeastPhysBits to kMaxPhysBits.
  explicit ControlRegisters(const Processor& processor);

  const ControlBits& bits() const { return bits_; }
  std::uint64_t cr3() const { return cr3_; }
  // Whether CR3 was written, after which LA57 stays.
  bool is_mode_fixed() const { return mode_fixed_; }
  Asid pcid() const { return Asid(bits_.pcide ? cr3_ & kPcidMask : 0); }
  paging::WalkStart root() const { return paging::WalkStart::root(PhysAddr(table_of(cr3_)), levels()); }
  unsigned levels() const { return bits_.la57 ? 5 : 4; }
  unsigned virtual_bits() const { return paging::virtual_bits(levels()); }
  // As the walker takes it.
  paging::Control control() const;

  // Both leave everything as it was where they fail. Errors: GeneralProtection.
  Result<Flush> set(const ControlBits& bits);
  // MOV to CR3 of the raw value. The paging mode is fixed by the first.
  Result<Flush> write_cr3(std::uint64_t value);
  // Whether it takes the value.
  Status check_cr3(std::uint64_t value) const;
  // Whether INVPCID takes a descriptor. Errors: GeneralProtection.
  Status check_invpcid(InvpcidType type, std::uint64_t pcid, VirtAddr address) const;
  // WRPKRU and WRMSR; they forget nothing, since keys are checked on every access.
  void set_keys(std::uint32_t pkru, std::uint32_t pkrs);
  std::uint32_t pkru() const { return pkru_; }
  std::uint32_t pkrs() const { return pkrs_; }

  // The root table that a value for CR3 names.
  static constexpr std::uint64_t table_of(std::uint64_t cr3) { return cr3 & paging::kAddressBits; }

 private:
  bool keeps_translations(std::uint64_t cr3) const { return bits_.pcide && (cr3 & kKeepTranslations) != 0; }

  Processor processor_;
  ControlBits bits_;
  std::uint64_t cr3_ = 0;
  bool mode_fixed_ = false;
  std::uint32_t pkru_ = 0;
  std::uint32_t pkrs_ = 0;
};

}  // namespace pw::mmu
