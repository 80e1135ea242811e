// SPDX-License-Identifier: MIT
// Holds prebuilt binaries to what they may need of a system: libraries, symbol versions, size. Names the offenders.
//   node test/pack/binaries.mjs [FILE...]      without a file: all of prebuilds/
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkout } from "./consumer.mjs";

/** What Node 20's own binary for Linux needs: no system that runs it lacks these. With musl: what Alpine 3.17 has. */
const floors = {
  glibc: { GLIBC: "2.28", GLIBCXX: "3.4.21", CXXABI: "1.3.9" },
  musl: { GLIBC: "0", GLIBCXX: "3.4.30", CXXABI: "1.3.13" },
};

const libraries = {
  glibc: /^(libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|ld-linux-[\w-]+\.so\.\d)$/,
  musl: /^(libc\.(so|musl-\w+\.so\.1)|libstdc\+\+\.so\.6)$/,
  win32: /^(node\.exe|kernel32\.dll|msvcrt\.dll|ucrtbase\.dll|ntdll\.dll|api-ms-win-crt-[\w-]+\.dll)$/i,
};

/** Bytes, stripped, on every platform. */
export const mostBytes = 2_000_000;

const parts = (version) => version.split(".").map(Number);
function isAbove(version, floor) {
  const [a, b] = [parts(version), parts(floor)];
  const at = a.findIndex((part, index) => part !== (b[index] ?? 0));
  return at >= 0 && a[at] > (b[at] ?? 0);
}

function outputOf(programs, args) {
  for (const program of programs) {
    const { status, stdout } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });
    if (status === 0) return stdout;
  }
  throw new Error(`none of ${programs.join(", ")} reads ${args.at(-1)} (Debian: binutils, llvm)`);
}

function elfProblems(file, libc) {
  const dynamic = outputOf(["readelf"], ["-W", "-d", file]);
  const needed = [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
  const problems = needed.filter((name) => !libraries[libc].test(name)).map((name) => `needs ${name}`);
  const symbols = outputOf(["readelf"], ["-W", "--dyn-syms", file]);
  for (const [, name, kind, version] of symbols.matchAll(/ UND (\S+?)@+(GLIBC|GLIBCXX|CXXABI)_([\d.]+)/g)) {
    const floor = floors[libc][kind];
    if (isAbove(version, floor)) problems.push(`${name} needs ${kind}_${version} (at most ${floor})`);
  }
  for (const [, name] of symbols.matchAll(/ UND (_ZN?K?2pw\w*)/g)) problems.push(`needs ${name}, which is its own`);
  if (!/napi_register_module_v1/.test(symbols)) problems.push("exports no napi_register_module_v1");
  if (/\.symtab/.test(outputOf(["readelf"], ["-W", "-S", file]))) problems.push("is not stripped");
  return problems;
}

function windowsProblems(file) {
  const headers = outputOf(["llvm-objdump-19", "llvm-objdump", "objdump"], ["-p", file]);
  const needed = [...headers.matchAll(/DLL Name: (\S+)/g)].map(([, name]) => name);
  const problems = needed.filter((name) => !libraries.win32.test(name)).map((name) => `needs ${name}`);
  if (!needed.some((name) => /^node\.exe$/i.test(name))) problems.push("imports nothing of node.exe");
  if (!/napi_register_module_v1/.test(headers)) problems.push("exports no napi_register_module_v1");
  return problems;
}

function appleProblems(file) {
  const headers = outputOf(["llvm-objdump-19", "llvm-objdump", "objdump"], ["--macho", "--dylibs-used", file]);
  const needed = headers
    .split("\n")
    .map((line) => line.trim().split(" ")[0])
    .filter((name) => name.endsWith(".dylib"));
  const problems = needed
    .filter((name) => !/^(\/usr\/lib\/lib(System\.B|c\+\+\.1|z\.1)\.dylib|@rpath\/|pagewalk)/.test(name))
    .map((name) => `needs ${name}`);
  const bound = outputOf(["llvm-objdump-19", "llvm-objdump", "objdump"], ["--macho", "--bind", "--lazy-bind", file]);
  for (const [, name] of bound.matchAll(/flat-namespace +(\S+)/g))
    if (!/^_(napi|node_api)_/.test(name)) problems.push(`needs ${name}, which is in no library`);
  const exports = outputOf(["llvm-objdump-19", "llvm-objdump", "objdump"], ["--macho", "--exports-trie", file]);
  if (!/napi_register_module_v1/.test(exports)) problems.push("exports no napi_register_module_v1");
  return problems;
}

/** What is wrong with a binary; its folder and name say for which platform it is. */
export function problemsOf(file) {
  const [platform] = path.basename(path.dirname(file)).split("-");
  const { size } = fs.statSync(file);
  const problems = size > mostBytes ? [`has ${size} bytes (at most ${mostBytes})`] : [];
  if (platform === "win32") return [...problems, ...windowsProblems(file)];
  if (platform === "darwin") return [...problems, ...appleProblems(file)];
  return [...problems, ...elfProblems(file, file.includes(".musl.") ? "musl" : "glibc")];
}

/** Every binary of prebuilds/, as paths. */
export function prebuilds() {
  const folder = path.join(checkout, "prebuilds");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".node"))
    .map((name) => path.join(folder, name))
    .sort();
}

/** Throws unless every file is as it should be; prints one line each. */
export function checkBinaries(files) {
  if (files.length === 0) throw new Error("no binaries to check: npm run prebuilds makes those of this platform");
  const wrong = files.flatMap((file) => {
    const name = path.relative(checkout, file);
    const problems = problemsOf(file);
    console.log(`${name}: ${fs.statSync(file).size} bytes${problems.length ? "" : ", fits"}`);
    return problems.map((problem) => `${name} ${problem}`);
  });
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    checkBinaries(process.argv.length > 2 ? process.argv.slice(2).map((file) => path.resolve(file)) : prebuilds());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
