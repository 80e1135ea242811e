// SPDX-License-Identifier: MIT
// The published types accept what they should and reject what they should.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { checkout } from "../support/shared.js";

it("compile against the built package with every expected error and no other", async () => {
  const tsc = join(checkout, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-p", join(checkout, "test", "types")];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: checkout }).catch((error) => error);
  expect(stdout).toBe("");
});
