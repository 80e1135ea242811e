// SPDX-License-Identifier: MIT
// Runs one machine in a worker: `workerData` says which trace, and how.
import { parentPort, workerData } from "node:worker_threads";
import { Machine, Trace } from "pagewalk";
import { Lru } from "../../examples/policies/lru.mjs";

const { accesses, seed, hooked, policy } = workerData;
const machine = new Machine({ residentLimit: 3000 });
if (policy) machine.registerPolicy(new Lru());
if (hooked) machine.onPageFault(() => "pass");
const trace = Trace.generate({ name: "uniform", accesses, bytes: 2 ** 24, seed });
const run = machine.run(trace);
parentPort.postMessage("running");
const { faults, walks, tlb } = await run;
parentPort.postMessage({ faults, walks, tlb });
