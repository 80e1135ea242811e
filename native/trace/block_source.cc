// SPDX-License-Identifier: MIT
#include "trace/block_source.h"

namespace pw::trace {

Result<std::span<const PackedAccess>> BlockSource::next() {
  if (blocks_->size() == 0 && selection_.limit != 0) {
    return Error{.code = ErrorCode::TraceEmpty, .message = "trace " + name_ + " holds no access"};
  }
  events_ = {};
  moved_events_.clear();
  while (index_ < blocks_->size() && records_ < selection_.limit.value_or(records_ + 1)) {
    if (cancelled_.load())
      return Error{.code = ErrorCode::Aborted, .message = "reading " + name_ + " was cancelled"};
    PW_TRY_ASSIGN(const auto words, next_block());
    const auto wanted = selected(words);
    if (!wanted.empty()) return wanted;
  }
  return std::span<const PackedAccess>();
}

Result<std::span<const PackedAccess>> BlockSource::next_block() {
  PW_TRY_ASSIGN(auto words, blocks_->block(index_));
  if (selection_.limit) {
    words = take_records(words, *selection_.limit, records_);
    counter_.add(words);
  } else {
    counts_ = blocks_->counts_through(index_);
  }
  if (!blocks_->events(index_).empty()) take_events(words.size());
  ++index_;
  position_.fetch_add(words.size(), std::memory_order_relaxed);
  return words;
}

void BlockSource::take_events(std::size_t words) {
  events_ = blocks_->events(index_);
  while (!events_.empty() && events_.back().position > words) events_ = events_.first(events_.size() - 1);
  if (selects_all(selection_)) return;
  moved_events_.insert(moved_events_.end(), events_.begin(), events_.end());
}

std::span<const PackedAccess> BlockSource::selected(std::span<const PackedAccess> words) {
  if (selects_all(selection_)) return words;
  if (!buffer_) buffer_.reset(new PackedAccess[kBatchWords]);
  // Events of blocks before, of which no word was selected, are the first: they stay at position 0.
  const std::size_t earlier = moved_events_.size() - events_.size();
  const std::size_t count =
      copy_selected(selection_, words, buffer_.get(), std::span(moved_events_).subspan(earlier));
  events_ = moved_events_;
  return {buffer_.get(), count};
}

Status BlockProducer::fill(Batch& batch) {
  batch.clear();
  if (index_ == blocks_->size()) return Done{};
  PW_TRY_ASSIGN(const auto block, blocks_->block(index_));
  const auto words = take_records(block, limit_, records_);
  std::copy(words.begin(), words.end(), batch.words.get());
  for (const Event& event : blocks_->events(index_))
    if (event.position <= words.size()) batch.events.push_back(event);
  const auto sizes = blocks_->sizes(index_);
  if (batch.sizes) {
    if (sizes.empty()) {
      std::fill_n(batch.sizes.get(), words.size(), std::uint16_t{0});
    } else {
      std::copy_n(sizes.data(), words.size(), batch.sizes.get());
    }
  }
  batch.count = words.size();
  index_ = words.size() < block.size() ? blocks_->size() : index_ + 1;
  position_.fetch_add(words.size(), std::memory_order_relaxed);
  return Done{};
}

}  // namespace pw::trace
