// SPDX-License-Identifier: MIT
// Whether what was built still belongs to its sources: a hash of their contents, kept beside the result.
"use strict";

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const stampFile = path.join(root, "build", "stamp.json");

// What goes into each part, relative to the root, and one file that must come out of it.
const parts = {
  native: {
    inputs: ["CMakeLists.txt", "native", "binding", "package-lock.json"],
    wanted: /(\.(h|cc|c|cjs|cmake)|CMakeLists\.txt|package-lock\.json)$/,
    output: "build/Release/pagewalk.node",
  },
  types: {
    inputs: [
      "lib",
      "tsconfig.json",
      "package.json",
      "package-lock.json",
      "binding/assets.cjs",
      "binding/bundle.cjs",
      "binding/notices.cjs",
    ],
    wanted: /\.(ts|mts|json|cjs)$/,
    output: "dist/index.js",
  },
};

function filesUnder(relative) {
  const full = path.join(root, relative);
  if (!fs.existsSync(full)) return [];
  if (!fs.statSync(full).isDirectory()) return [relative];
  return fs
    .readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

function fingerprint(part) {
  const hash = createHash("sha256");
  for (const input of parts[part].inputs) {
    for (const file of filesUnder(input)) {
      if (!parts[part].wanted.test(file)) continue;
      hash
        .update(`${file}\0`)
        .update(fs.readFileSync(path.join(root, file)))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

function readStamps() {
  try {
    return JSON.parse(fs.readFileSync(stampFile, "utf8"));
  } catch {
    return {};
  }
}

const isUpToDate = (part) =>
  fs.existsSync(path.join(root, parts[part].output)) && readStamps()[part] === fingerprint(part);

function markUpToDate(part, print) {
  fs.mkdirSync(path.dirname(stampFile), { recursive: true });
  fs.writeFileSync(stampFile, `${JSON.stringify({ ...readStamps(), [part]: print }, null, 2)}\n`);
}

module.exports = { fingerprint, isUpToDate, markUpToDate, root };
