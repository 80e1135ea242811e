// SPDX-License-Identifier: MIT
// Generated from native/trace/generators/table.cc by `npm run generate`; never edited.

/** The generators of synthetic traces. */
export type GeneratorName = (typeof generatorNames)[number];

export const generatorNames = [
  "sequential",
  "strided",
  "uniform",
  "zipf",
  "pointer-chase",
  "gups",
  "phases",
] as const;
