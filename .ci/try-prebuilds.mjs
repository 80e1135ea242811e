// SPDX-License-Identifier: MIT
// Tries the binaries of prebuilds/ as far as Linux x64 can: runs those for its own, for arm64 (under qemu) and for Windows
// x64 (under Wine), loads the one for musl in a process with musl, and reads the imports of all.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { checkBinaries, prebuilds } from "../test/pack/binaries.mjs";
import { checkout } from "../test/pack/consumer.mjs";
import { nodeOf } from "../test/pack/nodes.mjs";

const smoke = path.join(checkout, "test", "pack", "smoke.cjs");
const armRoot = "/usr/aarch64-linux-gnu"; // Debian's libraries for its cross compiler

const isThere = (program) => spawnSync(program, ["--version"]).error === undefined;

// By a file: under Wine Node cannot write to a pipe of Linux's.
function countsUnder(command, args, env = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-counts-"));
  const printed = path.join(folder, "counts.txt");
  const output = fs.openSync(printed, "w");
  try {
    execFileSync(command, [...args, smoke], {
      cwd: checkout,
      env: { ...process.env, PREBUILDS_ONLY: "1", ...env },
      stdio: ["ignore", output, output],
    });
    return fs.readFileSync(printed, "utf8");
  } catch (error) {
    throw new Error(`${command}: ${fs.readFileSync(printed, "utf8") || error.message}`, { cause: error });
  } finally {
    fs.closeSync(output);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

// Both must print the same counts to the last digit.
function requireSameCounts(system, there) {
  const here = countsUnder(process.execPath, []);
  if (here !== there) throw new Error(`${system} counts differently:\n${here}${there}`);
}

function tryArm() {
  if (!isThere("qemu-aarch64-static"))
    return "not tried: qemu-aarch64-static is not installed (Debian: qemu-user-static)";
  requireSameCounts("arm64", countsUnder("qemu-aarch64-static", ["-L", armRoot, nodeOf(20, "arm64")]));
  return "runs under qemu on Node 20 and counts what x64 counts";
}

// Node refuses Windows 7, for which Wine gives itself out.
function tryWindows() {
  if (!isThere("wine")) return "not tried: wine is not installed (Debian: wine wine64)";
  const prefix = path.join(checkout, "build", "deps", "wine");
  const env = { WINEPREFIX: prefix, WINEDEBUG: "-all", NODE_SKIP_PLATFORM_CHECK: "1" };
  requireSameCounts("Windows", countsUnder("wine", [nodeOf(20, "x64", "win")], env));
  return "runs under Wine on Node 20 and counts what Linux counts";
}

// A program with musl that has Node-API's names, so that every other name must come from musl.
function tryMusl(file) {
  if (!isThere("musl-gcc")) return "not tried: musl-gcc is not installed (Debian: musl-tools)";
  const symbols = execFileSync("readelf", ["-W", "--dyn-syms", file], { encoding: "utf8" });
  const names = [...symbols.matchAll(/ UND (napi_\w+|node_api_\w+)/g)].map(([, name]) => name);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-musl-"));
  try {
    const source = path.join(folder, "load.c");
    const stubs = names.map((name) => `int ${name}(void) { return 0; }`).join("\n");
    fs.writeFileSync(
      source,
      `#include <dlfcn.h>
#include <stdio.h>
${stubs}
int main(int count, char** words) {
  void* library = dlopen(words[count - 1], RTLD_NOW);
  if (!library || !dlsym(library, "napi_register_module_v1")) return fprintf(stderr, "%s\\n", dlerror()), 1;
  return 0;
}
`,
    );
    const program = path.join(folder, "load");
    execFileSync("musl-gcc", ["-w", "-rdynamic", "-o", program, source]);
    execFileSync(program, [file], { stdio: ["ignore", "inherit", "inherit"] });
    return `loads in a process with musl (${names.length} names of Node-API asked for)`;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const trials = {
  "linux-x64/pagewalk.glibc.node": () => (countsUnder(process.execPath, []), "runs"),
  "linux-arm64/pagewalk.glibc.node": tryArm,
  "linux-x64/pagewalk.musl.node": tryMusl,
  "win32-x64/pagewalk.node": tryWindows,
};

const files = prebuilds();
try {
  checkBinaries(files);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
for (const file of files) {
  const name = path.relative(path.join(checkout, "prebuilds"), file);
  console.log(`${name}: ${trials[name]?.(file) ?? "nothing here can run it"}`);
}
