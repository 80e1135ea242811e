// SPDX-License-Identifier: MIT
// Runs one machine in a worker: `workerData` says which trace, and how.
import { parentPort, workerData } from "node:worker_threads";
import { Machine, Trace } from "pagewalk";

const { accesses, seed, hooked } = workerData;
const machine = new Machine();
if (hooked) machine.onPageFault(() => "pass");
const trace = Trace.generate({ name: "uniform", accesses, bytes: 2 ** 24, seed });
const run = machine.run(trace);
parentPort.postMessage("running");
const { faults, walks, tlb } = await run;
parentPort.postMessage({ faults, walks, tlb });
