// SPDX-License-Identifier: MIT
// Generated from native/machine/presets.cc by `npm run generate`; never edited.

/** The named processors. */
export type PresetName = (typeof presetNames)[number];

export const presetNames = [
  "intel-skylake-sp",
  "intel-icelake-sp",
  "intel-sapphirerapids",
  "amd-zen2",
  "amd-zen4",
  "arm-neoverse-n1",
] as const;
