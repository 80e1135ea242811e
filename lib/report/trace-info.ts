// SPDX-License-Identifier: MIT
// What a trace holds, as text: one line a figure.
import type { TraceInfo } from "../trace.js";
import { flatten } from "./csv.js";

const raw = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const grouped = (value: unknown): string => (typeof value === "number" ? value.toLocaleString("en-US") : raw(value));

/** A name and a value on each line: in two columns for people, tab-separated and raw for programs. */
export function infoText(info: TraceInfo, aligned: boolean): string {
  const leaves = flatten(info);
  if (!aligned) return leaves.map(([name, value]) => `${name}\t${raw(value)}\n`).join("");
  const names = leaves.map(([name]) => name.replaceAll("_", " ").replaceAll(".", ", "));
  const values = leaves.map(([, value]) => grouped(value));
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name, index) => `${name.padEnd(width + 2)}${values[index]}\n`).join("");
}
