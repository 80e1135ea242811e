// SPDX-License-Identifier: MIT
// The package's version, read from its package.json.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder that holds package.json, seen from lib/ as from dist/. */
export const packageRoot = dirname(__dirname);

let known: string | undefined;

export function version(): string {
  if (known !== undefined) return known;
  const manifest: { version: string } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  known = manifest.version;
  return known;
}
