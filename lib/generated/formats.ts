// SPDX-License-Identifier: MIT
// Generated from native/trace/formats/table.cc by `npm run generate`; never edited.

/** The trace formats. */
export type FormatName = (typeof formatNames)[number];

export const formatNames = [
  "packed",
  "lackey",
  "din",
  "champsim",
] as const;
