// SPDX-License-Identifier: MIT
// A round through the API whose printed counts are the same on every platform: machines, traces, page tables, policies.
//   node test/pack/smoke.cjs [FOLDER]      FOLDER: the package, if it is not this checkout
"use strict";

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const root = path.resolve(process.argv[2] ?? path.join(__dirname, "..", ".."));
const { Machine, Mmu, PhysicalMemory, Trace, build } = require(path.join(root, "dist", "index.js"));
const shipped = path.join(root, "examples", "traces", "python.lackey.zst");

async function countsOf(trace, options) {
  const machine = new Machine(options);
  const { tlb, walks, faults } = await machine.run(trace, { limit: 300_000 });
  machine.close();
  return { tlb, walks, faults };
}

async function main() {
  const results = { decoders: build().decoders };
  const trace = await Trace.open(shipped);
  results.lru = await countsOf(trace, { residentLimit: "25%" });
  results.ways = await countsOf(trace, { tlbPolicy: "tree-plru", policy: "arc", residentLimit: 300 });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-smoke-"));
  try {
    const packed = path.join(folder, "packed.pwt");
    await trace.convert(packed, { compress: true, limit: 100_000 });
    results.packedBytes = fs.readFileSync(packed).toString("base64").length;
    const written = await Trace.open(packed);
    results.packed = await countsOf(written, {});
    written.close(); // Windows removes no file that is open
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  results.zipf = await countsOf(Trace.generate({ name: "zipf", accesses: 200_000, bytes: 1 << 24, seed: 7 }), {});
  const compared = await trace.compare({ policy: ["lru", "lecar", "cacheus", "opt"], frames: [100], limit: 100_000 });
  results.compared = compared.results.map(({ policy, misses }) => [policy, misses]);
  const memory = new PhysicalMemory({ size: "1MiB" });
  const walked = new Mmu({ memory }).access(0x1000n, "read");
  results.fault = walked.ok ? "none" : walked.vector;
  const show = (_, value) => (typeof value === "bigint" ? String(value) : value);
  console.log(JSON.stringify(results, show));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
