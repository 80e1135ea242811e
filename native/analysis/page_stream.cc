// SPDX-License-Identifier: MIT
#include "analysis/page_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "analysis/run_cutting.h"

namespace pw::analysis {

void PageStream::add(std::span<const PageReference> references) {
  references_ += references.size();
  runs_.reserve_more(references.size());
  runs_.set_size(cut_runs(references, numbering_, runs_.data(), runs_.size()));
}

void RunArray::reserve_more(std::size_t runs) {
  if (size_ + runs <= runs_.size()) return;
  LazyArray<PageRun> larger(std::max(size_ + runs, 2 * runs_.size()));
  advise_huge_pages(larger.data(), larger.size() * sizeof(PageRun));
  if (size_ > 0) std::memcpy(larger.data(), runs_.data(), size_ * sizeof(PageRun));
  runs_ = std::move(larger);
}

}  // namespace pw::analysis
