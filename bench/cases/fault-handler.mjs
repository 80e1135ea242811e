// SPDX-License-Identifier: MIT
// What a JavaScript fault handler adds to a fault: accesses that each touch a new page, with and without.
import { Machine } from "pagewalk";

const FAULTS = 200_000;
const ROUNDS = 9;

export function run() {
  const pages = BigUint64Array.from({ length: FAULTS }, (_, i) => BigInt(0x10000000 + i * 4096));
  const without = [];
  const handled = [];
  for (let round = 0; round < ROUNDS; round++) {
    without.push(seconds(pages));
    handled.push(seconds(pages, () => "pass"));
  }
  const added = ((median(handled) - median(without)) / FAULTS) * 1e9;
  console.log(
    "fault handler in JavaScript".padEnd(44),
    `adds ${added.toFixed(0)} ns a fault (ceiling 1000) to ${((median(without) / FAULTS) * 1e9).toFixed(0)} ns`,
  );
}

function seconds(pages, handler) {
  const machine = new Machine({});
  try {
    if (handler) machine.onPageFault(handler);
    const start = process.hrtime.bigint();
    machine.accessMany(pages);
    return Number(process.hrtime.bigint() - start) / 1e9;
  } finally {
    machine.close();
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
