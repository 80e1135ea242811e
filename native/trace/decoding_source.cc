// SPDX-License-Identifier: MIT
#include "trace/decoding_source.h"

#include <chrono>
#include <ctime>
#include <exception>

#include "trace/select.h"
#include "trace/word_counter.h"

namespace pw::trace {
namespace {

double thread_seconds() {
#ifdef CLOCK_THREAD_CPUTIME_ID
  timespec now{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0) {
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }
#endif
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

DecodingSource::DecodingSource(std::unique_ptr<Producer> producer, Selection selection, std::string name)
    : producer_(std::move(producer)),
      selection_(selection),
      name_(std::move(name)),
      thread_([this] { produce(); }) {}

DecodingSource::~DecodingSource() {
  cancel();
  thread_.join();
}

void DecodingSource::cancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  producer_->cancel();
  changed_.notify_all();
}

void DecodingSource::produce() {
  std::optional<Error> error;
  try {
    error = produce_batches();
  } catch (const std::exception& exception) {
    error = Error{.code = ErrorCode::Internal, .message = "decoding " + name_ + ": " + exception.what()};
  }
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  ended_ = true;
  changed_.notify_all();
}

std::optional<Error> DecodingSource::produce_batches() {
  const double begin = thread_seconds();
  WordCounter counter;
  while (Slot* slot = wait_for_free_slot()) {
    if (!slot->batch) slot->batch.emplace(Sizes::Dropped);
    Batch& batch = *slot->batch;
    const Status filled = producer_->fill(batch);
    if (!filled.ok()) return filled.error();
    const bool end = batch.count == 0;
    counter.add({batch.words.get(), batch.count});
    select_words(batch);
    slot->counts = counter.counts();
    final_counts_ = counter.counts();
    decode_seconds_.store(thread_seconds() - begin, std::memory_order_relaxed);
    if (batch.count > 0)
      publish();
    else
      carried_.swap(batch.events);
    if (end) break;
  }
  return std::nullopt;
}

void DecodingSource::select_words(Batch& batch) {
  if (!selects_all(selection_)) {
    batch.count =
        copy_selected(selection_, {batch.words.get(), batch.count}, batch.words.get(), batch.events);
  }
  if (carried_.empty()) return;
  batch.events.insert(batch.events.begin(), carried_.begin(), carried_.end());
  carried_.clear();
}

DecodingSource::Slot* DecodingSource::wait_for_free_slot() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return cancelled_ || produced_ - released_ < kSlots; });
  return cancelled_ ? nullptr : &slots_[produced_ % kSlots];
}

void DecodingSource::publish() {
  const std::lock_guard lock(mutex_);
  ++produced_;
  changed_.notify_all();
}

Result<std::span<const PackedAccess>> DecodingSource::next() {
  std::unique_lock lock(mutex_);
  if (holds_slot_) {
    ++released_;
    holds_slot_ = false;
    changed_.notify_all();
  }
  changed_.wait(lock, [this] { return cancelled_ || ended_ || produced_ > released_; });
  if (cancelled_) return Error{.code = ErrorCode::Aborted, .message = "reading " + name_ + " was cancelled"};
  if (produced_ == released_) return finish();
  holds_slot_ = true;
  const Slot& slot = slots_[released_ % kSlots];
  counts_ = slot.counts;
  events_ = slot.batch->events;
  return std::span<const PackedAccess>(slot.batch->words.get(), slot.batch->count);
}

Result<std::span<const PackedAccess>> DecodingSource::finish() {
  if (error_) return *error_;
  counts_ = final_counts_;
  events_ = carried_;
  if (counts_.records == 0 && selection_.limit != 0) {
    return Error{
        .code = ErrorCode::TraceEmpty, .message = "trace " + name_ + " holds no access", .file = name_};
  }
  return std::span<const PackedAccess>();
}

}  // namespace pw::trace
