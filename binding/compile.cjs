// SPDX-License-Identifier: MIT
// Compiles the addon with cmake-js and the TypeScript with tsc; quiet unless something fails.
"use strict";

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const os = require("node:os");
const path = require("node:path");

const root = path.dirname(__dirname);
const manifest = require("../package.json");

class BuildError extends Error {}

// Runs a program of Node's; its output is shown only when it fails.
function run(title, script, args, env = process.env) {
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status === 0) return stdout;
  const why = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`);
  throw new BuildError(`${stdout ?? ""}${stderr ?? ""}\npagewalk: ${title} failed (${why}); the output stands above`);
}

// The package's tools: its own devDependencies in a checkout; elsewhere fetched for this one build.
function withTools(use) {
  const own = createRequire(path.join(root, "package.json"));
  const names = ["cmake-js", "node-addon-api"];
  if (names.every((name) => resolves(own, `${name}/package.json`))) return use(own, process.env);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-tools-"));
  try {
    fetchTools(
      folder,
      names.map((name) => `${name}@${manifest.devDependencies[name]}`),
    );
    const modules = path.join(folder, "node_modules");
    return use(createRequire(path.join(folder, "package.json")), { ...process.env, NODE_PATH: modules });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function resolves(from, name) {
  try {
    return Boolean(from.resolve(name));
  } catch {
    return false;
  }
}

function fetchTools(folder, specs) {
  console.error(`pagewalk: fetching ${specs.join(" and ")} for this build`);
  fs.writeFileSync(path.join(folder, "package.json"), "{}\n");
  const command = `npm install --no-audit --no-fund --ignore-scripts ${specs.join(" ")}`;
  const { status, stderr } = spawnSync(command, { cwd: folder, shell: true, encoding: "utf8" });
  if (status !== 0) throw new BuildError(`${stderr}\npagewalk: cannot fetch the build tools with \`${command}\``);
}

// All but what was fetched, and what the compiled TypeScript carries.
const kept = ["deps", "bundled.json"];
function removeBuild() {
  const build = path.join(root, "build");
  for (const name of fs.existsSync(build) ? fs.readdirSync(build) : []) {
    if (!kept.includes(name)) fs.rmSync(path.join(build, name), { recursive: true, force: true });
  }
}

function compileNative({ clean = false, portable = false } = {}) {
  if (clean) removeBuild();
  const fetch = path.join(__dirname, "fetch-sources.cjs");
  run("fetching the sources of decoders", fetch, portable ? ["zstd", "zlib", "xz"] : ["zstd"]);
  withTools((tools, env) => {
    const cli = path.join(path.dirname(tools.resolve("cmake-js/package.json")), "bin", "cmake-js");
    const configured = run(
      "configuring the addon",
      cli,
      ["configure", `--CDPAGEWALK_PORTABLE=${portable ? "ON" : "OFF"}`],
      env,
    );
    for (const [, found] of configured.matchAll(/^-- ((?:zstd|gzip|xz): .*)$/gm)) console.error(`pagewalk: ${found}`);
    run("compiling the addon", cli, ["build", "-p", String(os.availableParallelism())], env);
  });
}

function compileTypes() {
  const dist = path.join(root, "dist");
  fs.rmSync(dist, { recursive: true, force: true });
  run("compiling the TypeScript", path.join(path.dirname(require.resolve("typescript/package.json")), "bin", "tsc"), [
    "-p",
    "tsconfig.json",
  ]);
  run("bundling what dist/ imports", path.join(__dirname, "bundle.cjs"), []);
  const main = path.join(dist, "cli", "main.js");
  if (fs.existsSync(main)) fs.chmodSync(main, 0o755);
}

module.exports = { BuildError, compileNative, compileTypes };
