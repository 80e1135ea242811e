// SPDX-License-Identifier: MIT
// Replays the trace that ships with the package and prints what the TLBs missed and the program faulted.
//   node examples/replay.mjs
import { fileURLToPath } from "node:url";
import { Machine, Trace } from "pagewalk";

const trace = await Trace.open(fileURLToPath(new URL("traces/python.lackey.zst", import.meta.url)));
const machine = new Machine();
const { tlb, walks, faults } = await machine.run(trace);

for (const name of ["l1i", "l1d", "l2"]) console.log(`${name}: ${tlb[name].misses} misses`);
console.log(`${walks.total} walks read ${walks.references} page-table entries`);
console.log(`${faults.minor} minor and ${faults.major} major faults`);
machine.close();
trace.close();
