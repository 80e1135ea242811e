// SPDX-License-Identifier: MIT
#include "binding/page_stream_reading.h"

#include <vector>

namespace pw::binding {
namespace {

constexpr std::uint64_t kReadingShare = 10;  // one part in so many

analysis::PageReference reference_of(PackedAccess word) {
  return page_of(address_of(word)).value() | (is_write(kind_of(word)) ? analysis::kStoreBit : 0);
}

}  // namespace

Result<analysis::PageStream> read_page_stream(const trace::Trace& trace, trace::Selection selection,
                                              TaskProgress& progress) {
  selection.crossing = trace::Crossing::First;
  PW_TRY_ASSIGN(const auto source, trace.accesses(selection));
  progress.total = source->total() * kReadingShare;
  analysis::PageStream stream;
  std::vector<analysis::PageReference> references;
  for (;;) {
    if (progress.abort) return Error{ErrorCode::Aborted, "reading the trace was aborted"};
    PW_TRY_ASSIGN(const auto words, source->next());
    if (words.empty()) return stream;
    references.clear();
    for (const PackedAccess word : words) references.push_back(reference_of(word));
    stream.add(references);
    progress.position.store(source->position(), std::memory_order_relaxed);
  }
}

analysis::Watch watch_analysis(TaskProgress& progress, std::uint64_t references) {
  const std::uint64_t read = references / (kReadingShare - 1);
  progress.position = read;
  progress.total = read + references;
  return {.abort = &progress.abort, .served = &progress.position};
}

}  // namespace pw::binding
