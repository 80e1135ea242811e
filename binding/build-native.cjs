// SPDX-License-Identifier: MIT
// Compiles the addon from the package's sources, from scratch: for a platform without a prebuilt binary
// and, with --portable, for making the prebuilt ones. With --incremental it keeps objects of the same sources.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { BuildError, compileNative } = require("./compile.cjs");
const { writeNotices } = require("./notices.cjs");

const bundledList = path.join(path.dirname(__dirname), "build", "bundled.json");

try {
  console.error("pagewalk: compiling the native addon from source (this can take a few minutes)");
  compileNative({ clean: !process.argv.includes("--incremental"), portable: process.argv.includes("--portable") });
  // What prebuilt binaries hold besides goes into the package's notices.
  if (process.argv.includes("--portable") && fs.existsSync(bundledList)) writeNotices();
  console.error("pagewalk: done; the addon is in build/Release/");
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
