// SPDX-License-Identifier: MIT
// The API in writing, from the compiled types: the report that a review sees (docs/reference/pagewalk.api.md) and the
// pages of build/api/. Both need every public type to be in order.
//   node .ci/api.mjs [--check]      --check: fails where the report does not say what the types say
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = path.join(here, "tools");
const root = path.dirname(here);
const report = path.join("docs", "reference", "pagewalk.api.md");

function run(title, command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  console.error(`${stdout ?? ""}${stderr ?? ""}${title} failed: ${error?.message ?? `exit code ${status}`}`);
  process.exit(1);
}

// The lock file that npm leaves tells what is installed.
function installTools() {
  const wanted = fs.statSync(path.join(tools, "package-lock.json")).mtimeMs;
  const stamp = path.join(tools, "node_modules", ".package-lock.json");
  if (fs.existsSync(stamp) && fs.statSync(stamp).mtimeMs >= wanted) return;
  const shell = process.platform === "win32";
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: tools,
    stdio: "inherit",
    shell,
  });
  if (status !== 0) process.exit(1);
}

function withTool(title, script, args) {
  run(title, process.execPath, [path.join(tools, "node_modules", script), ...args], tools);
}

const check = process.argv.includes("--check");
installTools();
fs.mkdirSync(path.join(root, "build", "api-report"), { recursive: true });
const extract = ["run", "--config", "api-extractor.json", ...(check ? [] : ["--local"])];
withTool(
  `comparing the types with ${report} (npm run api accepts what they say now)`,
  "@microsoft/api-extractor/bin/api-extractor",
  extract,
);
const located = fs.readFileSync(path.join(root, report), "utf8").match(/^\/\/ .*\.d\.ts:\d.*$/m);
if (located) {
  console.error(`${report} would differ from folder to folder; export what this names: ${located[0]}`);
  process.exit(1);
}
withTool("making the pages of the API", "typedoc/bin/typedoc", ["--options", "typedoc.json", "--logLevel", "Warn"]);
console.log(`API: ${report} ${check ? "says what the types say" : "is up to date"}; the pages are in build/api/`);
