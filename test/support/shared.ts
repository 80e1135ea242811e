// SPDX-License-Identifier: MIT
// Where the shared traces and golden files are: PAGEWALK_SHARED if set, else ../shared beside the checkout.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const folder = process.env.PAGEWALK_SHARED || join(dirname(checkout), "shared");

/** A path below the shared folder; undefined, with a line on stderr that says so, where it is not there. */
export function sharedPath(...parts: string[]): string | undefined {
  const path = join(folder, ...parts);
  if (existsSync(path)) return path;
  console.warn(`skipped: shared ${parts.join("/")} is not there (set PAGEWALK_SHARED)`);
  return undefined;
}

/** The rows of a golden CSV as objects; empty where the file is not there. */
export function goldenRows(...parts: string[]): Record<string, string>[] {
  const path = sharedPath(...parts);
  if (!path) return [];
  const [head = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, index) => [names[index]!, value])));
}

/** The trace of a golden row, in whatever compression it is kept. */
export function sharedTrace(name: string): string | undefined {
  const files = [`${name}.lackey.zst`, `${name}.lackey`];
  const found = files.find((file) => existsSync(join(folder, "traces", file)));
  return found ? join(folder, "traces", found) : sharedPath("traces", files[0]!);
}

/** Rows by the value of one column, in order. */
export function groupedBy<T extends Record<string, string>>(rows: readonly T[], column: string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = row[column]!;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups];
}
