// SPDX-License-Identifier: MIT
// Fetches zstd's C sources into build/deps, from the npm package that carries them, pinned and checked.
// Silent when they are there. Without a network the build goes on, with the system's libzstd or none.
"use strict";

const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const PACKAGE = "zstd-napi@0.0.13"; // zstd 1.5.7
const INTEGRITY = "sha512-ErGF+Ko1PsbooU6oC/sc/diiWKwVa0kd/5AkFSs7kg5kwcEuOtSzOy3xUOadXQlAVNab9TxsxaUk3hOq3cj/lA==";

const deps = path.join(path.dirname(__dirname), "build", "deps");
const target = path.join(deps, "zstd");
const stamp = path.join(target, ".complete");

function download(folder) {
  const npm = process.env.npm_execpath;
  const args = ["pack", PACKAGE, "--ignore-scripts", "--json", "--pack-destination", folder];
  const options = { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 };
  const out = npm?.endsWith(".js")
    ? execFileSync(process.execPath, [npm, ...args], options)
    : execFileSync("npm", args, { ...options, shell: process.platform === "win32" });
  return path.join(folder, JSON.parse(out)[0].filename);
}

function check(tarball) {
  const found = `sha512-${createHash("sha512").update(fs.readFileSync(tarball)).digest("base64")}`;
  if (found !== INTEGRITY) throw new Error(`expected ${PACKAGE} with ${INTEGRITY}, got ${found}`);
}

function unpack(tarball, folder) {
  const wanted = ["package/deps/zstd/lib", "package/deps/zstd/LICENSE"];
  execFileSync("tar", ["-xzf", path.basename(tarball), ...wanted], { cwd: folder, stdio: "pipe" });
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(path.join(folder, "package", "deps", "zstd"), target);
  fs.writeFileSync(stamp, INTEGRITY);
}

function fetchSources() {
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === INTEGRITY) return;
  fs.mkdirSync(deps, { recursive: true });
  const folder = fs.mkdtempSync(path.join(deps, "fetch-"));
  try {
    const tarball = download(folder);
    check(tarball);
    unpack(tarball, folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

try {
  fetchSources();
} catch (error) {
  console.warn(
    `zstd's sources were not fetched, so .zst traces may not be readable: ${String(error.message).split("\n")[0]}`,
  );
}
