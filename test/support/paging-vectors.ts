// SPDX-License-Identifier: MIT
// The x86-64 paging vectors of the shared folder: one JSON object a line, one gzip file a family.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { MmuResult } from "../../lib/index.js";
import type { AccessStep, Vector } from "../../lib/paging-vectors.js";
import { sharedPath } from "./shared.js";

/** The families and how many accesses each holds; undefined where the folder is not there. */
export function vectorFamilies(): { name: string; cases: number; accesses: number }[] | undefined {
  const path = sharedPath("conformance", "x86-paging", "manifest.json");
  if (!path) return undefined;
  const { families } = JSON.parse(readFileSync(path, "utf8")) as {
    families: Record<string, { cases: number; accesses: number }>;
  };
  return Object.entries(families).map(([name, { cases, accesses }]) => ({ name, cases, accesses }));
}

/** The file of a family. */
export const vectorPath = (family: string): string | undefined =>
  sharedPath("conformance", "x86-paging", `${family}.jsonl.gz`);

/** The cases of one family. */
export function vectorsOf(family: string): Vector[] {
  const path = vectorPath(family);
  if (!path) return [];
  const lines = gunzipSync(readFileSync(path)).toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Vector);
}

/** How a result is written in the vectors. */
export function written(result: MmuResult): Record<string, unknown> {
  const fields = Object.entries(result) as [string, unknown][];
  return Object.fromEntries(
    fields.map(([name, value]) => [name, typeof value === "bigint" ? `0x${value.toString(16)}` : value]),
  );
}

/** Whether a result is what was observed. */
export function isObserved(result: MmuResult, observed: AccessStep["result"]): boolean {
  const { value: _value, ...where } = observed;
  const [left, right] = [Object.entries(written(result)), where as Record<string, unknown>];
  return left.length === Object.keys(right).length && left.every(([name, value]) => right[name] === value);
}
