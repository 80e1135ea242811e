// SPDX-License-Identifier: MIT
// The result document as CSV: a header of dotted paths and one row of values, so that runs can be stacked.

/** Every leaf of a document with its dotted path; lists are kept as JSON. */
export function flatten(value: unknown, path = ""): [string, unknown][] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => flatten(child, path ? `${path}.${key}` : key));
}

function field(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const row = (fields: readonly unknown[]): string => `${fields.map(field).join(",")}\n`;

/** Header and rows, each with a newline at its end. */
export const csvTable = (columns: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [columns, ...rows].map(row).join("");

/** Header and one row, each with a newline at its end. */
export function csvText(document: unknown): string {
  const leaves = flatten(document);
  return row(leaves.map(([path]) => path)) + row(leaves.map(([, value]) => value));
}
