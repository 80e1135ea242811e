// SPDX-License-Identifier: MIT
// What a stranger does with the installed package, each as a claim that throws when it does not hold.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { checkout } from "./consumer.mjs";

// Replays a synthetic trace; both module systems and all threads must count the same.
const replay = `
async function replay({ Machine, Trace }) {
  const machine = new Machine({ cpu: "amd-zen4", residentLimit: 64 });
  const trace = Trace.generate({ name: "zipf", accesses: 100000, bytes: 1 << 20, seed: 1 });
  const { faults, tlb } = await machine.run(trace);
  if (faults.minor === 0 || faults.major === 0 || tlb.l1d.hits === 0) throw new Error(JSON.stringify({ faults, tlb }));
  return JSON.stringify([faults, tlb]);
}
`;

const workers = `${replay}
const { Worker, isMainThread, parentPort } = require("node:worker_threads");
if (isMainThread) {
  const counted = Array.from({ length: 3 }, () => new Promise((resolve, reject) =>
    new Worker(__filename).on("message", resolve).on("error", reject)));
  Promise.all([...counted, replay(require("pagewalk"))]).then((all) => {
    if (new Set(all).size !== 1) throw new Error("threads differ: " + all.join(" "));
    console.log(all[0]);
  });
} else {
  replay(require("pagewalk")).then((result) => parentPort.postMessage(result));
}
`;

const typed = `
import { Machine, Trace, type RunResult, PagewalkError } from "pagewalk";
export async function misses(): Promise<number> {
  using machine = new Machine({ cpu: "amd-zen4", tlb: { l1d: "64x4" } });
  const result: RunResult = await machine.run(Trace.generate({ name: "uniform", accesses: 10 }));
  // @ts-expect-error: a misspelled option
  new Machine({ polcy: "lru" });
  if (result.walks.total === 0) throw new PagewalkError("ERR_PAGEWALK_CLOSED", "none");
  return result.tlb.l1d.misses;
}
`;

// The names whose values differ between the two entries.
const differences = `import * as module from "pagewalk"; import { createRequire } from "node:module";
const common = createRequire(import.meta.url)("pagewalk");
const names = new Set([...Object.keys(module), ...Object.keys(common)].filter((name) => name !== "default"));
console.log(names.size > 0 ? [...names].filter((name) => module[name] !== common[name]).join(" ") : "no names");
`;

/** ES module, CommonJS and worker threads give the same counts, and the first two the same objects. */
export function runs(consumer) {
  consumer.write("entries.mjs", differences);
  const apart = consumer.run("node", ["entries.mjs"]).trim();
  if (apart !== "") throw new Error(`import and require differ in: ${apart}`);
  consumer.write("a.mjs", `import * as pagewalk from "pagewalk";${replay}console.log(await replay(pagewalk));`);
  consumer.write("a.cjs", `${replay}replay(require("pagewalk")).then(console.log);`);
  consumer.write("workers.cjs", workers);
  const outputs = ["a.mjs", "a.cjs", "workers.cjs"].map((name) => consumer.run("node", [name]));
  if (new Set(outputs).size !== 1) throw new Error(`import, require and threads differ: ${outputs.join("")}`);
}

/** The command line works from an install: the demo, its help, and a picture, which needs all that is bundled. */
export function hasCommandLine(consumer) {
  const demo = consumer.run("npx", ["--no-install", "pagewalk", "demo"]);
  if (!/walks/i.test(demo)) throw new Error(`the demo printed no report: ${demo}`);
  const help = consumer.run("npx", ["--no-install", "pagewalk", "--help"]);
  if (!/Commands:/.test(help)) throw new Error(`the help lists no commands: ${help}`);
  const trace = consumer.installed("examples", "traces", "python.lackey.zst");
  consumer.run("npx", ["--no-install", "pagewalk", "mrc", trace, "--limit", "20000", "--plot", "curve.png"]);
  const picture = fs.readFileSync(path.join(consumer.project, "curve.png"));
  if (picture.toString("latin1", 1, 4) !== "PNG" || picture.length < 10_000)
    throw new Error(`the picture is no PNG of a curve: ${picture.length} bytes`);
}

/** The types compile in a strict project, with the libraries' types checked too, however modules are resolved. */
export function compiles(consumer) {
  consumer.write("typed.mts", typed);
  const types = path.join(checkout, "node_modules", "@types");
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const options = { module, moduleResolution, strict: true, noEmit: true, skipLibCheck: false };
    const more = { target: "es2022", lib: ["es2023", "esnext.disposable"], types: ["node"], typeRoots: [types] };
    consumer.write("tsconfig.json", JSON.stringify({ compilerOptions: { ...options, ...more }, files: ["typed.mts"] }));
    const tsc = path.join(checkout, "node_modules", "typescript", "bin", "tsc");
    try {
      execFileSync(process.execPath, [tsc, "-p", consumer.project], { encoding: "utf8" });
    } catch (error) {
      throw new Error(`the types do not compile with ${moduleResolution}: ${error.stdout}`, { cause: error });
    }
  }
}

/** A broken binary, and a platform without one, end in the error that names the platform and the command. */
export function explainsMissingBinaries(consumer) {
  const where = `${process.platform}-${process.arch}`;
  const expected = (output) =>
    output.includes("ERR_PAGEWALK_NO_BINARY") && output.includes(where) && output.includes("npx pagewalk build-native");
  const folder = consumer.installed("prebuilds", where);
  const kept = `${folder}.kept`;
  fs.cpSync(folder, kept, { recursive: true });
  const check = (how) => {
    const { status, stdout, stderr } = consumer.tryRun("node", ["a.cjs"]);
    if (status === 0 || !expected(stderr)) throw new Error(`${how}: no clear error: ${stdout}${stderr}`);
    const cli = consumer.tryRun("npx", ["--no-install", "pagewalk", "demo"]);
    if (cli.status === 0 || !cli.stderr.includes("npx pagewalk build-native") || /^\s+at /m.test(cli.stderr))
      throw new Error(`${how}: the command line gives no clear error: ${cli.stdout}${cli.stderr}`);
  };
  for (const name of fs.readdirSync(folder)) fs.writeFileSync(path.join(folder, name), "not a library");
  check("a broken binary");
  fs.rmSync(folder, { recursive: true });
  check("no binary for the platform");
  fs.renameSync(kept, folder);
}

/** The one command that the error names finds all sources in the tarball and compiles them. */
export function buildsFromTarball(consumer) {
  const { stdout, stderr, status } = consumer.tryRun("npx", ["--no-install", "pagewalk", "build-native"], {
    PATH: `${consumer.env.PATH}${path.delimiter}${process.env.PATH}`,
  });
  if (status !== 0) throw new Error(`build-native failed: ${stdout}${stderr}`);
  const { compiled } = JSON.parse(
    consumer.run("node", [
      "-p",
      `const p = require("node-gyp-build").path(require("node:path").dirname(require.resolve("pagewalk/package.json")));
       require("pagewalk").build(); JSON.stringify({ compiled: p })`,
    ]),
  );
  if (!compiled.includes(path.join("build", "Release"))) throw new Error(`not the compiled binary: ${compiled}`);
}
