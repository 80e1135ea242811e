// SPDX-License-Identifier: MIT
// The x86-64 paging vectors of the shared folder: one JSON object a line, one gzip file a family.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Operation } from "../../lib/index.js";
import { sharedPath } from "./shared.js";

type Bits = 0 | 1;
type Pairs = [string, string][];

export interface VectorCpu {
  wp: Bits;
  nxe: Bits;
  smep: Bits;
  smap: Bits;
  pke: Bits;
  pks: Bits;
  pge?: Bits;
  pcide?: Bits;
  la57: Bits;
  pdpe1gb: Bits;
  maxphyaddr: number;
  pkru: string;
  pkrs: string;
  ac?: Bits;
  cpl?: number;
}

export interface VectorAccess {
  va: string;
  type: "r" | "w" | "x";
  size: number;
}

export interface VectorResult {
  ok: boolean;
  pa?: string;
  pageSize?: number;
  pa2?: string;
  pageSize2?: number;
  value?: string;
  vector?: number;
  errorCode?: number;
  cr2?: string;
}

export interface Expected {
  result: VectorResult;
  after: Pairs;
}

export type Step =
  | ({ op: "access"; cpl: number; ac: Bits } & VectorAccess & Expected)
  | { op: "poke"; pa: string; value: string }
  | { op: "invlpg"; va: string }
  | { op: "invpcid"; type: number; pcid: number; va: string }
  | { op: "movcr3"; value: string }
  | { op: "cpu"; set: Partial<VectorCpu> }
  | { op: "pk"; pkru: string; pkrs: string };

interface State {
  id: string;
  cpu: VectorCpu;
  cr3: string;
  mem: Pairs;
}
export type Vector = State & ({ steps: Step[] } | ({ access: VectorAccess; steps?: undefined } & Expected));

export const operations: Record<VectorAccess["type"], Operation> = { r: "read", w: "write", x: "fetch" };

/** The families and how many accesses each holds; undefined where the folder is not there. */
export function vectorFamilies(): { name: string; cases: number; accesses: number }[] | undefined {
  const path = sharedPath("conformance", "x86-paging", "manifest.json");
  if (!path) return undefined;
  const { families } = JSON.parse(readFileSync(path, "utf8")) as {
    families: Record<string, { cases: number; accesses: number }>;
  };
  return Object.entries(families).map(([name, { cases, accesses }]) => ({ name, cases, accesses }));
}

/** The cases of one family. */
export function vectorsOf(family: string): Vector[] {
  const path = sharedPath("conformance", "x86-paging", `${family}.jsonl.gz`);
  if (!path) return [];
  const lines = gunzipSync(readFileSync(path)).toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Vector);
}
