// SPDX-License-Identifier: MIT
#include "trace/formats/lackey.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "trace/formats/bytes.h"
#include "trace/formats/hex.h"
#include "trace/formats/text_line.h"

namespace pw::trace {
namespace {

constexpr std::size_t kPrefix = 3;  // the address begins in the fourth column
constexpr std::array<std::string_view, kAccessKinds> kPrefixes = {"I  ", " L ", " S ", " M "};

constexpr std::uint32_t as_number(std::string_view prefix) {
  return static_cast<std::uint32_t>(prefix[0]) | static_cast<std::uint32_t>(prefix[1]) << 8 |
         static_cast<std::uint32_t>(prefix[2]) << 16;
}
constexpr std::array<std::uint32_t, kAccessKinds> kPrefixNumbers = {
    as_number(kPrefixes[0]), as_number(kPrefixes[1]), as_number(kPrefixes[2]), as_number(kPrefixes[3])};
// The kind that a line can only be, by its second character; the whole prefix is compared afterwards.
constexpr std::array<std::uint8_t, 256> kKindOfSecond = [] {
  std::array<std::uint8_t, 256> table{};
  table['L'] = 1, table['S'] = 2, table['M'] = 3;
  return table;
}();

struct FastLine {
  std::uint64_t address;
  std::uint32_t size;
  std::uint8_t kind;
  const char* next;  // null: not of the plain form
};

// Digits, then a line end, at `p`. Three digits at most, so that the size stays below 4 KiB.
PW_ALWAYS_INLINE const char* take_size(const char* p, std::uint32_t& size) {
  size = static_cast<unsigned char>(*p++) - unsigned{'0'};
  if (size > 9) return nullptr;
  for (int more = 0; more < 2 && *p != '\n'; ++more) {
    const std::uint32_t digit = static_cast<unsigned char>(*p++) - unsigned{'0'};
    if (digit > 9) return nullptr;
    size = size * 10 + digit;
  }
  return *p == '\n' && size != 0 ? p + 1 : nullptr;
}

// Reads at most 24 bytes from `p`, in bounds thanks to the slack.
PW_ALWAYS_INLINE FastLine take_fast(const char* p) {
  FastLine line{0, 0, kKindOfSecond[static_cast<unsigned char>(p[1])], nullptr};
  const auto head = load<std::uint64_t>(p + kPrefix);
  const auto rest = load<std::uint64_t>(p + kPrefix + 8);
  const std::uint64_t no_comma = rest ^ static_cast<std::uint64_t>(',') * kEveryByte;
  const std::uint64_t commas = (no_comma - kEveryByte) & ~no_comma & 0x80 * kEveryByte;
  const bool plain = (load<std::uint32_t>(p) & 0xffffff) == kPrefixNumbers[line.kind] && commas != 0;
  if (!plain) return line;
  const unsigned bits = static_cast<unsigned>(std::countr_zero(commas)) & ~7u;  // 8 for each further digit
  // The further digits move to the top; zeros come before them.
  const std::uint64_t further = (rest << (56 - bits) << 8) | (0x30 * kEveryByte >> bits);
  if (!are_hex_digits(head) || !are_hex_digits(further)) return line;
  line.address = value_of_hex(head) << (bits / 2) | value_of_hex(further);
  line.next = take_size(p + kPrefix + 8 + bits / 8 + 1, line.size);
  return line;
}

// Parses plain lines from `p` while there are any and `room` holds out; returns where it stopped.
template <Sizes kSizes>
const char* take_fast_lines(const char* p, const char* end, std::uint64_t room, Batch& batch) {
  PackedAccess* const words = batch.words.get();
  std::size_t count = batch.count;
  const std::size_t bound =
      count + static_cast<std::size_t>(std::min<std::uint64_t>(room, kBatchWords - count));
  while (p < end && count < bound) {
    const FastLine line = take_fast(p);
    const std::uint64_t past = (line.address & (kFrameBytes - 1)) + line.size;
    if (line.next == nullptr || past > kFrameBytes || line.address >> (kMaxVirtBits - 1) != 0) break;
    if constexpr (kSizes == Sizes::Kept) batch.sizes[count] = static_cast<std::uint16_t>(line.size);
    words[count++] = line.address | static_cast<std::uint64_t>(line.kind) << kKindShift;
    p = line.next;
  }
  batch.count = count;
  return p;
}

struct ParsedLine {
  VirtAddr address;
  AccessKind kind = AccessKind::Fetch;
  std::uint64_t size = 0;
};

// The careful parser: what was expected where the line is wrong, or nothing.
std::string_view parse(std::string_view line, ParsedLine& parsed) {
  const auto prefix = std::find(kPrefixes.begin(), kPrefixes.end(), line.substr(0, kPrefix));
  if (prefix == kPrefixes.end())
    return "a line that begins with \"I  \", \" L \", \" S \", \" M \" or \"==\"";
  parsed.kind = static_cast<AccessKind>(prefix - kPrefixes.begin());
  line.remove_prefix(kPrefix);
  const Number address = take_hex(line);
  if (address.digits == 0 || address.digits > kMaxHexDigits)
    return "an address of 1 to 16 hexadecimal digits";
  parsed.address = VirtAddr(address.value);
  if (line.substr(0, 1) != ",") return "a comma after the address";
  line.remove_prefix(1);
  const Number size = take_decimal(line);
  if (size.digits == 0 || !line.empty()) return "a decimal size between the comma and the end of the line";
  if (size.value == 0 || size.value > kMaxAccessBytes) return "a size of 1 to 4096 bytes";
  parsed.size = size.value;
  const AccessFault fault = check_access(parsed.address, parsed.size);
  return fault == AccessFault::None ? std::string_view() : expectation(fault);
}

bool is_banner(std::string_view line) { return line.substr(0, 2) == "=="; }

}  // namespace

std::string_view prefix_of(AccessKind kind) { return kPrefixes[static_cast<std::size_t>(kind)]; }

Result<Decoded> LackeyReader::decode(std::string_view text, End end, Batch& batch) {
  const std::size_t newline = text.rfind('\n');
  const std::size_t whole = newline == std::string_view::npos ? 0 : newline + 1;
  PW_TRY_ASSIGN(Decoded decoded, decode_lines(text.substr(0, whole), batch));
  if (decoded.stop != Stop::NeedsInput || end == End::MoreFollows) return decoded;
  if (whole != text.size()) PW_TRY(take_unfinished_line(text, batch));
  calls_.finish(batch.count, batch.events, tally_);
  return Decoded{text.size(), Stop::Done};
}

// Only called with the whole lines before it used up, so that `text` may begin with them.
Status LackeyReader::take_unfinished_line(std::string_view text, Batch& batch) {
  const std::size_t newline = text.rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  return take_line(text.substr(begin), batch);
}

Result<Decoded> LackeyReader::decode_lines(std::string_view text, Batch& batch) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end && may_go_on(batch)) {
    const std::size_t before = batch.count;
    const std::uint64_t room = options_.limit - tally_.records;
    p = batch.sizes ? take_fast_lines<Sizes::Kept>(p, end, room, batch)
                    : take_fast_lines<Sizes::Dropped>(p, end, room, batch);
    tally_.records += batch.count - before;
    if (p == end || !may_go_on(batch)) break;
    const char* const newline =
        static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
    PW_TRY(take_line({p, static_cast<std::size_t>(newline + 1 - p)}, batch));
    p = newline + 1;
  }
  return Decoded{static_cast<std::size_t>(p - text.data()), why_stopped(batch)};
}

Stop LackeyReader::why_stopped(const Batch& batch) const {
  if (tally_.records >= options_.limit) return Stop::Done;
  return batch.has_room_for_access() ? Stop::NeedsInput : Stop::BatchFull;
}

Status LackeyReader::take_line(std::string_view line, Batch& batch) {
  std::string_view text = without_line_end(line);
  std::string_view expected;
  bool is_other = false;
  while (expected.empty() && calls_.takes(text)) {
    std::string_view rest;
    expected = calls_.take(text, batch.count, batch.events, tally_, rest);
    is_other = expected.empty() && rest.empty();
    if (is_other) break;
    if (expected.empty()) text = rest;
  }
  if (is_other) {
    ++tally_.other;
    return Done{};
  }
  ParsedLine parsed;
  if (expected.empty()) expected = parse(text, parsed);
  if (!expected.empty()) {
    if (options_.on_error == OnError::Stop) {
      return malformed_line(tally_.records + tally_.other + tally_.skipped + 1, expected, line);
    }
    ++tally_.skipped;
    return Done{};
  }
  append_access(batch, parsed.address, parsed.kind, parsed.size);
  ++tally_.records;
  return Done{};
}

bool LackeyReader::recognizes(std::string_view head) {
  constexpr int kLines = 16;  // a damaged first line must not hide what the file is
  for (int i = 0; i < kLines && !head.empty(); ++i) {
    const std::size_t newline = head.find('\n');
    const std::string_view line = head.substr(0, newline);
    ParsedLine parsed;
    if (is_banner(line) || parse(without_line_end(line), parsed).empty()) return true;
    if (newline == std::string_view::npos) return false;
    head.remove_prefix(newline + 1);
  }
  return false;
}

bool LackeyReader::has_events(std::string_view head) {
  return head.starts_with(kCallPrefix) || head.find("\n" + std::string(kCallPrefix)) != head.npos ||
         head.find("== " + std::string(kOwnLine)) != head.npos;
}

}  // namespace pw::trace
