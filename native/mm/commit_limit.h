// SPDX-License-Identifier: MIT
// How much memory may be promised: Linux's overcommit modes (Documentation/mm/overcommit-accounting.rst).
#pragma once

#include <cstdint>

namespace pw::mm {

// 0, 1 and 2 of vm.overcommit_memory.
enum class Overcommit : std::uint8_t { Heuristic, Always, Never };

struct OvercommitConfig {
  Overcommit mode = Overcommit::Heuristic;
  std::uint64_t ratio_percent = 50;          // of memory that mode 2 promises, swap apart
  std::uint64_t admin_reserve_pages = 2048;  // kept for the superuser in mode 2
  std::uint64_t user_reserve_pages = 32768;  // kept for others to recover; at most 1/32 of the process
};

class CommitLimit {
 public:
  CommitLimit(const OvercommitConfig& config, std::uint64_t memory_pages, std::uint64_t swap_pages)
      : config_(config), memory_(memory_pages), swap_(swap_pages) {}

  const OvercommitConfig& config() const { return config_; }
  std::uint64_t committed() const { return committed_; }
  std::uint64_t limit() const { return memory_ * config_.ratio_percent / 100 + swap_; }

  // Promises so many pages more to a process of `process_pages`, or refuses.
  bool charge(std::uint64_t pages, std::uint64_t process_pages) {
    if (!allows(pages, process_pages)) return false;
    committed_ += pages;
    return true;
  }
  void uncharge(std::uint64_t pages) { committed_ -= pages; }

 private:
  bool allows(std::uint64_t pages, std::uint64_t process_pages) const {
    if (config_.mode == Overcommit::Always) return true;
    if (config_.mode == Overcommit::Heuristic) return pages <= memory_ + swap_;
    const std::uint64_t of_user = process_pages / 32;
    const std::uint64_t reserve =
        config_.admin_reserve_pages +
        (of_user < config_.user_reserve_pages ? of_user : config_.user_reserve_pages);
    return committed_ + pages + reserve < limit();
  }

  OvercommitConfig config_;
  std::uint64_t memory_;
  std::uint64_t swap_;
  std::uint64_t committed_ = 0;
};

}  // namespace pw::mm
