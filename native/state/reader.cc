// SPDX-License-Identifier: MIT
// Reads a state section by section and believes nothing: every length is bounded before it is allocated,
// every checksum compared before a value is used.
#include <algorithm>
#include <cstring>

#include "base/hex.h"
#include "state/layout.h"
#include "state/machine_state.h"

namespace pw::state {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

Error refused(ErrorCode code, std::uint64_t offset, std::string message) {
  return Error{.code = code, .message = std::move(message), .offset = offset};
}

template <class T>
T structure_of(std::string_view bytes) {
  T structure;
  std::memcpy(&structure, bytes.data(), sizeof structure);
  return structure;
}

class Reader {
 public:
  Reader(const Source& source, const MakeMemory& make_memory) : source_(source), make_memory_(make_memory) {}

  Result<MachineState> read() {
    PW_TRY(read_header());
    MachineState state;
    PW_TRY(expect(SectionKind::Processor));
    PW_TRY(take_processor(state.registers));
    PW_TRY(expect(SectionKind::Registers));
    PW_TRY(take_registers(state.registers));
    PW_TRY(expect(SectionKind::Memory));
    PW_TRY(take_memory(state.registers));
    PW_TRY(read_section());
    if (header_.kind == SectionKind::Config) {
      state.config = payload_;
      PW_TRY(read_section());
    }
    for (; header_.kind == SectionKind::Frames;) {
      PW_TRY(take_frames());
      PW_TRY(read_section());
    }
    PW_TRY(require(SectionKind::End, "frames or the end"));
    PW_TRY(take_end());
    return state;
  }

 private:
  // Exactly so many bytes; `what` they are, for the message.
  Status fill(std::span<char> into, const std::string& what) {
    std::size_t done = 0;
    while (done < into.size()) {
      PW_TRY_ASSIGN(const std::size_t got, source_(into.subspan(done)));
      if (got == 0)
        return refused(ErrorCode::StateTruncated, offset_ + done,
                       "the state ends within " + what + ": expected " + number(into.size()) +
                           " bytes from byte " + number(offset_) + ", got " + number(done));
      done += got;
    }
    offset_ += done;
    return Done{};
  }
  Error corrupt(std::string message) const {
    return refused(ErrorCode::StateCorrupt, section_at_, std::move(message));
  }
  Error unknown(std::string message) const {
    return refused(ErrorCode::StateFormat, section_at_, std::move(message));
  }

  Status read_header() {
    FileHeader header;
    const std::span<char> bytes(reinterpret_cast<char*>(&header), sizeof header);
    PW_TRY(fill(bytes.first(kMagic.size()), "its first bytes"));
    if (std::string_view(header.magic, sizeof header.magic) != kMagic)
      return unknown("expected the first bytes of a saved state (\\x89PWS), got something else");
    PW_TRY(fill(bytes.subspan(kMagic.size()), "its header"));
    if (header.version != kVersion)
      return unknown("the state has version " + number(header.version) + ", this build reads version " +
                     number(kVersion));
    PW_TRY(compare(header.checksum, checksum_of(header), "the header"));
    if (header.flags != 0)
      return unknown("the state has flags " + hex(header.flags) + ", this build knows none");
    return Done{};
  }

  Status compare(std::uint64_t stored, std::uint64_t computed, const std::string& what) const {
    if (stored == computed) return Done{};
    return corrupt("the checksum of " + what + " is wrong: expected " + hex(stored) + ", got " +
                   hex(computed));
  }

  Status read_section() {
    section_at_ = offset_;
    PW_TRY(fill({reinterpret_cast<char*>(&header_), sizeof header_}, "a section's header"));
    const std::string name = "section " + name_of(header_.kind);
    PW_TRY_ASSIGN(const std::uint64_t most, most_bytes());
    if (header_.bytes > most)
      return corrupt(name + ": expected at most " + number(most) + " bytes, got " + number(header_.bytes));
    payload_.resize(header_.bytes);
    PW_TRY(fill(payload_, name));
    PW_TRY(compare(header_.checksum, checksum_of(header_, payload_), name));
    if (header_.number != sections_)
      return corrupt(name + ": expected the number " + number(sections_) + ", got " + number(header_.number));
    ++sections_;
    return Done{};
  }
  // Of payload, in a section of this kind.
  Result<std::uint64_t> most_bytes() const {
    switch (header_.kind) {
      case SectionKind::Processor: return sizeof(ProcessorPayload);
      case SectionKind::Registers: return sizeof(RegistersPayload);
      case SectionKind::Memory: return sizeof(MemoryPayload);
      case SectionKind::Config: return kMaxConfigBytes;
      case SectionKind::Frames: return frames_bytes(kFramesInSection);
      case SectionKind::End: return sizeof(EndPayload);
    }
    return unknown("the state has a section " + name_of(header_.kind) + " (" +
                   hex(static_cast<std::uint32_t>(header_.kind)) + "), which this build does not know");
  }
  static constexpr std::uint64_t frames_bytes(std::uint64_t frames) {
    return sizeof(std::uint64_t) + frames * (sizeof(std::uint64_t) + kFrameBytes);
  }

  Status require(SectionKind kind, const std::string& expected) const {
    if (header_.kind == kind) return Done{};
    return corrupt("expected " + expected + " here, got the section " + name_of(header_.kind));
  }
  Status expect(SectionKind kind) {
    PW_TRY(read_section());
    return require(kind, "the section " + name_of(kind));
  }
  template <class T>
  Result<T> payload() const {
    if (payload_.size() == sizeof(T)) return structure_of<T>(payload_);
    return corrupt("section " + name_of(header_.kind) + ": expected " + number(sizeof(T)) + " bytes, got " +
                   number(payload_.size()));
  }

  Status take_processor(Registers& registers) {
    PW_TRY_ASSIGN(const auto values, payload<ProcessorPayload>());
    if (values.max_phys_bits < mmu::ControlRegisters::kLeastPhysBits || values.max_phys_bits > kMaxPhysBits)
      return corrupt("MAXPHYADDR: expected 32 to 52 bits, got " + number(values.max_phys_bits));
    if ((values.features & ~kPages1Gib) != 0)
      return unknown("the state has processor features " + hex(values.features) + ", this build knows 0x1");
    registers.processor = {values.max_phys_bits, (values.features & kPages1Gib) != 0};
    return Done{};
  }

  Status take_registers(Registers& registers) {
    PW_TRY_ASSIGN(const auto values, payload<RegistersPayload>());
    if ((values.control & ~kKnownControl) != 0 || (values.flags & ~kCr3Written) != 0)
      return unknown("the state has control bits " + hex(values.control) + " and register flags " +
                     hex(values.flags) + ", this build knows " + hex(kKnownControl) + " and 0x1");
    registers.control = control_of(values.control);
    registers.pkru = values.pkru;
    registers.pkrs = values.pkrs;
    if ((values.flags & kCr3Written) == 0) return Done{};
    registers.cr3 = values.cr3;
    // No CR3 that was loaded has bit 63.
    const bool kept = (values.cr3 & mmu::ControlRegisters::kKeepTranslations) != 0;
    mmu::ControlRegisters check(registers.processor);
    if (kept || !check.set(registers.control).ok() || !check.check_cr3(values.cr3).ok())
      return corrupt("CR3: expected a value that the processor takes, got " + hex(values.cr3));
    return Done{};
  }

  Status take_memory(const Registers& registers) {
    PW_TRY_ASSIGN(const auto values, payload<MemoryPayload>());
    if (const Status size = phys::check_memory_size(values.bytes); !size.ok())
      return corrupt(size.error().message);
    if (registers.cr3) {
      const std::uint64_t root = mmu::ControlRegisters::table_of(*registers.cr3);
      if (root >= values.bytes)
        return corrupt("CR3: expected a root table below " + hex(values.bytes) + ", got " + hex(root));
    }
    memory_ = &make_memory_(values.bytes);
    PW_CHECK(memory_->size() == values.bytes);
    return Done{};
  }

  Status take_frames() {
    const std::string_view bytes = payload_;
    const std::uint64_t count = bytes.size() < sizeof(std::uint64_t) ? 0 : structure_of<std::uint64_t>(bytes);
    if (count == 0 || count > kFramesInSection || bytes.size() != frames_bytes(count))
      return corrupt("section FRAM: expected 1 to " + number(kFramesInSection) +
                     " frames and their bytes, got " + number(count) + " in " + number(bytes.size()) +
                     " bytes");
    const std::string_view indices = bytes.substr(sizeof(std::uint64_t));
    const std::string_view contents = indices.substr(count * sizeof(std::uint64_t));
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto frame = structure_of<std::uint64_t>(indices.substr(i * sizeof(std::uint64_t)));
      if (frame < next_frame_ || frame >= memory_->frames())
        return corrupt("section FRAM: expected a frame from " + number(next_frame_) + " to " +
                       number(memory_->frames() - 1) + ", got " + number(frame));
      next_frame_ = frame + 1;
      memory_->write(address_of(FrameIndex(frame)),
                     std::as_bytes(std::span(contents.substr(i * kFrameBytes, kFrameBytes))));
    }
    frames_ += count;
    return Done{};
  }

  Status take_end() {
    PW_TRY_ASSIGN(const auto values, payload<EndPayload>());
    if (values.frames != frames_)
      return corrupt("section END: expected " + number(values.frames) + " frames before it, got " +
                     number(frames_));
    char more;
    section_at_ = offset_;
    PW_TRY_ASSIGN(const std::size_t got, source_({&more, 1}));
    return got == 0 ? Status(Done{}) : corrupt("expected nothing after the end of the state, got more bytes");
  }

  const Source& source_;
  const MakeMemory& make_memory_;
  std::uint64_t offset_ = 0;
  std::uint64_t section_at_ = 0;  // where the section under way begins
  std::uint32_t sections_ = 0;
  SectionHeader header_;
  std::string payload_;
  phys::PhysicalMemory* memory_ = nullptr;
  std::uint64_t next_frame_ = 0;
  std::uint64_t frames_ = 0;
};

}  // namespace

Result<MachineState> read_state(const Source& source, const MakeMemory& make_memory) {
  return Reader(source, make_memory).read();
}

}  // namespace pw::state
