// SPDX-License-Identifier: MIT
// Generated from native/policy/replacement/registry.cc by `npm run generate`; never edited.

/** The replacement policies. */
export type PolicyName = (typeof policyNames)[number];

export const policyNames = [
  "fifo",
  "lru",
  "mru",
  "clock",
  "second-chance",
  "nru",
  "aging",
  "sieve",
  "slru",
  "lru-k",
  "lfu",
  "two-queue",
  "arc",
  "car",
  "lirs",
  "clock-pro",
  "active-inactive",
  "mglru",
  "w-tinylfu",
  "s3-fifo",
  "s3-fifo-2024",
  "lecar",
  "cacheus",
  "hawkeye",
  "wsclock",
  "working-set",
  "page-fault-frequency",
  "random",
  "opt",
  "opt-writeback",
] as const;
