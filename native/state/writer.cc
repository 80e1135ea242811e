// SPDX-License-Identifier: MIT
// Writes a state section by section.
#include <algorithm>
#include <vector>

#include "state/layout.h"
#include "state/machine_state.h"

namespace pw::state {
namespace {

class Writer {
 public:
  explicit Writer(const Sink& sink) : sink_(sink) {}

  Status header() {
    FileHeader header{};
    std::copy(kMagic.begin(), kMagic.end(), header.magic);
    header.version = kVersion;
    header.checksum = checksum_of(header);
    return sink_(bytes_of(header));
  }
  Status section(SectionKind kind, std::string_view payload) {
    SectionHeader header{.kind = kind, .number = sections_++, .bytes = payload.size()};
    header.checksum = checksum_of(header, payload);
    PW_TRY(sink_(bytes_of(header)));
    return sink_(payload);
  }
  // Their number, their indices, their bytes.
  Status frames(const phys::PhysicalMemory& memory, std::span<const FrameIndex> frames) {
    const std::uint64_t count = frames.size();
    payload_.assign(bytes_of(count));
    for (const FrameIndex frame : frames) payload_ += bytes_of(frame.value());
    for (const FrameIndex frame : frames) {
      const auto* bytes = reinterpret_cast<const char*>(memory.peek(address_of(frame)));
      payload_.append(bytes, kFrameBytes);
    }
    return section(SectionKind::Frames, payload_);
  }

 private:
  const Sink& sink_;
  std::uint32_t sections_ = 0;
  std::string payload_;
};

}  // namespace

Status write_state(const MachineState& state, const phys::PhysicalMemory& memory, const Sink& sink) {
  const Registers& registers = state.registers;
  Writer writer(sink);
  PW_TRY(writer.header());
  const ProcessorPayload processor{registers.processor.max_phys_bits,
                                   registers.processor.pages_1gib ? kPages1Gib : 0};
  PW_TRY(writer.section(SectionKind::Processor, bytes_of(processor)));
  const RegistersPayload values{to_bits(registers.control), registers.cr3.value_or(0), registers.pkru,
                                registers.pkrs, registers.cr3 ? kCr3Written : 0};
  PW_TRY(writer.section(SectionKind::Registers, bytes_of(values)));
  PW_TRY(writer.section(SectionKind::Memory, bytes_of(MemoryPayload{memory.size()})));
  PW_CHECK(state.config.size() <= kMaxConfigBytes);
  if (!state.config.empty()) PW_TRY(writer.section(SectionKind::Config, state.config));
  const std::vector<FrameIndex> frames = memory.frames_in_use();
  for (std::size_t at = 0; at < frames.size(); at += kFramesInSection) {
    const std::size_t count = std::min<std::size_t>(kFramesInSection, frames.size() - at);
    PW_TRY(writer.frames(memory, std::span(frames).subspan(at, count)));
  }
  return writer.section(SectionKind::End, bytes_of(EndPayload{frames.size()}));
}

}  // namespace pw::state
