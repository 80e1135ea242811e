// SPDX-License-Identifier: MIT
// Tests run against lib/ directly; one process a file, so that a crash in native code ends one file's process.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
