// SPDX-License-Identifier: MIT
// A source whose words a thread of its own produces, ahead of the reader by a bounded number of batches.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "trace/access_source.h"
#include "trace/producer.h"

namespace pw::trace {

class DecodingSource final : public AccessSource {
 public:
  // `name` is for messages. The producer has applied the selection's limit; the rest is done here.
  DecodingSource(std::unique_ptr<Producer> producer, Selection selection, std::string name);
  ~DecodingSource() override;

  Result<std::span<const PackedAccess>> next() override;
  std::span<const Event> events() const override { return events_; }
  const TraceCounts& counts() const override { return counts_; }
  std::uint64_t position() const override { return producer_->position(); }
  std::uint64_t total() const override { return producer_->total(); }
  double decode_seconds() const override { return decode_seconds_.load(std::memory_order_relaxed); }
  void cancel() override;

 private:
  struct Slot {
    std::optional<Batch> batch;  // allocated when first used
    TraceCounts counts;
  };
  static constexpr std::size_t kSlots = 8;

  void produce();
  std::optional<Error> produce_batches();
  Slot* wait_for_free_slot();
  void publish();
  void select_words(Batch& batch);
  Result<std::span<const PackedAccess>> finish();

  std::unique_ptr<Producer> producer_;
  Selection selection_;
  std::string name_;
  TraceCounts counts_;  // the reader's
  std::span<const Event> events_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Slot, kSlots> slots_;
  std::size_t produced_ = 0;  // slots published since the start
  std::size_t released_ = 0;  // slots given back since the start
  bool holds_slot_ = false;   // the reader's last span is still in use
  bool ended_ = false;
  std::optional<Error> error_;
  TraceCounts final_counts_;
  std::vector<Event> carried_;  // events of batches without a selected word

  std::atomic<bool> cancelled_{false};
  std::atomic<double> decode_seconds_{0};
  std::thread thread_;
};

}  // namespace pw::trace
