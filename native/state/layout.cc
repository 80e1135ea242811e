// SPDX-License-Identifier: MIT
#include "state/layout.h"

#include <iterator>

#include "trace/formats/checksum.h"

namespace pw::state {
namespace {

// From bit 0 on.
constexpr bool mmu::ControlBits::*kControl[] = {
    &mmu::ControlBits::wp,   &mmu::ControlBits::nxe,   &mmu::ControlBits::smep,
    &mmu::ControlBits::smap, &mmu::ControlBits::pke,   &mmu::ControlBits::pks,
    &mmu::ControlBits::pge,  &mmu::ControlBits::pcide, &mmu::ControlBits::la57};
static_assert(sizeof kControl / sizeof *kControl == sizeof(mmu::ControlBits));
static_assert(kKnownControl >> sizeof(mmu::ControlBits) == 0);

template <class T>
std::string_view before_checksum(const T& structure) {
  return bytes_of(structure).substr(0, sizeof(T) - sizeof structure.checksum);
}

}  // namespace

std::uint64_t to_bits(const mmu::ControlBits& control) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < std::size(kControl); ++i)
    bits |= static_cast<std::uint64_t>(control.*kControl[i]) << i;
  return bits;
}

mmu::ControlBits control_of(std::uint64_t bits) {
  mmu::ControlBits control;
  for (std::size_t i = 0; i < std::size(kControl); ++i) control.*kControl[i] = (bits >> i & 1) != 0;
  return control;
}

std::string name_of(SectionKind kind) {
  const auto value = static_cast<std::uint32_t>(kind);
  std::string name;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    const char letter = static_cast<char>(value >> shift);
    name += letter >= ' ' && letter <= '~' ? letter : '?';
  }
  return name;
}

std::uint64_t checksum_of(const FileHeader& header) { return trace::checksum_of(before_checksum(header)); }

std::uint64_t checksum_of(const SectionHeader& header, std::string_view payload) {
  return trace::Checksum().add(before_checksum(header)).add(payload).value();
}

}  // namespace pw::state
