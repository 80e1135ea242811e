// SPDX-License-Identifier: MIT
// Runs an MMU on any bytes: they are read as a program that changes paging-structure entries, changes
// registers and makes accesses. A second MMU over the same memory that caches nothing has to agree with
// the first on every outcome, and finds no Accessed or Dirty bit left to set after an access that
// completed. The tables lead into each other and into memory that does not exist, so a walk that did not
// end, or read what it may not, would show.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <span>

#include "base/check.h"
#include "mmu/architectural_mmu.h"

namespace pw::fuzz {

// Reads zeros once the bytes are used up.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool is_empty() const { return bytes_.empty(); }
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  bool flag() { return (next() & 1) != 0; }
  template <class T>
  T word() {
    T word = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) word = static_cast<T>(word << 8 | next());
    return word;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

class MmuProgram {
 public:
  // REQUIRES: the memory holds zeros; it does so again afterwards.
  MmuProgram(phys::PhysicalMemory& memory, std::span<const std::uint8_t> bytes)
      : memory_(memory),
        bytes_(bytes),
        processor_{kPhysBits[bytes_.next() % 4], bytes_.flag()},
        cached_(memory, processor_, tlbs(bytes_.next()), structure_caches(bytes_.next()), 0),
        plain_(memory, processor_, {}, {}, 0) {
    constexpr std::uint64_t kAll = paging::flag::kPresent | paging::flag::kWritable | paging::flag::kUser;
    for (std::size_t place = 0; place < kPlaces; ++place)
      write(place, (place * 5 + 1) % kFrames * kFrameBytes | kAll);
  }
  ~MmuProgram() {
    for (std::size_t place = 0; place < kPlaces; ++place) write(place, 0);
  }
  MmuProgram(const MmuProgram&) = delete;

  void run() {
    change_registers();
    while (!bytes_.is_empty()) step();
  }

  std::uint64_t completed = 0;  // accesses
  std::uint64_t refused = 0;

 private:
  static constexpr unsigned kPhysBits[] = {36, 40, 46, 52};
  static constexpr std::uint64_t kFrames = 16;
  static constexpr unsigned kIndices[] = {0, 1, 255, 511};
  // The entries that programs write and walks read: some in each frame.
  static constexpr std::size_t kPlaces = kFrames * std::size(kIndices);
  static constexpr PhysAddr address_of(std::size_t place) {
    return PhysAddr(place / std::size(kIndices) * kFrameBytes + kIndices[place % std::size(kIndices)] * 8ull);
  }
  using Entries = std::array<std::uint64_t, kPlaces>;

  static tlb::HierarchyConfig tlbs(std::uint8_t choice) {
    if (choice % 4 == 0) return {};
    const auto entries = static_cast<std::uint32_t>(choice % 4);
    const tlb::ArrayConfig array{.entries = entries, .ways = entries, .serves = {true, true, true}};
    const tlb::ArrayConfig large{.entries = 4, .ways = 2, .serves = {true, (choice & 4) != 0, true}};
    return {.tlbs = {{"l1i", 1, {true, false, false, false}, {array}},
                     {"l1d", 1, {false, true, true, true}, {array}},
                     {"l2", 2, {true, true, true, true}, {large}}},
            .way_choice = tlb::WayChoice::Lru};
  }
  static tlb::StructureCacheConfig structure_caches(std::uint8_t choice) {
    return {choice % 3u, choice / 4 % 3u, choice / 16 % 4u};
  }

  void step() {
    switch (bytes_.next() % 8) {
      case 0:
      case 1:
      case 2: return write_entry();
      case 3: return invalidate();
      case 4: return change_registers();
      default: return access();
    }
  }

  std::uint64_t frame() { return bytes_.next() % kFrames * kFrameBytes; }

  // Mostly a well-formed entry that leads to another table; now and then any 64 bits.
  std::uint64_t entry() {
    const std::uint8_t shape = bytes_.next();
    if (shape == 0xff) return bytes_.word<std::uint64_t>();
    const std::uint64_t low = bytes_.word<std::uint16_t>() & 0xe1f;
    const std::uint64_t rights =
        shape & 0x80 ? 0 : paging::flag::kPresent | paging::flag::kWritable | paging::flag::kUser;
    const std::uint64_t high = shape & 0x40 ? static_cast<std::uint64_t>(bytes_.next()) << 56 : 0;
    const std::uint64_t page = (shape & 0x38) == 0x38 ? paging::flag::kPageSize | 1ull << 30 : 0;
    return low | (rights & ~(shape & 7ull)) | high | page | frame();
  }

  void write(std::size_t place, std::uint64_t value) { memory_.write64(address_of(place), value); }
  void write_entry() {
    const std::size_t place = bytes_.next() % kPlaces;
    write(place, entry());
    forget_everything();
  }
  void forget_everything() {
    PW_CHECK(cached_.invpcid(mmu::InvpcidType::EverythingAndGlobals, 0, VirtAddr(0)).ok());
  }

  // More than has to be forgotten is never wrong.
  void invalidate() {
    const auto type = static_cast<mmu::InvpcidType>(bytes_.next() % mmu::kInvpcidTypes);
    const std::uint64_t pcid = bytes_.word<std::uint16_t>();
    const VirtAddr address = this->address();
    cached_.invlpg(address);
    PW_CHECK(cached_.invpcid(type, pcid, address).ok() == plain_.invpcid(type, pcid, address).ok());
  }

  void change_registers() {
    const std::uint32_t keys = bytes_.word<std::uint32_t>();
    cached_.set_keys(keys, ~keys & bytes_.word<std::uint32_t>());
    plain_.set_keys(cached_.registers().pkru(), cached_.registers().pkrs());
    const std::uint16_t word = bytes_.word<std::uint16_t>();
    const auto bit = [&](unsigned position) { return (word >> position & 1) != 0; };
    const mmu::ControlBits bits{bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6), bit(7), bit(8)};
    const bool enables_pcids = bits.pcide && !cached_.registers().bits().pcide;
    PW_CHECK(cached_.set_control(bits).ok() == plain_.set_control(bits).ok());
    // An address space has one root each, and global pages are used in one tree: as software has to see to.
    const std::uint64_t pcid = bytes_.next() % 8;
    const std::uint64_t any = bit(9) ? bytes_.word<std::uint64_t>() : 0;
    const std::uint64_t cr3 = any | pcid % 4 * kFrameBytes | pcid | (bit(10) ? 1ull << 63 : 0);
    PW_CHECK(cached_.write_cr3(cr3).ok() == plain_.write_cr3(cr3).ok());
    PW_CHECK(cached_.registers().cr3() == plain_.registers().cr3());
    if (any != 0 || enables_pcids || bits.pge) forget_everything();
    if (!cached_.registers().bits().pcide) forget_everything();
  }

  VirtAddr address() {
    const std::uint16_t indices = bytes_.word<std::uint16_t>();
    std::uint64_t address = 0;
    for (unsigned level = 0; level < 5; ++level)
      address |= static_cast<std::uint64_t>(kIndices[indices >> (2 * level) & 3]) << (12 + 9 * level);
    address |= bytes_.word<std::uint16_t>() & 0xfff;
    const bool is_raw = (indices & 0xfc00) == 0xfc00;
    return is_raw ? VirtAddr(address << 4) : sign_extend(address, cached_.registers().virtual_bits());
  }

  void access() {
    const std::uint8_t how = bytes_.next();
    const paging::AccessType type{.operation = static_cast<paging::Operation>(how % 3),
                                  .privilege = static_cast<paging::Privilege>(how >> 2 & 1),
                                  .ac = static_cast<paging::AlignmentCheck>(how >> 3 & 1)};
    const mmu::Access access{address(), 1u + (how >> 4 & 3) * 21u, type};
    const mmu::WalkReport report = cached_.report(access.address, type);
    PW_CHECK(report.steps.size() <= 5);
    const mmu::AccessOutcome first = cached_.access(access);
    const Entries before = entries();
    const mmu::AccessOutcome second = plain_.access(access);
    check_same(first.exception, second.exception);
    if (access.bytes == 1) check_same(report.exception, second.exception);
    if (second.exception) {
      ++refused;
      return check_code(*second.exception, type);
    }
    ++completed;
    PW_CHECK(first.first.address == second.first.address && first.first.size == second.first.size);
    PW_CHECK(first.second.has_value() == second.second.has_value());
    if (first.second) PW_CHECK(first.second->address == second.second->address);
    PW_CHECK(entries() == before);
  }

  static void check_same(const std::optional<mmu::Exception>& first,
                         const std::optional<mmu::Exception>& second) {
    PW_CHECK(first.has_value() == second.has_value());
    if (!first) return;
    PW_CHECK(first->vector == second->vector && first->error_code == second->error_code &&
             first->cr2 == second->cr2);
  }
  // What holds of every error code.
  static void check_code(const mmu::Exception& exception, paging::AccessType type) {
    namespace code = paging::error_code;
    const std::uint32_t bits = exception.error_code;
    if (bits & (code::kReserved | code::kProtectionKey)) PW_CHECK(bits & code::kPresent);
    if (bits & code::kProtectionKey) PW_CHECK(type.operation != paging::Operation::Fetch);
    PW_CHECK(!(bits & code::kWrite) || type.operation == paging::Operation::Write);
  }

  Entries entries() const {
    Entries now;
    for (std::size_t place = 0; place < kPlaces; ++place) now[place] = memory_.read64(address_of(place));
    return now;
  }

  phys::PhysicalMemory& memory_;
  Bytes bytes_;
  mmu::Processor processor_;
  mmu::ArchitecturalMmu<tlb::LruWays> cached_;
  mmu::ArchitecturalMmu<tlb::LruWays> plain_;
};

// The memory is smaller than what entries may name.
inline constexpr std::uint64_t kFuzzMemory = 12 * kFrameBytes;

}  // namespace pw::fuzz
