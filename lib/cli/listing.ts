// SPDX-License-Identifier: MIT
// Lists of things for stdout: columns for people, tab-separated lines for programs.
import { isTerminal } from "./output.js";

/** Rows of equal length; the last column is not padded. */
export function listing(rows: readonly (readonly string[])[]): string {
  if (!isTerminal()) return rows.map((row) => `${row.join("\t")}\n`).join("");
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number, row: readonly string[]): string =>
    column === row.length - 1 ? cell : cell.padEnd(widths[column]! + 2);
  return rows.map((row) => `${row.map(pad).join("")}\n`).join("");
}
