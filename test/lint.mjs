// SPDX-License-Identifier: MIT
// Lints C++ (clang-format 14, where it is installed) and TypeScript (oxlint with types, biome's format).
//   node test/lint.mjs [--fix]
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const fix = process.argv.includes("--fix");
const run = (command, args, stdio = "inherit") => spawnSync(command, args, { cwd: root, stdio, encoding: "utf8" });
const tool = (name, script) => path.join(root, "node_modules", name, "bin", script);

function nativeSources() {
  return ["native", "binding", "test/native", "test/fuzz", "bench/native"]
    .filter((folder) => fs.existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
    )
    .filter((name) => /\.(h|cc)$/.test(name));
}

// Another version of clang-format formats differently, so no other one is taken.
function lintNative() {
  const version = run("clang-format-14", ["--version"], "pipe");
  if (version.status !== 0) {
    console.log("lint: C++ format not checked (clang-format-14 is not installed)");
    return true;
  }
  return run("clang-format-14", [...(fix ? ["-i"] : ["--dry-run", "--Werror"]), ...nativeSources()]).status === 0;
}

const checks = [
  ["C++ format", lintNative],
  [
    "oxlint",
    () => run(process.execPath, [tool("oxlint", "oxlint"), "--type-aware", ...(fix ? ["--fix"] : [])]).status === 0,
  ],
  [
    "biome format",
    () => run(process.execPath, [tool("@biomejs/biome", "biome"), "format", ...(fix ? ["--write"] : [])]).status === 0,
  ],
];
const failed = checks.filter(([, check]) => !check()).map(([name]) => name);
console.log(failed.length ? `lint: ${failed.join(", ")} failed` : "lint: clean");
process.exitCode = failed.length ? 1 : 0;
