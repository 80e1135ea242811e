// SPDX-License-Identifier: MIT
#include "binding/page_stream_reading.h"

#include <algorithm>
#include <vector>

namespace pw::binding {
namespace {

constexpr std::uint64_t kReadingShare = 10;  // one part in so many

analysis::PageReference reference_of(PackedAccess word) {
  return page_of(address_of(word)).value() | (is_write(kind_of(word)) ? analysis::kStoreBit : 0);
}

}  // namespace

Status read_page_references(const trace::Trace& trace, trace::Selection selection, TaskProgress& progress,
                            std::uint64_t parts,
                            const std::function<void(std::span<const analysis::PageReference>)>& take) {
  selection.crossing = trace::Crossing::First;
  PW_TRY_ASSIGN(const auto source, trace.accesses(selection));
  progress.total = source->total() * parts;
  std::vector<analysis::PageReference> references;
  for (;;) {
    if (progress.abort) return Error{ErrorCode::Aborted, "reading the trace was aborted"};
    PW_TRY_ASSIGN(const auto words, source->next());
    if (words.empty()) return Done{};
    references.resize(words.size());
    std::ranges::transform(words, references.begin(), reference_of);
    take(references);
    progress.position.store(source->position(), std::memory_order_relaxed);
  }
}

Result<analysis::PageStream> read_page_stream(const trace::Trace& trace, trace::Selection selection,
                                              TaskProgress& progress) {
  analysis::PageStream stream;
  PW_TRY(read_page_references(trace, selection, progress, kReadingShare,
                              [&](const auto references) { stream.add(references); }));
  return stream;
}

analysis::Watch watch_analysis(TaskProgress& progress, std::uint64_t references) {
  const std::uint64_t read = references / (kReadingShare - 1);
  progress.position = read;
  progress.total = read + references;
  return {.abort = &progress.abort, .served = &progress.position};
}

}  // namespace pw::binding
