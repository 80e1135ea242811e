// SPDX-License-Identifier: MIT
#include "mmu/control_registers.h"

#include <string>

#include "base/check.h"
#include "base/hex.h"

namespace pw::mmu {
namespace {

Error general_protection(std::string message) {
  return {ErrorCode::GeneralProtection, std::move(message) + " (#GP)"};
}

}  // namespace

ControlRegisters::ControlRegisters(const Processor& processor) : processor_(processor) {
  PW_CHECK(processor.max_phys_bits >= kLeastPhysBits && processor.max_phys_bits <= kMaxPhysBits);
}

paging::Control ControlRegisters::control() const {
  return {.write_protect = bits_.wp,
          .no_execute = bits_.nxe,
          .smep = bits_.smep,
          .smap = bits_.smap,
          .protection_keys_user = bits_.pke,
          .protection_keys_supervisor = bits_.pks,
          .levels = levels(),
          .max_phys_bits = processor_.max_phys_bits,
          .pages_1gib = processor_.pages_1gib,
          .pkru = pkru_,
          .pkrs = pkrs_};
}

Result<Flush> ControlRegisters::set(const ControlBits& bits) {
  if (mode_fixed_ && bits.la57 != bits_.la57)
    return general_protection("la57: expected the value that it had when CR3 was first written, got " +
                              std::to_string(bits.la57));
  if (bits.pcide && !bits_.pcide && (cr3_ & kPcidMask) != 0)
    return general_protection("pcide: expected bits 11 to 0 of CR3 to be clear, got CR3 " + hex(cr3_));
  const ControlBits before = bits_;
  const Asid pcid = this->pcid();
  bits_ = bits;
  // A change of NXE changes which entries are valid at all; the processor may forget whatever it likes.
  const bool everything = bits.pge != before.pge || (before.pcide && !bits.pcide) || bits.nxe != before.nxe;
  if (everything) return Flush::every(Flush::Globals::Dropped);
  if (bits.smep && !before.smep) return Flush::one(pcid, Flush::Globals::Dropped);
  return Flush::nothing();
}

Status ControlRegisters::check_cr3(std::uint64_t value) const {
  const std::uint64_t stored = keeps_translations(value) ? value & ~kKeepTranslations : value;
  if (stored >> processor_.max_phys_bits == 0) return Done{};
  return general_protection("cr3: expected bits 63 to " + std::to_string(processor_.max_phys_bits) +
                            " to be clear" + (bits_.pcide ? " (apart from bit 63)" : "") + ", got " +
                            hex(value));
}

Result<Flush> ControlRegisters::write_cr3(std::uint64_t value) {
  PW_TRY(check_cr3(value));
  const bool keeps = keeps_translations(value);
  cr3_ = keeps ? value & ~kKeepTranslations : value;
  mode_fixed_ = true;
  return keeps ? Flush::nothing() : Flush::one(pcid(), Flush::Globals::Kept);
}

Status ControlRegisters::check_invpcid(InvpcidType type, std::uint64_t pcid, VirtAddr address) const {
  if (pcid > kPcidMask) return general_protection("pcid: expected 0 to 4095, got " + hex(pcid));
  const bool names_pcid = type == InvpcidType::Address || type == InvpcidType::Pcid;
  if (names_pcid && pcid != 0 && !bits_.pcide)
    return general_protection("pcid: expected 0 while CR4.PCIDE is clear, got " + hex(pcid));
  if (type == InvpcidType::Address && !is_canonical(address, virtual_bits()))
    return general_protection("va: expected an address that is canonical for " +
                              std::to_string(virtual_bits()) + " bits, got " + hex(address.value()));
  return Done{};
}

void ControlRegisters::set_keys(std::uint32_t pkru, std::uint32_t pkrs) {
  pkru_ = pkru;
  pkrs_ = pkrs;
}

}  // namespace pw::mmu
