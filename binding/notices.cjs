// SPDX-License-Identifier: MIT
// The licenses of what the package carries besides its own code: packages in dist/bundled/ and dist/assets/, and
// the libraries and headers that are compiled into the prebuilt binaries.
//   node binding/notices.cjs      writes dist/NOTICES.txt again, when more sources are there
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { libraries, targetOf } = require("./fetch-sources.cjs");

const root = path.dirname(__dirname);
const noted = path.join(root, "build", "bundled.json"); // the bill of materials reads it too

// node_modules/a/node_modules/@b/c/lib/d.js: .../@b/c
function packageFolder(file) {
  const parts = file.split(path.sep);
  const last = parts.lastIndexOf("node_modules");
  if (last < 0) return undefined;
  return parts.slice(0, last + (parts[last + 1].startsWith("@") ? 3 : 2)).join(path.sep);
}

function licenseText(folder) {
  const name = fs.readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|-|_|$)/i.test(entry));
  return name && fs.readFileSync(path.join(folder, name), "utf8").trim();
}

// Where a package has no file of its own, the license's name, where its words are, and where the source is.
function licenseReference(title, { license, repository, homepage }) {
  const source = repository?.url ?? repository ?? homepage;
  if (!source) throw new Error(`${title} has neither a license file nor an address`);
  return `Terms: https://spdx.org/licenses/${license}.html\nSource: ${source}`;
}

function packageNotice(folder) {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const title = `${manifest.name} ${manifest.version}`;
  if (typeof manifest.license !== "string") throw new Error(`${title} names no license`);
  const { name, version, license } = manifest;
  return { name, version, title, license, text: licenseText(folder) ?? licenseReference(title, manifest) };
}

// zlib's license stands in its header, between the version and the authors' addresses.
function libraryNotice(name) {
  const { title, license, licenseFile } = libraries[name];
  const text = fs.readFileSync(path.join(targetOf(name), licenseFile), "utf8");
  const comment = /^\/\*[\s\S]*?\*\//.exec(text)?.[0];
  return { title, license, text: (licenseFile.endsWith(".h") ? comment : text).trim() };
}

const runtime = {
  title: "GCC's runtime libraries (libstdc++, libgcc), in the prebuilt binaries that GCC makes",
  license: "GPL-3.0-or-later WITH GCC-exception-3.1",
  text: "Used under the GCC Runtime Library Exception, https://www.gnu.org/licenses/gcc-exception-3.1.html",
};

const line = "-".repeat(78);
const format = ({ title, license, text }) => `${line}\n${title}\nLicense: ${license}\n${line}\n\n${text}\n`;

/** Notes the packages that hold `files`, whose code or files dist/ carries. */
function noteBundled(files) {
  const folders = new Set(files.map(packageFolder).filter(Boolean));
  folders.add(path.join(root, "node_modules", "node-addon-api"));
  const notices = [...folders].map(packageNotice);
  const byTitle = new Map(notices.map((notice) => [notice.title, notice]));
  const sorted = [...byTitle.values()].sort((a, b) => a.title.localeCompare(b.title));
  fs.mkdirSync(path.dirname(noted), { recursive: true });
  fs.writeFileSync(noted, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Writes the notices of these packages and of what the binaries hold, as far as its sources are there. */
function writeNotices() {
  const packages = JSON.parse(fs.readFileSync(noted, "utf8"));
  const fetched = Object.keys(libraries).filter((name) => fs.existsSync(targetOf(name)));
  const head =
    "pagewalk carries code of these projects, in dist/bundled/, in dist/assets/ and in the prebuilt binaries.\n";
  const texts = [...packages, ...fetched.map(libraryNotice), runtime].map(format);
  fs.writeFileSync(path.join(root, "dist", "NOTICES.txt"), [head, ...texts].join("\n"));
}

if (require.main === module) writeNotices();

module.exports = { noteBundled, writeNotices };
