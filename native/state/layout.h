// SPDX-License-Identifier: MIT
// The bytes of a saved state; docs/reference/state-file.md describes them for other programs.
//
//   state   = header processor registers memory [config] { frames } end
//   section = section header, payload
//
// Every structure ends in a checksum of its other bytes; a section's covers its payload too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mmu/control_registers.h"

namespace pw::state {

inline constexpr std::uint32_t kVersion = 1;
// The first byte is no text, the line ends show what a transfer as text would damage.
inline constexpr std::string_view kMagic = "\x89PWS\r\n\x1a\n";
inline constexpr std::uint64_t kFramesInSection = 256;  // at most
inline constexpr std::uint64_t kMaxConfigBytes = std::uint64_t{1} << 20;

struct FileHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t flags;  // none in version 1
  std::uint64_t checksum;
};
static_assert(sizeof(FileHeader) == 24);

enum class SectionKind : std::uint32_t {
  Processor = 0x434f5250,  // "PROC" and so on, as bytes
  Registers = 0x53474552,
  Memory = 0x4f4d454d,
  Config = 0x464e4f43,
  Frames = 0x4d415246,
  End = 0x20444e45,
};

struct SectionHeader {
  SectionKind kind = SectionKind::End;
  std::uint32_t number = 0;  // from 0
  std::uint64_t bytes = 0;   // of payload
  std::uint64_t checksum = 0;
};
static_assert(sizeof(SectionHeader) == 24);

struct ProcessorPayload {
  std::uint32_t max_phys_bits;
  std::uint32_t features;  // bit 0: 1 GiB pages
};

struct RegistersPayload {
  std::uint64_t control;  // the bits of mmu::ControlBits, in its order from bit 0 on
  std::uint64_t cr3;
  std::uint32_t pkru;
  std::uint32_t pkrs;
  std::uint64_t flags;  // bit 0: CR3 was written
};
static_assert(sizeof(RegistersPayload) == 32);

struct MemoryPayload {
  std::uint64_t bytes;
};

struct EndPayload {
  std::uint64_t frames;  // in all sections
};

inline constexpr std::uint32_t kPages1Gib = 1;
inline constexpr std::uint64_t kCr3Written = 1;
inline constexpr std::uint64_t kKnownControl = (1 << 9) - 1;

std::uint64_t to_bits(const mmu::ControlBits& control);
mmu::ControlBits control_of(std::uint64_t bits);

// The four characters of a kind; those that are no printable ones as "?".
std::string name_of(SectionKind kind);

template <class T>
std::string_view bytes_of(const T& structure) {
  return {reinterpret_cast<const char*>(&structure), sizeof structure};
}

// Of FileHeader and SectionHeader: of the bytes before the checksum and what belongs to them.
std::uint64_t checksum_of(const FileHeader& header);
std::uint64_t checksum_of(const SectionHeader& header, std::string_view payload);

}  // namespace pw::state
