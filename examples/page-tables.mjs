// SPDX-License-Identifier: MIT
// Builds page tables, looks at a walk through them step by step, and takes a page fault.
import { BitmapFrameAllocator, Mapper, Mmu, PhysicalMemory } from "pagewalk";

const memory = new PhysicalMemory({ size: "1GiB" });
const mapper = new Mapper(memory, new BitmapFrameAllocator(memory.size));
mapper.map(0x7f0012345000, 0x600000, { writable: false });

const mmu = new Mmu({ memory, tlb: "amd-zen4" });
mmu.setControl({ smep: 1, smap: 1 });
mmu.writeCr3(mapper.root);

const hex = (value) => `0x${value.toString(16)}`;
const { pa, pageSize } = mmu.access(0x7f0012345678, "read", { size: 4 });
console.log(`0x7f0012345678 is ${hex(pa)} in a page of ${pageSize} bytes`);

for (const { name, entryAddress, entry, rights } of mmu.walk(0x7f0012345678).steps) {
  const words = Object.keys(rights).filter((right) => rights[right]);
  console.log(`${name} ${hex(entryAddress)} = ${hex(entry)} ${words.sort().join(", ")}`);
}

const { vector, errorCode } = mmu.access(0x7f0012345678, "write");
console.log(`a write: vector ${vector}, error code 0b${errorCode.toString(2)}`);
