// SPDX-License-Identifier: MIT
// A script that wrote an address beyond the memory, or any other rubbish, into a page table ended the process with the
// mapper's next step, or with its collection.
import { expect, it } from "vitest";
import { BitmapFrameAllocator, Mapper, Mmu, PhysicalMemory } from "../../lib/index.js";
import { chance } from "../support/streams.js";

const mib = 2 ** 20;
const address = 0x7f12_3456_7000n;
const beyond = 1n << 40n;

function mapped() {
  const memory = new PhysicalMemory(64 * mib);
  const allocator = new BitmapFrameAllocator(64 * mib);
  const mapper = new Mapper(memory, allocator);
  mapper.map(address, 0x5000);
  return { memory, allocator, mapper };
}

/** The code of a refusal; empty where there was none. */
function codeOf(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
const answer = /^$|^ERR_PAGEWALK_(?!INTERNAL)/;

it("a table entry that points beyond the memory is refused by every step, and collected in peace", () => {
  const { memory, mapper } = mapped();
  const entry = mapper.root + ((address >> 39n) & 511n) * 8n;
  memory.write64(entry, memory.read64(entry) | beyond);
  for (const step of [
    () => mapper.find(address),
    () => mapper.map(address, 0x6000),
    () => mapper.protect(address, {}),
    () => mapper.unmap(address),
  ])
    expect(codeOf(step)).toMatch(/^ERR_PAGEWALK_(?!INTERNAL)/);
});

it.each([1, 2, 3])("rubbish in every table leaves a mapper that answers (seed %d)", (seed) => {
  const next = chance(seed);
  const word = () => BigInt(Math.floor(next() * 2 ** 32)) | (BigInt(Math.floor(next() * 2 ** 32)) << 32n);
  for (let round = 0; round < 200; round++) {
    const { memory, allocator, mapper } = mapped();
    const mmu = new Mmu({ memory });
    mmu.writeCr3(mapper.root);
    for (let i = 0; i < 40; i++) {
      const table = memory.frames - 1 - Math.floor(next() * 4);
      const slot =
        next() < 0.5 ? Number((address >> BigInt(12 + 9 * Math.floor(next() * 4))) & 511n) : Math.floor(next() * 512);
      memory.write64(table * 4096 + slot * 8, next() < 0.5 ? word() | 1n : (word() & 0x3fff_f07fn) | 1n);
      const target = next() < 0.5 ? address : address + BigInt(Math.floor(next() * 2 ** 20)) * 4096n;
      expect(codeOf(() => mapper.find(target))).toMatch(answer);
      expect(codeOf(() => mmu.access(target, "read"))).toMatch(answer);
      expect(codeOf(() => mapper.map(target, 0x6000))).toMatch(answer);
      expect(codeOf(() => mapper.protect(target, { writable: false }))).toMatch(answer);
      expect(codeOf(() => mapper.unmap(target))).toMatch(answer);
    }
    expect(allocator.validate()).toEqual([]);
  }
});
