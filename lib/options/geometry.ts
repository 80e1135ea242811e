// SPDX-License-Identifier: MIT
// Entries and ways of one TLB array, from "1536x12", 64 or { entries, ways }.
import { optionTables } from "../generated/options.js";
import { type Problems, show } from "./problems.js";
import type { TlbGeometry } from "./types.js";

export interface Geometry {
  entries: number;
  ways: number;
}

const expected = 'expected ENTRIESxWAYS such as "1536x12", ENTRIES alone for fully associative, or 0 for none';
const most = optionTables.numbers["tlb.entries"].max;

function read(value: TlbGeometry): { entries: number; ways: number } | undefined {
  if (typeof value === "number") return { entries: value, ways: value };
  if (typeof value === "string") {
    const match = /^(\d{1,9})(?:x(\d{1,9}))?$/i.exec(value.trim());
    if (!match) return undefined;
    return { entries: Number(match[1]), ways: Number(match[2] ?? match[1]) };
  }
  return { entries: value.entries, ways: value.ways ?? value.entries };
}

/** The geometry, or undefined after the violation was noted under `option`. Entries 0 mean: no such array. */
export function parseGeometry(problems: Problems, option: string, value: TlbGeometry): Geometry | undefined {
  const geometry = read(value);
  if (!geometry) return problems.add(option, "INVALID_GEOMETRY", `${expected}; got ${show(value)}`);
  const { entries, ways } = geometry;
  if (entries === 0) return { entries: 0, ways: 0 };
  if (!Number.isInteger(entries) || entries < 0 || entries > most) {
    return problems.add(option, "INVALID_GEOMETRY", `expected 1 to ${most} entries, got ${entries}`);
  }
  if (!Number.isInteger(ways) || ways < 1 || ways > entries) {
    return problems.add(
      option,
      "INVALID_GEOMETRY",
      `expected 1 to ${entries} ways for ${entries} entries, got ${ways}`,
    );
  }
  if (entries % ways !== 0) {
    const text = `${entries} entries in ${ways} ways do not make a whole number of sets`;
    return problems.add(option, "INVALID_GEOMETRY", `${text} (${entries} / ${ways} = ${(entries / ways).toFixed(2)})`);
  }
  return geometry;
}
