// SPDX-License-Identifier: MIT
// Lists of things for stdout: columns for people, tab-separated lines for programs.
import { isTerminal, terminalWidth } from "./output.js";

/** Rows of equal length; the last column is not padded. */
export function listing(rows: readonly (readonly string[])[]): string {
  if (!isTerminal()) return rows.map((row) => `${row.join("\t")}\n`).join("");
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number, row: readonly string[]): string =>
    column === row.length - 1 ? cell : cell.padEnd(widths[column]! + 2);
  return rows.map((row) => `${row.map(pad).join("")}\n`).join("");
}

function wrapped(text: string, indent: string): string {
  const room = Math.max(40, Math.min(100, terminalWidth())) - indent.length;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].map((one) => `${indent}${one}\n`).join("");
}

/** Names with a sentence or more each: below the name for people, after a tab for programs. */
export function paragraphs(entries: readonly (readonly [name: string, text: string])[]): string {
  if (!isTerminal()) return listing(entries);
  return entries.map(([name, text]) => `${name}\n${wrapped(text, "    ")}`).join("");
}
