// SPDX-License-Identifier: MIT
// Replacement policies written in JavaScript, beside the ones of the same name that come with pagewalk.
//   node examples/policies.mjs [TRACE [RESIDENT-LIMIT]]
import { fileURLToPath } from "node:url";
import { Machine, Trace } from "pagewalk";
import { Clock } from "./policies/clock.mjs";
import { Fifo } from "./policies/fifo.mjs";
import { Lru } from "./policies/lru.mjs";
import { Sieve } from "./policies/sieve.mjs";

const [path = fileURLToPath(new URL("traces/python.lackey.zst", import.meta.url)), residentLimit = "10%"] =
  process.argv.slice(2);
const trace = await Trace.open(path);
const twins = { fifo: Fifo, lru: Lru, sieve: Sieve, clock: Clock };

async function faultsOf(policy, observe, hosted) {
  const machine = new Machine({ policy, residentLimit, refs: "data", observe });
  if (hosted) machine.registerPolicy(hosted);
  const { faults } = await machine.run(trace);
  machine.close();
  return faults.total;
}

for (const observe of ["exact", "hardware"]) {
  for (const [name, Policy] of Object.entries(twins)) {
    const [native, hosted] = [await faultsOf(name, observe), await faultsOf(name, observe, new Policy())];
    console.log(`${observe.padEnd(8)} ${name.padEnd(5)} ${native} faults, in JavaScript ${hosted}`);
  }
}
trace.close();
