// SPDX-License-Identifier: MIT
// Generated from native/policy/replacement/registry.cc by `npm run generate`; never edited.

/** The replacement policies. */
export type PolicyName = (typeof policyNames)[number];

export const policyNames = [
  "fifo",
  "lru",
  "mru",
  "clock",
  "sieve",
  "slru",
  "lfu",
  "two-queue",
  "arc",
  "s3-fifo",
  "s3-fifo-2024",
  "lecar",
  "random",
  "opt",
] as const;
