// SPDX-License-Identifier: MIT
#include "state/machine_state.h"

#include <cstring>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "state/layout.h"
#include "support/test.h"

namespace pw::test {
namespace {

using namespace state;

constexpr std::uint64_t kBytes = 1ull << 30;

// A state that was read, with its memory.
struct Loaded {
  Result<MachineState> state = Error{};
  std::unique_ptr<phys::PhysicalMemory> memory;

  bool refused(ErrorCode code) const { return !state.ok() && state.error().code == code; }
};

// Reads in pieces of the size given, as a pipe would hand them over.
Loaded read_from(std::string_view bytes, std::size_t piece = ~std::size_t{0}) {
  Loaded loaded;
  std::size_t at = 0;
  const Source source = [&](std::span<char> into) -> Result<std::size_t> {
    const std::size_t count = std::min({into.size(), piece, bytes.size() - at});
    std::memcpy(into.data(), bytes.data() + at, count);
    at += count;
    return count;
  };
  loaded.state = read_state(source, [&](std::uint64_t size) -> phys::PhysicalMemory& {
    loaded.memory = std::make_unique<phys::PhysicalMemory>(size);
    return *loaded.memory;
  });
  return loaded;
}

std::string written(const MachineState& state, const phys::PhysicalMemory& memory) {
  std::string bytes;
  const Status done = write_state(state, memory, [&](std::string_view more) -> Status {
    bytes += more;
    return Done{};
  });
  REQUIRE(done.ok());
  return bytes;
}

MachineState some_state() {
  MachineState state;
  state.registers = {.processor = {.max_phys_bits = 40, .pages_1gib = false},
                     .control = {.wp = false, .smap = true, .pcide = true, .la57 = true},
                     .cr3 = 0x3005,
                     .pkru = 0x12345678,
                     .pkrs = 0x9abcdef0};
  state.config = "{\"seed\":1}";
  return state;
}

struct Small {
  Small() {
    memory.write64(PhysAddr(0x3000), 0x4007);
    memory.write64(PhysAddr(0x1ffff8), 1);
    bytes = written(some_state(), memory);
  }
  phys::PhysicalMemory memory{kBytes};
  std::string bytes;
};

bool same_memory(const phys::PhysicalMemory& a, const phys::PhysicalMemory& b) {
  if (a.size() != b.size() || a.frames_in_use() != b.frames_in_use()) return false;
  for (const FrameIndex frame : a.frames_in_use())
    if (std::memcmp(a.peek(address_of(frame)), b.peek(address_of(frame)), kFrameBytes) != 0) return false;
  return true;
}

// One section of a state's bytes: changed, and given a right checksum again.
template <class Change>
std::string forged(std::string bytes, unsigned section, Change change) {
  std::size_t at = sizeof(FileHeader);
  SectionHeader header;
  for (;; --section) {
    std::memcpy(&header, bytes.data() + at, sizeof header);
    if (section == 0) break;
    at += sizeof header + header.bytes;
  }
  std::string payload = bytes.substr(at + sizeof header, header.bytes);
  const std::size_t length = sizeof header + payload.size();
  change(header, payload);
  header.bytes = payload.size();
  header.checksum = checksum_of(header, payload);
  return bytes.replace(at, length, std::string(state::bytes_of(header)) + payload);
}

template <class T>
void put(std::string& payload, std::size_t at, T value) {
  std::memcpy(payload.data() + at, &value, sizeof value);
}

PW_TEST(a_state_comes_back_as_it_was_whatever_pieces_it_is_read_in) {
  phys::PhysicalMemory memory(kBytes);
  Rng rng(3);
  for (int i = 0; i < 2000; ++i) memory.write64(PhysAddr(rng.below(kBytes / 8) * 8), rng.below(~0ull));
  const MachineState before = some_state();
  const std::string bytes = written(before, memory);
  for (const std::size_t piece : {~std::size_t{0}, std::size_t{4097}, std::size_t{7}}) {
    const Loaded loaded = read_from(bytes, piece);
    REQUIRE(loaded.state.ok());
    const MachineState& after = loaded.state.value();
    EXPECT_EQ(to_bits(after.registers.control), to_bits(before.registers.control));
    EXPECT_EQ(after.registers.processor.max_phys_bits, 40);
    EXPECT(!after.registers.processor.pages_1gib);
    EXPECT(after.registers.cr3 == before.registers.cr3);
    EXPECT_EQ(after.registers.pkru, before.registers.pkru);
    EXPECT_EQ(after.registers.pkrs, before.registers.pkrs);
    EXPECT_EQ(after.config, before.config);
    EXPECT(same_memory(*loaded.memory, memory));
  }
}

PW_TEST(frames_of_zeros_take_no_room) {
  phys::PhysicalMemory memory(1ull << 40);
  const std::size_t empty = written({}, memory).size();
  memory.write64(PhysAddr(1ull << 39), 1);
  memory.write64(PhysAddr(1ull << 39), 0);
  EXPECT_EQ(written({}, memory).size(), empty);
  EXPECT(empty < 300);
}

PW_TEST(every_bit_of_the_control_registers_has_its_place) {
  for (unsigned bit = 0; bit < sizeof(mmu::ControlBits); ++bit) {
    EXPECT_EQ(to_bits(control_of(1ull << bit)), 1ull << bit);
    EXPECT((kKnownControl & 1ull << bit) != 0);
  }
}

PW_TEST(a_state_that_was_cut_anywhere_is_refused_as_truncated) {
  const Small small;
  for (std::size_t length = 0; length < small.bytes.size(); ++length) {
    const Loaded loaded = read_from(std::string_view(small.bytes).substr(0, length));
    EXPECT(loaded.refused(ErrorCode::StateTruncated));
    EXPECT_EQ(loaded.state.error().offset.value_or(~0ull), length);
  }
}

PW_TEST(a_change_of_any_byte_is_refused) {
  const Small small;
  Rng rng(5);
  for (std::size_t at = 0; at < small.bytes.size(); ++at) {
    std::string bytes = small.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 + rng.below(255)));
    const Loaded loaded = read_from(bytes);
    EXPECT(!loaded.state.ok());
  }
}

PW_TEST(random_damage_is_refused_and_harms_nothing) {
  const Small small;
  Rng rng(7);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = small.bytes;
    for (std::uint64_t changes = 1 + rng.below(4); changes-- > 0;) {
      const std::size_t at = rng.below(bytes.size()), count = rng.below(64);
      switch (rng.below(3)) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ 1 << rng.below(8)); break;
        case 1: bytes.erase(at, count); break;
        default: bytes.insert(at, std::string(count, static_cast<char>(rng.below(256))));
      }
    }
    EXPECT(bytes == small.bytes || !read_from(bytes).state.ok());
  }
}

PW_TEST(more_bytes_after_the_end_are_refused) {
  EXPECT(read_from(Small().bytes + '\0').refused(ErrorCode::StateCorrupt));
}

PW_TEST(what_a_later_version_may_bring_is_refused_as_unknown) {
  const Small small;
  FileHeader header;
  std::memcpy(&header, small.bytes.data(), sizeof header);
  const auto with_header = [&] {
    header.checksum = checksum_of(header);
    return read_from(std::string(state::bytes_of(header)) + small.bytes.substr(sizeof header));
  };
  EXPECT(with_header().state.ok());
  header.version = 2;
  EXPECT(with_header().refused(ErrorCode::StateFormat));
  header.version = 1;
  header.flags = 1;
  EXPECT(with_header().refused(ErrorCode::StateFormat));
  const auto changed = [&](unsigned section, auto change) {
    return read_from(forged(small.bytes, section, change)).refused(ErrorCode::StateFormat);
  };
  EXPECT(changed(3, [](SectionHeader& h, std::string&) { h.kind = static_cast<SectionKind>(0x424c5457); }));
  EXPECT(changed(0, [](SectionHeader&, std::string& payload) { put(payload, 4, std::uint32_t{3}); }));
  EXPECT(changed(1, [](SectionHeader&, std::string& payload) { put(payload, 0, std::uint64_t{512}); }));
  EXPECT(changed(1, [](SectionHeader&, std::string& payload) { put(payload, 24, std::uint64_t{3}); }));
}

// With a right checksum, so that only the value is wrong.
PW_TEST(values_that_no_machine_has_are_refused) {
  const Small small;
  const auto changed = [&](unsigned section, auto change) {
    const auto run = [&](SectionHeader&, std::string& payload) { change(payload); };
    return read_from(forged(small.bytes, section, run)).refused(ErrorCode::StateCorrupt);
  };
  EXPECT(changed(0, [](std::string& p) { put(p, 0, std::uint32_t{53}); }));
  EXPECT(changed(0, [](std::string& p) { put(p, 0, std::uint32_t{31}); }));
  EXPECT(changed(0, [](std::string& p) { p.pop_back(); }));
  EXPECT(changed(1, [](std::string& p) { put(p, 8, 1ull << 40); }));
  EXPECT(changed(1, [](std::string& p) { put(p, 8, 1ull << 63 | 0x3005); }));
  EXPECT(changed(2, [](std::string& p) { put(p, 0, kBytes + 1); }));
  EXPECT(changed(2, [](std::string& p) { put(p, 0, std::uint64_t{0}); }));
  EXPECT(changed(2, [](std::string& p) { put(p, 0, std::uint64_t{0x3000}); }));
  EXPECT(changed(4, [](std::string& p) { put(p, 0, std::uint64_t{3}); }));
  EXPECT(changed(4, [](std::string& p) { put(p, 0, ~0ull); }));
  EXPECT(changed(4, [](std::string& p) { put(p, 8, std::uint64_t{1000000}); }));
  EXPECT(changed(4, [](std::string& p) { put(p, 16, std::uint64_t{3}); }));
  EXPECT(changed(4, [](std::string& p) { p.clear(); }));
  EXPECT(changed(5, [](std::string& p) { put(p, 0, std::uint64_t{3}); }));
}

PW_TEST(sections_out_of_their_order_are_refused) {
  const Small small;
  const auto renumbered = [](SectionHeader& header, std::string&) { ++header.number; };
  EXPECT(read_from(forged(small.bytes, 4, renumbered)).refused(ErrorCode::StateCorrupt));
  const auto renamed = [](SectionKind kind) {
    return [kind](SectionHeader& header, std::string&) { header.kind = kind; };
  };
  EXPECT(read_from(forged(small.bytes, 0, renamed(SectionKind::Config))).refused(ErrorCode::StateCorrupt));
  EXPECT(read_from(forged(small.bytes, 3, renamed(SectionKind::Frames))).refused(ErrorCode::StateCorrupt));
  EXPECT(read_from(forged(small.bytes, 5, renamed(SectionKind::Memory))).refused(ErrorCode::StateCorrupt));
}

PW_TEST(lengths_that_would_take_all_memory_are_refused_before_they_do) {
  const Small small;
  std::string bytes = small.bytes;
  put(bytes, sizeof(FileHeader) + 8, 1ull << 60);
  EXPECT(read_from(bytes).refused(ErrorCode::StateCorrupt));
}

PW_TEST(files_that_cannot_be_opened_say_so_with_codes_of_their_own) {
  const MakeMemory none = [](std::uint64_t) -> phys::PhysicalMemory& { throw InternalError("no memory"); };
  const auto missing = load_state("no-such-folder/no-such-file.pws", none);
  REQUIRE(!missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::StateNotFound);
  EXPECT(missing.error().message.find("cannot open state no-such-folder") == 0);
  const auto folder = load_state(PAGEWALK_SOURCE_DIR, none);
  REQUIRE(!folder.ok());
  EXPECT_EQ(folder.error().code, ErrorCode::StateUnreadable);
}

}  // namespace
}  // namespace pw::test
