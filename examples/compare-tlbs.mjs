// SPDX-License-Identifier: MIT
// Would a larger first-level data TLB help? The same trace under five sizes of it.
//   node examples/compare-tlbs.mjs
import { fileURLToPath } from "node:url";
import { Machine, Trace } from "pagewalk";

const trace = await Trace.open(fileURLToPath(new URL("traces/python.lackey.zst", import.meta.url)));

for (const l1d of ["16x4", "32x4", "64x4", "96x6", "128x8"]) {
  const machine = new Machine({ tlb: { l1d } });
  const { tlb, cycles, accesses } = await machine.run(trace);
  const perThousand = (count) => ((count * 1000) / accesses.total).toFixed(2);
  console.log(
    `l1d ${l1d.padEnd(6)} ${perThousand(tlb.l1d.misses).padStart(6)} misses and ` +
      `${perThousand(cycles.translation).padStart(7)} cycles of translation per thousand accesses`,
  );
  machine.close();
}
trace.close();
