// SPDX-License-Identifier: MIT
#include "trace/formats/din.h"

#include <algorithm>
#include <array>

#include "trace/formats/text_line.h"

namespace pw::trace {
namespace {

constexpr std::array<AccessKind, 3> kKindOfLabel = {AccessKind::Load, AccessKind::Store, AccessKind::Fetch};

struct DinLine {
  AccessKind kind = AccessKind::Load;
  VirtAddr address;
};

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
}

// What was expected where the line is wrong, or nothing.
std::string_view parse(std::string_view line, DinLine& parsed) {
  skip_blanks(line);
  const std::size_t label = line.empty() ? kKindOfLabel.size() : static_cast<std::size_t>(line[0] - '0');
  if (label >= kKindOfLabel.size()) return "a label of 0, 1 or 2";
  parsed.kind = kKindOfLabel[label];
  line.remove_prefix(1);
  if (line.empty() || (line[0] != ' ' && line[0] != '\t')) return "a blank after the label";
  skip_blanks(line);
  if (line.substr(0, 2) == "0x") line.remove_prefix(2);
  const Number address = take_hex(line);
  if (address.digits == 0 || address.digits > kMaxHexDigits)
    return "an address of 1 to 16 hexadecimal digits";
  if (!line.empty() && line[0] != ' ' && line[0] != '\t')
    return "a blank or the end of the line after the address";
  parsed.address = VirtAddr(address.value);
  const AccessFault fault = check_access(parsed.address, 1);
  return fault == AccessFault::None ? std::string_view() : expectation(fault);
}

}  // namespace

Result<Decoded> DinReader::decode(std::string_view text, End end, Batch& batch) {
  std::size_t used = 0;
  while (used < text.size()) {
    if (tally_.records >= options_.limit) return Decoded{used, Stop::Done};
    if (!batch.has_room_for_access()) return Decoded{used, Stop::BatchFull};
    const std::size_t newline = text.find('\n', used);
    if (newline == std::string_view::npos && end == End::MoreFollows) return Decoded{used, Stop::NeedsInput};
    const std::size_t next = std::min(newline, text.size() - 1) + 1;
    PW_TRY(take_line(text.substr(used, next - used), batch));
    used = next;
  }
  return Decoded{used, end == End::Last ? Stop::Done : Stop::NeedsInput};
}

Status DinReader::take_line(std::string_view line, Batch& batch) {
  DinLine parsed;
  const std::string_view expected = parse(without_line_end(line), parsed);
  if (expected.empty()) {
    append_access(batch, parsed.address, parsed.kind, 0);
    ++tally_.records;
  } else if (options_.on_error == OnError::Skip) {
    ++tally_.skipped;
  } else {
    return malformed_line(tally_.records + tally_.skipped + 1, expected, line);
  }
  return Done{};
}

bool DinReader::recognizes(std::string_view head) {
  const std::size_t newline = head.find('\n');
  DinLine parsed;
  return parse(without_line_end(head.substr(0, newline)), parsed).empty();
}

}  // namespace pw::trace
