// SPDX-License-Identifier: MIT
// pagewalk build-native: compiles the addon from the package's own sources. The script finds or fetches
// cmake-js and says what is missing.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { exitCodes } from "../exit.js";
import { packageRoot } from "../../version.js";

export function buildNative(): void {
  const script = join(packageRoot, "binding", "build-native.cjs");
  const { status } = spawnSync(process.execPath, [script], { cwd: packageRoot, stdio: "inherit" });
  process.exitCode = status === 0 ? exitCodes.ok : exitCodes.failed;
}
