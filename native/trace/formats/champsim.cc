// SPDX-License-Identifier: MIT
#include "trace/formats/champsim.h"

#include <algorithm>
#include <array>

#include "trace/formats/bytes.h"

namespace pw::trace {
namespace {

constexpr std::size_t kRecord = 64;

// ip, two flags, six registers, two destination and four source addresses; 0 marks an empty slot.
struct Slot {
  std::size_t offset;
  AccessKind kind;
};
constexpr std::array<Slot, 7> kSlots = {{{0, AccessKind::Fetch},
                                         {32, AccessKind::Load},
                                         {40, AccessKind::Load},
                                         {48, AccessKind::Load},
                                         {56, AccessKind::Load},
                                         {16, AccessKind::Store},
                                         {24, AccessKind::Store}}};
constexpr std::size_t kFlags = 8;  // is_branch, branch_taken

bool is_plausible(const char* record) {
  if (static_cast<unsigned char>(record[kFlags]) > 1 || static_cast<unsigned char>(record[kFlags + 1]) > 1)
    return false;
  if (load<std::uint64_t>(record) == 0) return false;
  return std::ranges::all_of(kSlots, [record](const Slot& slot) {
    return is_canonical(VirtAddr(load<std::uint64_t>(record + slot.offset)), kMaxVirtBits);
  });
}

}  // namespace

Result<Decoded> ChampSimReader::decode(std::string_view text, End end, Batch& batch) {
  std::size_t used = 0;
  for (; text.size() - used >= kRecord; used += kRecord, ++record_) {
    if (tally_.records >= options_.limit) return Decoded{used, Stop::Done};
    if (batch.count + kSlots.size() > kBatchWords) return Decoded{used, Stop::BatchFull};
    PW_TRY(take_record(text.data() + used, batch));
  }
  if (end == End::MoreFollows && tally_.records < options_.limit) return Decoded{used, Stop::NeedsInput};
  if (used < text.size() && tally_.records < options_.limit) {
    return Error{.code = ErrorCode::TraceTruncated,
                 .message = "the trace ends within a record of 64 bytes",
                 .offset = record_ * kRecord};
  }
  return Decoded{used, Stop::Done};
}

Status ChampSimReader::take_record(const char* record, Batch& batch) {
  if (!is_plausible(record)) {
    if (options_.on_error == OnError::Skip) {
      ++tally_.skipped;
      return Done{};
    }
    return Error{
        .code = ErrorCode::TraceMalformed,
        .message = "expected an instruction with flags of 0 or 1 and canonical addresses, got record " +
                   std::to_string(record_) + " with address " + std::to_string(load<std::uint64_t>(record)),
        .offset = record_ * kRecord};
  }
  for (const Slot& slot : kSlots) {
    const VirtAddr address(load<std::uint64_t>(record + slot.offset));
    if (address.value() == 0 || tally_.records == options_.limit) continue;
    append_access(batch, address, slot.kind, 0);
    ++tally_.records;
  }
  return Done{};
}

bool ChampSimReader::recognizes(std::string_view head) {
  constexpr std::size_t kLooked = 64;  // records
  if (head.size() < kRecord) return false;
  const std::size_t records = std::min(head.size() / kRecord, kLooked);
  for (std::size_t i = 0; i < records; ++i) {
    if (!is_plausible(head.data() + i * kRecord)) return false;
  }
  return true;
}

}  // namespace pw::trace
