// SPDX-License-Identifier: MIT
// pagewalk presets: the processors that --cpu knows, and where each figure was published.
import * as native from "../../native.js";
import type { NativePreset, NativeTlb } from "../../native-config.js";
import { Problems } from "../../options/problems.js";
import { oneOf } from "../../options/choice.js";
import { jsonText } from "../../report/json.js";
import { listing, paragraphs } from "../listing.js";
import { print } from "../output.js";

const geometryOf = (tlb: NativeTlb): string =>
  tlb.arrays.map((array) => `${array.entries}x${array.ways} ${array.pageSizes.join("+")}`).join(", ");

function details(preset: NativePreset): string {
  const tlbs = preset.tlb.tlbs.map((tlb) => [tlb.name, geometryOf(tlb), tlb.kinds.join(" ")]);
  const caches = Object.entries(preset.structureCaches).map(([name, entries]) => [name, `${entries} entries`, ""]);
  const costs = Object.entries(preset.cost).map(([name, cycles]) => [name, `${cycles} cycles`, ""]);
  const parts = [listing([...tlbs, ...caches, ...costs]), paragraphs(Object.entries(preset.sources))];
  return `${preset.name}: ${preset.summary}\n\n${parts.join("\nSources\n")}`;
}

function presetNamed(all: readonly NativePreset[], name: string): NativePreset {
  const problems = new Problems();
  const found = oneOf(
    problems,
    "preset",
    name,
    all.map((preset) => preset.name),
  );
  problems.throwIfAny();
  return all.find((preset) => preset.name === found)!;
}

export async function presets(name: string | undefined, flags: { json?: boolean }): Promise<void> {
  const all = native.presets();
  const chosen = name === undefined ? undefined : presetNamed(all, name);
  if (flags.json) await print(jsonText(chosen ?? all));
  else await print(chosen ? details(chosen) : listing(all.map((preset) => [preset.name, preset.summary])));
}
