// SPDX-License-Identifier: MIT
// machine.accessMany() in batches against the native replay of the same accesses from memory, in turn.
import { Machine, Trace } from "pagewalk";

const BATCHES = [4096, 65536];
const ACCESSES = 1 << 23;
const ROUNDS = 9;

export async function run() {
  const { addresses, kinds } = programLike(ACCESSES);
  const trace = Trace.fromAddresses(addresses, { kinds });
  const machine = new Machine({});
  try {
    await machine.run(trace); // every page is resident from here on
    for (const batch of BATCHES) {
      const native = [];
      const bridged = [];
      const views = Array.from({ length: ACCESSES / batch }, (_, i) => [
        addresses.subarray(i * batch, (i + 1) * batch),
        kinds.subarray(i * batch, (i + 1) * batch),
      ]);
      for (let round = 0; round < ROUNDS; round++) {
        native.push((await machine.run(trace)).time.simulateSeconds);
        const start = process.hrtime.bigint();
        for (const [some, theirKinds] of views) machine.accessMany(some, theirKinds);
        bridged.push(Number(process.hrtime.bigint() - start) / 1e9);
      }
      const ratio = median(native) / median(bridged);
      const rate = (seconds) => `${(ACCESSES / seconds / 1e6).toFixed(0)} M/s`;
      console.log(
        `accessMany, batches of ${batch}`.padEnd(44),
        `${ratio.toFixed(2)} of the native rate (floor 0.90): ${rate(median(bridged))} against ${rate(median(native))}`,
      );
    }
  } finally {
    machine.close();
    trace.close();
  }
}

// Fetches along code pages, with loads and stores to a stack and to a heap of 4 MiB.
function programLike(count) {
  const addresses = new BigUint64Array(count);
  const kinds = new Uint8Array(count);
  let state = 1;
  const random = (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  for (let i = 0; i < count; i++) {
    const kind = i % 3 === 0 ? 0 : 1 + random(2);
    kinds[i] = kind;
    const heap = random(16) === 0 ? random(1024) * 4096 : (random(8) + ((i >> 12) % 512)) * 4096;
    const address = kind === 0 ? 0x400000 + ((i >> 10) % 64) * 4096 : kind === 2 ? 0x7ffffff0000 : 0x10000000 + heap;
    addresses[i] = BigInt(address + random(500) * 8);
  }
  return { addresses, kinds };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
