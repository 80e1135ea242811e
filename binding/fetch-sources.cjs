// SPDX-License-Identifier: MIT
// Fetches the C sources of compression libraries into build/deps, from npm packages that carry them, pinned and checked.
//   node binding/fetch-sources.cjs [zstd] [zlib] [xz]      without a name: zstd, which systems often lack
// Silent when they are there. Without a network the build goes on, with the system's libraries or none.
"use strict";

const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

// `unpack` says what is taken from the package (`inner`: from an archive in it) and `folder` where the sources lie then.
const libraries = {
  zstd: {
    title: "zstd 1.5.7",
    license: "BSD-3-Clause",
    licenseFile: "LICENSE",
    package: "zstd-napi@0.0.13",
    integrity: "sha512-ErGF+Ko1PsbooU6oC/sc/diiWKwVa0kd/5AkFSs7kg5kwcEuOtSzOy3xUOadXQlAVNab9TxsxaUk3hOq3cj/lA==",
    unpack: ["package/deps/zstd/lib", "package/deps/zstd/LICENSE"],
    folder: "package/deps/zstd",
    traces: ".zst",
  },
  zlib: {
    title: "zlib 1.3.1",
    license: "Zlib",
    licenseFile: "zlib.h",
    package: "zlib-sync@0.1.10",
    integrity: "sha512-t7/pYg5tLBznL1RuhmbAt8rNp5tbhr+TSrJFnMkRtrGIaPJZ6Dc0uR4u3OoQI2d6cGlVI62E3Gy6gwkxyIqr/w==",
    unpack: ["package/deps/zlib"],
    folder: "package/deps/zlib",
    traces: ".gz",
  },
  xz: {
    title: "liblzma 5.2.3",
    license: "public domain",
    licenseFile: "COPYING",
    package: "lzma-native@8.0.6",
    integrity: "sha512-09xfg67mkL2Lz20PrrDeNYZxzeW7ADtpYFbwSQh9U8+76RIzx5QsJBMy8qikv3hbUPfpy6hqwxt6FcGK81g9AA==",
    unpack: ["package/deps/xz-5.2.3.tar.bz2"],
    inner: {
      archive: "package/deps/xz-5.2.3.tar.bz2",
      unpack: ["xz-5.2.3/src/liblzma", "xz-5.2.3/src/common", "xz-5.2.3/COPYING"],
    },
    folder: "xz-5.2.3",
    traces: ".xz",
  },
};

const deps = path.join(path.dirname(__dirname), "build", "deps");
const targetOf = (name) => path.join(deps, name);
const stampOf = (name) => path.join(targetOf(name), ".complete");

function download(library, folder) {
  const npm = process.env.npm_execpath;
  const args = ["pack", library.package, "--ignore-scripts", "--json", "--pack-destination", folder];
  const options = { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 };
  const out = npm?.endsWith(".js")
    ? execFileSync(process.execPath, [npm, ...args], options)
    : execFileSync("npm", args, { ...options, shell: process.platform === "win32" });
  return JSON.parse(out)[0].filename;
}

function check(library, tarball) {
  const found = `sha512-${createHash("sha512").update(fs.readFileSync(tarball)).digest("base64")}`;
  if (found !== library.integrity)
    throw new Error(`expected ${library.package} with ${library.integrity}, got ${found}`);
}

const untar = (folder, archive, wanted) =>
  execFileSync("tar", ["-xf", archive, ...wanted], { cwd: folder, stdio: "pipe" });

function unpack(name, tarball, folder) {
  const library = libraries[name];
  untar(folder, tarball, library.unpack);
  if (library.inner) untar(folder, library.inner.archive, library.inner.unpack);
  fs.rmSync(targetOf(name), { recursive: true, force: true });
  fs.renameSync(path.join(folder, library.folder), targetOf(name));
  fs.writeFileSync(stampOf(name), library.integrity);
}

function fetchLibrary(name) {
  const library = libraries[name];
  const stamp = stampOf(name);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === library.integrity) return;
  fs.mkdirSync(deps, { recursive: true });
  const folder = fs.mkdtempSync(path.join(deps, "fetch-"));
  try {
    const tarball = download(library, folder);
    check(library, path.join(folder, tarball));
    unpack(name, tarball, folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function main(names) {
  for (const name of names) {
    if (!libraries[name]) throw new Error(`expected one of ${Object.keys(libraries).join(", ")}; got ${name}`);
    try {
      fetchLibrary(name);
    } catch (error) {
      const why = String(error.message).split("\n")[0];
      console.warn(
        `the sources of ${name} were not fetched, so ${libraries[name].traces} traces may not be readable: ${why}`,
      );
    }
  }
}

if (require.main === module) main(process.argv.length > 2 ? process.argv.slice(2) : ["zstd"]);

module.exports = { libraries, targetOf };
