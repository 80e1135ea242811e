// SPDX-License-Identifier: MIT
// The prepare step of a checkout: builds what is out of date, and says nothing when nothing is.
//   node binding/install.cjs [--native] [--types]      without an option: both
"use strict";

const { BuildError, compileNative, compileTypes } = require("./compile.cjs");
const { fingerprint, isUpToDate, markUpToDate } = require("./fingerprint.cjs");

const builders = { native: compileNative, types: compileTypes };
const titles = { native: "the native addon (C++; this can take a few minutes)", types: "the TypeScript" };

function buildIfStale(part) {
  if (isUpToDate(part)) return;
  console.error(`pagewalk: building ${titles[part]}`);
  const print = fingerprint(part);
  builders[part]();
  markUpToDate(part, print);
}

const asked = Object.keys(builders).filter((part) => process.argv.includes(`--${part}`));
try {
  for (const part of asked.length ? asked : Object.keys(builders)) buildIfStale(part);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
