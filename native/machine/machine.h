// SPDX-License-Identifier: MIT
// The machine as the binding and the replay see it. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "base/access.h"
#include "base/boot_sequence.h"
#include "base/health_report.h"
#include "base/result.h"
#include "machine/config.h"
#include "machine/stats.h"
#include "mm/fault/handler.h"
#include "paging/page_fault.h"
#include "phys/memory.h"

namespace pw::machine {

// Where a replayed span stopped.
enum class Stop : std::uint8_t {
  End,      // every word was simulated
  Pending,  // the fault handler answers later: call resume() with its answer
  Refused,  // an access was refused or cannot be served: error() says why
};

struct Progress {
  std::size_t consumed = 0;    // words simulated; the word that stopped is the next one
  std::uint64_t accesses = 0;  // of these, those that are no second halves
  Stop stop = Stop::End;
};

// What one access did.
struct AccessOutcome {
  PhysAddr physical;
  PageSize page_size = PageSize::Size4KiB;
  mm::FaultKind fault = mm::FaultKind::None;
};

// The page tables of a machine; valid until its next reset().
struct TableView {
  const phys::PhysicalMemory& memory;
  PhysAddr root;
  unsigned levels;
};

class Machine {
 public:
  // Boots: every violation of the configuration, or a machine.
  static std::variant<std::unique_ptr<Machine>, std::vector<Error>> boot(const Config& config);
  // The same in the steps of a sequence of the caller's.
  static std::variant<std::unique_ptr<Machine>, std::vector<Error>> boot(const Config& config,
                                                                         BootSequence sequence);
  virtual ~Machine() = default;

  virtual const Config& config() const = 0;

  // Simulates packed accesses in order.
  virtual Progress replay(std::span<const PackedAccess> words) = 0;
  // The same from addresses and kinds (one kind a word, or empty for loads). An address that is not
  // canonical or a kind above 3 stops with Refused.
  virtual Progress replay(std::span<const std::uint64_t> addresses, std::span<const std::uint8_t> kinds) = 0;
  // One access; an error if it was refused, or if the handler answered Pending.
  virtual Result<AccessOutcome> access(VirtAddr address, AccessKind kind) = 0;
  // After Stop::Refused: why.
  virtual const Error& error() const = 0;

  // The handler that sees every page fault before the machine's own; nullptr takes it away.
  // REQUIRES: it outlives the machine or is taken away.
  virtual void set_fault_handler(mm::FaultHandler* handler) = 0;
  // After Stop::Pending: the answer. Replay then continues with the word that stopped.
  virtual void resume(mm::FaultReply reply) = 0;

  // Tells the policy of the uses that it was not told of yet.
  virtual void settle_uses() = 0;
  virtual TableView tables() const = 0;
  virtual Stats stats() const = 0;
  // The few that batches report: stats() without the rest.
  virtual BatchTotals totals() const = 0;
  // Page faults so far.
  virtual std::uint64_t faults() const = 0;
  // Starts peak values anew, at the end of a warm-up.
  virtual void reset_peaks() = 0;
  // Back to the state after boot: memory, tables, TLBs, policy, counters, seed.
  virtual void reset() = 0;
  // The invariants of the whole machine, check by check.
  virtual HealthReport health() const = 0;
  // What they found, each violation one sentence. Empty: healthy.
  std::vector<std::string> validate() const { return problems_of(health()); }
  // What each step of the boot, or of the last reset(), made.
  virtual const BootLog& boot_log() const = 0;
};

}  // namespace pw::machine
