// SPDX-License-Identifier: MIT
// Synthetic traces: how much of each pattern's translation the TLBs absorb, on pages of 4 KiB and of 2 MiB.
//   node examples/synthetic.mjs
import { Machine, Trace } from "pagewalk";

async function missRatio(trace, pageSize) {
  const machine = new Machine({ pageSize });
  const { walks, accesses } = await machine.run(trace);
  machine.close();
  return walks.total / accesses.total;
}

for (const name of ["sequential", "zipf", "uniform", "pointer-chase", "gups"]) {
  const trace = Trace.generate({ name, accesses: 1_000_000, bytes: 256 * 2 ** 20, seed: 1 });
  const [small, huge] = [await missRatio(trace, "4KiB"), await missRatio(trace, "2MiB")];
  console.log(`${name.padEnd(14)} walks per access: ${small.toFixed(4)} (4 KiB), ${huge.toFixed(4)} (2 MiB)`);
  trace.close();
}
