// SPDX-License-Identifier: MIT
// Watches page faults from JavaScript: a guard page that nobody may touch, and a count of faults by kind of access.
//   node examples/fault-handler.mjs
import { Machine } from "pagewalk";

const guard = 0x7000_0000n;
const machine = new Machine();
const byKind = {};

const remove = machine.onPageFault((fault) => {
  if (fault.address >= guard && fault.address < guard + 4096n) return "segmentation-fault";
  byKind[fault.kind] = (byKind[fault.kind] ?? 0) + 1;
  return "pass";
});

machine.access(0x6fff_f000, "store");
machine.access(0x6fff_f008, "load"); // the same page: no fault
machine.access("0x400000", "fetch");
console.log(byKind);

try {
  machine.access(guard + 8n, "store");
} catch (error) {
  console.log(error.code);
}

remove();
console.log(machine.access(guard + 8n, "store").fault);
machine.close();
