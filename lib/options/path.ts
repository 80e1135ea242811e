// SPDX-License-Identifier: MIT
// Paths as callers give them.
import { typeError } from "../errors.js";

/** The path, or a TypeError that names it. */
export function checkedPath(path: unknown, name: string): string {
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return path;
  throw typeError(
    "ERR_PAGEWALK_INVALID_ARGUMENT",
    `${name}: expected a path, got ${JSON.stringify(path) ?? String(path)}`,
  );
}
