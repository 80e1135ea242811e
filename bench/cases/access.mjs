// SPDX-License-Identifier: MIT
// One call of machine.access(), address and result included.
import { Machine } from "pagewalk";
import { line, secondsPerCall } from "../measure.mjs";

const PAGES = 64;

export function run() {
  using(new Machine({}), (machine) => {
    let i = 0;
    const bigint = BigInt(0x7f0000000000);
    const number = secondsPerCall("access(number)", () => machine.access(0x400000 + (i++ % PAGES) * 4096, "load"));
    const big = secondsPerCall("access(bigint)", () => machine.access(bigint, "store"));
    line("machine.access(number)", `${(number.seconds * 1e9).toFixed(0)} ns a call (ceiling 250)`, [number]);
    line("machine.access(bigint)", `${(big.seconds * 1e9).toFixed(0)} ns a call (ceiling 250)`, [big]);
  });
}

function using(machine, body) {
  try {
    body(machine);
  } finally {
    machine.close();
  }
}
