// SPDX-License-Identifier: MIT
// Makes dist/ need nothing but the package's own dependencies: each other package that it imports becomes one file of
// dist/bundled/, loaded where and when the import was. Writes the licenses of all that is inside to dist/NOTICES.txt.
"use strict";

const fs = require("node:fs");
const { isBuiltin } = require("node:module");
const path = require("node:path");
const { copyAssets } = require("./assets.cjs");
const { noteBundled, writeNotices } = require("./notices.cjs");

const root = path.dirname(__dirname);
const dist = path.join(root, "dist");
const bundled = path.join(dist, "bundled");
const { dependencies } = require("../package.json");

// As tsc writes imports, and what it leaves as it is: import() and a loader made by createRequire.
const imports = /\b(?:require|import|load)\("([^"./][^"]*)"\)|^(?:import|export) .*\bfrom "([^"./][^"]*)"/gm;

const packageOf = (name) =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
const isBundled = (name) => !isBuiltin(name) && !dependencies[packageOf(name)] && packageOf(name) !== "pagewalk";
const fileOf = (name) => `${name.replace(/^@/, "").replaceAll("/", "-")}.js`;

function compiledFiles() {
  return fs
    .readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?js$/.test(name) && !name.startsWith("bundled"))
    .map((name) => path.join(dist, name));
}

// Points the imports of a file at dist/bundled/; gives their names.
function redirect(file) {
  const found = new Set();
  const before = fs.readFileSync(file, "utf8");
  const after = before.replaceAll(imports, (whole, called, from) => {
    const name = called ?? from;
    if (!isBundled(name)) return whole;
    found.add(name);
    const target = path
      .relative(path.dirname(file), path.join(bundled, fileOf(name)))
      .split(path.sep)
      .join("/");
    return whole.replace(`"${name}"`, JSON.stringify(target.startsWith(".") ? target : `./${target}`));
  });
  if (after !== before) fs.writeFileSync(file, after);
  return found;
}

// Vega draws on a canvas only where there is one; the file for browsers asks for it when it is used, the one for Node
// waits for it while it loads, which CommonJS cannot.
const alias = { "vega-canvas": path.join(root, "node_modules", "vega-canvas", "build", "vega-canvas.browser.js") };

// Every package is an entry, so that what two of them share is there once.
async function bundle(names) {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(names.map((name) => [path.basename(fileOf(name), ".js"), name])),
    platform: "node",
    resolve: { alias },
    onLog(level, log) {
      if (level === "warn") throw new Error(`bundling: ${log.message}`);
    },
  });
  const { output } = await build.write({
    dir: bundled,
    format: "cjs",
    exports: "named",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: "shared-[name].js",
  });
  await build.close();
  return output.flatMap((chunk) => chunk.moduleIds ?? []).filter((id) => path.isAbsolute(id));
}

async function main() {
  fs.rmSync(bundled, { recursive: true, force: true });
  const names = [...new Set(compiledFiles().flatMap((file) => [...redirect(file)]))].sort((a, b) => a.localeCompare(b));
  const modules = names.length ? await bundle(names) : [];
  noteBundled([...modules, ...copyAssets()]);
  writeNotices();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
