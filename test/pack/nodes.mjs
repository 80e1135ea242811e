// SPDX-License-Identifier: MIT
// The Nodes that the package promises to run on, from the npm packages that carry them; kept in build/deps.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { checkout } from "./consumer.mjs";

/** One of each major; all of them have Node-API 9. */
export const versions = { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0" };

/** The executable of a major version for a system ("linux", "win") on an architecture; fetched when it is not there. */
export function nodeOf(major, arch = process.arch, system = "linux") {
  const name = `node-${system}-${arch}`;
  const folder = path.join(checkout, "build", "deps", "nodes", `${versions[major]}-${system}-${arch}`);
  const executable = path.join(folder, "node_modules", name, "bin", system === "win" ? "node.exe" : "node");
  if (!fs.existsSync(executable)) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "package.json"), "{}\n");
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--force", `${name}@${versions[major]}`];
    execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  return executable;
}

/** Executables by major version for this machine; only the Node that runs where the packages have none (no glibc). */
export function nodesHere() {
  const own = Number(process.versions.node.split(".")[0]);
  const hasGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  if (!hasGlibc) return { [own]: process.execPath };
  return Object.fromEntries(
    Object.keys(versions).map((major) => [major, Number(major) === own ? process.execPath : nodeOf(major)]),
  );
}
