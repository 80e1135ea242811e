// SPDX-License-Identifier: MIT
// Installs the packed package in an empty folder, without its scripts, and uses it as a stranger would:
// ES module, CommonJS, command line.
import { execFileSync, execSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-pack-"));
const sh = (command, cwd) => execSync(command, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const script = `
const { Machine, Trace } = pagewalk;
const machine = new Machine({ cpu: "amd-zen4", residentLimit: 64 });
const trace = Trace.generate({ name: "zipf", accesses: 100000, bytes: 1 << 20, seed: 1 });
machine.run(trace).then(({ faults, tlb }) => {
  if (faults.minor === 0 || faults.major === 0 || tlb.l1d.hits === 0) throw new Error(JSON.stringify({ faults, tlb }));
  console.log(JSON.stringify(faults));
});
`;

// Sources must be complete: what the tarball lacks cannot be compiled from it.
function requireFiles(names) {
  const missing = names.filter((name) => !fs.existsSync(path.join(folder, "node_modules", "pagewalk", name)));
  if (missing.length) throw new Error(`the package lacks ${missing.join(", ")}`);
}

try {
  const [{ filename, unpackedSize }] = JSON.parse(
    sh(`npm pack --json --ignore-scripts --pack-destination ${folder}`, root),
  );
  fs.writeFileSync(path.join(folder, "package.json"), "{}\n");
  sh(`npm install --no-audit --no-fund --ignore-scripts ./${filename}`, folder);
  requireFiles(["CMakeLists.txt", "native/layers.txt", "binding/addon.cc", "binding/fetch-zstd.cjs", "LICENSE"]);
  fs.writeFileSync(path.join(folder, "a.mjs"), `import * as pagewalk from "pagewalk";${script}`);
  fs.writeFileSync(path.join(folder, "a.cjs"), `const pagewalk = require("pagewalk");${script}`);
  const outputs = ["a.mjs", "a.cjs"].map((name) =>
    execFileSync(process.execPath, [name], { cwd: folder, encoding: "utf8" }),
  );
  if (outputs[0] !== outputs[1]) throw new Error(`ES module and CommonJS differ: ${outputs.join(" ")}`);
  const demo = sh("npx --no-install pagewalk demo", folder);
  if (!/walks/i.test(demo)) throw new Error(`the demo printed no report: ${demo}`);
  console.log(`packed package: works from prebuilds (${(unpackedSize / 2 ** 20).toFixed(1)} MiB unpacked)`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
