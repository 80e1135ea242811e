// SPDX-License-Identifier: MIT
// The package's version, read from its package.json.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder that holds package.json, seen from lib/cli/ as from dist/cli/. */
export const packageRoot = join(__dirname, "..", "..");

export function version(): string {
  const text = readFileSync(join(packageRoot, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
