// SPDX-License-Identifier: MIT
// What a replacement policy written in JavaScript adds: to a fault that evicts a page, and to a run of references to a
// page that is resident.
import { Fifo } from "../../examples/policies/fifo.mjs";
import { Lru } from "../../examples/policies/lru.mjs";
import { Machine } from "pagewalk";

const FAULTS = 200_000;
const REFERENCES = 2_000_000;
const ROUNDS = 9;
const residentLimit = 1024;

// LRU that is told of no reference is FIFO.
class OneAtATime extends Lru {
  onAccess = undefined;
}
class Idle extends Lru {
  onAccess() {}
}

export function run() {
  const faulting = BigUint64Array.from({ length: FAULTS }, (_, i) => BigInt(0x10000000 + i * 4096));
  const resident = BigUint64Array.from({ length: REFERENCES }, (_, i) => BigInt(0x10000000 + (i % 8) * 4096));
  row("FIFO in JavaScript, 256 victims at once", "a fault", FAULTS, faulting, "fifo", Fifo);
  row("FIFO in JavaScript, a victim at a time", "a fault", FAULTS, faulting, "fifo", OneAtATime);
  row("LRU in JavaScript", "a fault", FAULTS, faulting, "lru", Lru);
  row("an onAccess that does nothing", "a run of references", REFERENCES, resident, "lru", Idle);
  row("LRU in JavaScript", "a run of references", REFERENCES, resident, "lru", Lru);
  row("FIFO in JavaScript", "a run of references", REFERENCES, resident, "fifo", Fifo);
}

function row(name, what, events, addresses, twin, Policy) {
  const native = [];
  const hosted = [];
  for (let round = 0; round < ROUNDS; round++) {
    native.push(seconds(addresses, twin));
    hosted.push(seconds(addresses, twin, new Policy()));
  }
  const nanoseconds = (values) => (median(values) / events) * 1e9;
  const added = nanoseconds(hosted) - nanoseconds(native);
  console.log(name.padEnd(44), `adds ${added.toFixed(1)} ns to ${what} of ${nanoseconds(native).toFixed(1)} ns`);
}

function seconds(addresses, twin, policy) {
  const machine = new Machine({ policy: twin, residentLimit });
  try {
    if (policy) machine.registerPolicy(policy);
    const start = process.hrtime.bigint();
    machine.accessMany(addresses);
    return Number(process.hrtime.bigint() - start) / 1e9;
  } finally {
    machine.close();
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
