// SPDX-License-Identifier: MIT
// Would a larger second-level TLB help? The same trace under four sizes of it.
//   node examples/compare-tlbs.mjs
import { Machine, Trace } from "pagewalk";

const trace = await Trace.open(new URL("traces/python.lackey.zst", import.meta.url).pathname);

for (const l2 of ["512x4", "1024x8", "1536x12", "2048x16"]) {
  const machine = new Machine({ tlb: { l2 } });
  const { walks, cycles, accesses } = await machine.run(trace);
  const perAccess = (cycles.translation / accesses.total).toFixed(3);
  console.log(`l2 ${l2.padEnd(8)} ${String(walks.total).padStart(8)} walks, ${perAccess} cycles per access`);
  machine.close();
}
trace.close();
