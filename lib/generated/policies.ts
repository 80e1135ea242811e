// SPDX-License-Identifier: MIT
// Generated from native/policy/replacement/registry.cc by `npm run generate`; never edited.

/** The replacement policies. */
export type PolicyName = (typeof policyNames)[number];

export const policyNames = [
  "fifo",
  "lru",
  "clock",
  "random",
] as const;
