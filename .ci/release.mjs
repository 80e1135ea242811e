// SPDX-License-Identifier: MIT
// Makes a release: version, changelog, bill of materials, a check of the binaries and a publish that sends nothing.
//   node .ci/release.mjs patch|minor|major|X.Y.Z [--no-commit]      the commit and tag whose push publishes
//   node .ci/release.mjs --verify vX.Y.Z                            the same checks, with every platform's binary needed
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkBinaries, prebuilds } from "../test/pack/binaries.mjs";
import { sbom } from "./sbom.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const output = path.join(root, "build", "release");
const changelog = path.join(root, "docs", "changelog.md");
const platforms = [
  "linux-x64/pagewalk.glibc.node",
  "linux-x64/pagewalk.musl.node",
  "linux-arm64/pagewalk.glibc.node",
  "linux-arm64/pagewalk.musl.node",
  "darwin-x64/pagewalk.node",
  "darwin-arm64/pagewalk.node",
  "win32-x64/pagewalk.node",
  "win32-arm64/pagewalk.node",
];

class Refused extends Error {}

const run = (command, ...args) =>
  execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
const manifest = () => JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));

/** The text under a heading of the changelog, up to the next. */
function entriesOf(text, heading) {
  const start = text.indexOf(`## ${heading}`);
  if (start < 0) throw new Refused(`docs/changelog.md has no section "${heading}"`);
  const body = text.slice(text.indexOf("\n", start) + 1);
  const end = body.search(/^## /m);
  const entries = (end < 0 ? body : body.slice(0, end)).trim();
  if (entries === "") throw new Refused(`docs/changelog.md says nothing under "${heading}"`);
  return entries;
}

// What was unreleased becomes the version's, with its date.
function moveEntries(version) {
  const text = fs.readFileSync(changelog, "utf8");
  entriesOf(text, "Unreleased");
  const date = new Date().toISOString().slice(0, 10);
  fs.writeFileSync(changelog, text.replace("## Unreleased", `## Unreleased\n\n## ${version} (${date})`));
}

function checkPrebuilds(needsAll) {
  const present = prebuilds();
  checkBinaries(present);
  const missing = platforms.filter((name) => !present.includes(path.join(root, "prebuilds", name)));
  if (missing.length > 0 && needsAll) throw new Refused(`prebuilds/ lacks ${missing.join(", ")}`);
  if (missing.length > 0) console.log(`not here, made when the tag is pushed: ${missing.join(", ")}`);
}

// Licenses of what the binaries hold, for which their sources have to be there.
function completeNotices() {
  run("node", "binding/fetch-sources.cjs", "zstd", "zlib", "xz");
  run("node", "binding/notices.cjs");
}

// What goes beside the package: notes for people, the bill of materials for machines.
function writeAttachments(version) {
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output, { recursive: true });
  fs.writeFileSync(path.join(output, "notes.md"), `${entriesOf(fs.readFileSync(changelog, "utf8"), version)}\n`);
  fs.writeFileSync(path.join(output, `pagewalk-${version}.cdx.json`), `${JSON.stringify(sbom(), null, 2)}\n`);
}

function tryPublishing() {
  completeNotices();
  const [account] = Object.values(JSON.parse(run("npm", "publish", "--dry-run", "--ignore-scripts", "--json"))).flatMap(
    (value) => (value?.files ? [value] : []),
  );
  if (account === undefined) throw new Refused("npm publish --dry-run gave no account of the package");
  if (account.size > 12e6) throw new Refused(`the package has ${account.size} bytes, at most 12,000,000`);
  console.log(
    `would publish ${account.id}: ${account.files.length} files, ${(account.size / 1e6).toFixed(2)} MB packed`,
  );
}

function release(bump, commit) {
  if (run("git", "status", "--porcelain").trim() !== "")
    throw new Refused("the work tree has changes: commit them first");
  entriesOf(fs.readFileSync(changelog, "utf8"), "Unreleased");
  run("npm", "version", bump, "--no-git-tag-version", "--ignore-scripts");
  const { version } = manifest();
  try {
    moveEntries(version);
    run("npm", "run", "--silent", "build:ts");
    checkPrebuilds(false);
    writeAttachments(version);
    tryPublishing();
  } catch (error) {
    run("git", "checkout", "--", "package.json", "package-lock.json", "docs/changelog.md");
    throw error;
  }
  if (!commit) return console.log(`version ${version} is written; nothing is committed`);
  run("git", "commit", "-q", "-m", `Release ${version}`, "package.json", "package-lock.json", "docs/changelog.md");
  run("git", "tag", "-a", `v${version}`, "-m", `pagewalk ${version}`);
  console.log(`committed and tagged v${version}; this publishes it: git push --follow-tags`);
}

function verify(tag) {
  const { version } = manifest();
  if (tag !== `v${version}`) throw new Refused(`the tag is ${tag}, the package's version ${version}`);
  checkPrebuilds(true);
  writeAttachments(version);
  tryPublishing();
}

const [first, second] = process.argv.slice(2);
try {
  if (first === "--verify") verify(second);
  else if (/^(patch|minor|major|\d+\.\d+\.\d+)$/.test(first ?? "")) release(first, second !== "--no-commit");
  else throw new Refused(`expected patch, minor, major, a version or --verify; got ${first ?? "nothing"}`);
} catch (error) {
  console.error(error instanceof Refused ? `release: ${error.message}` : error.message);
  process.exitCode = 1;
}
