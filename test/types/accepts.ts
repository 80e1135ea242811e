// SPDX-License-Identifier: MIT
// What the types must accept and reject: compiled by test/types/types.test.ts, never run.
import {
  type ErrorCode,
  Machine,
  Mmu,
  type MmuGroup,
  type NestedMmu,
  PagewalkError,
  PhysicalMemory,
  type PolicyName,
  Process,
  type RunResult,
  statsDelta,
  Trace,
} from "pagewalk";

declare const addresses: BigUint64Array;

export async function accepted(): Promise<void> {
  using machine = new Machine({ cpu: "amd-zen4", residentLimit: "25%", tlb: { l1d: "64x4" }, memory: 2n ** 30n });
  const trace = await Trace.open("x.lackey.zst", { onError: "skip" });
  const result: RunResult = await machine.run(trace, { signal: AbortSignal.timeout(1), limit: 5 });
  const hits: number = result.tlb.l1d.hits + (result.tlb["l1d-store"]?.hits ?? 0);
  const { pa, fault } = machine.access("0x1000", "store");
  const exact: bigint = pa + BigInt(hits);
  machine.accessMany(addresses, new Uint8Array(1));
  machine.onPageFault((page) => {
    page.major = exact > page.address;
    return fault === "major" ? "resolved" : undefined;
  });
  machine.onPageFault(async () => "pass");
  const process = machine.createProcess({ limits: { locked: "1MiB" } });
  const at: bigint = process.mmap({ length: "64KiB", flags: ["shared", "anonymous"], protection: "read|write" });
  process.onSignal("SIGSEGV", ({ address }) => process.mprotect(address, 4096, "rw"));
  const grown: number = statsDelta(process.stats(), process.stats()).memory.rss;
  process.write(at, await process.readAsync(at, grown));
  machine.setExceptionHandler(14, ({ address }) => (address === 0n ? { raise: { vector: 13 } } : "pass"));
  Trace.generate({ name: "zipf", exponent: 1.2 });
  const policy: PolicyName = "clock";
  const code: ErrorCode = "ERR_PAGEWALK_CLOSED";
  throw new PagewalkError(code, policy);
}

export function rejected(machine: Machine, trace: Trace): void {
  // @ts-expect-error: a misspelled option
  new Machine({ polcy: "lru" });
  // @ts-expect-error: a process is made by a machine
  new Process();
  // @ts-expect-error: a signal that memory does not raise
  machine.createProcess().onSignal("SIGTERM", () => undefined);
  // @ts-expect-error: an answer outside the closed set
  machine.createProcess().onSignal("SIGBUS", () => "retry");
  // @ts-expect-error: a page size that does not exist
  new Machine({ pageSize: "4MiB" });
  // @ts-expect-error: kinds are fetch, load, store, modify
  machine.access(0, "read");
  // @ts-expect-error: no answer of a handler
  machine.onPageFault(() => "yes");
  machine.onPageFault((fault) => {
    // @ts-expect-error: read only
    fault.address = 1n;
  });
  // @ts-expect-error: the wrong typed array
  machine.accessMany(new Uint32Array(1));
  // @ts-expect-error: no generator
  Trace.generate({ name: "zipff" });
  // @ts-expect-error: traces are opened
  new Trace();
  // @ts-expect-error: no policy
  const policy: PolicyName = "clok";
  // @ts-expect-error: the native handle is not reachable
  void [policy, trace.native];
}

/** Page tables by hand. */
export function byHand(memory = new PhysicalMemory({ size: "8GiB" })): bigint {
  const mmu = new Mmu({ memory, processor: { maxPhysAddr: 40, pages1GiB: true }, tlb: { l1d: "4x4" } });
  mmu.setControl({ wp: 1, nxe: true });
  const result = mmu.access(0x1000n, "write", { size: 2, cpl: 0, ac: 1 });
  // @ts-expect-error: only a completed access has an address
  void result.pa;
  // @ts-expect-error: bits are 0, 1 or booleans
  mmu.setControl({ wp: 2 });
  // @ts-expect-error: operations are read, write, fetch
  mmu.access(0, "load");
  // @ts-expect-error: no option
  new Mmu({ memory, root: 0 });
  return result.ok ? result.pa + (result.pa2 ?? 0n) : (result.cr2 ?? 0n);
}

/** Several cores. */
export function shotDown(group: MmuGroup): number {
  const space = group.createSpace({ pcid: 3 });
  space.map(0, "0x5000", { pageSize: "2MiB" });
  // @ts-expect-error: cores are numbers
  space.unmap(0, { core: "1" });
  // @ts-expect-error: groups make address spaces
  group.switchTo(0, {});
  return group.cores.length + group.stats().ipis;
}

/** A guest. */
export function nested(mmu: NestedMmu): bigint {
  mmu.enter({ eptp: "0x101e", vmid: 2 });
  const result = mmu.access(0, "fetch", { cpl: 0 });
  if (result.ok) return result.pa;
  if ("violation" in result) return result.violation.guestPhysical + BigInt(result.violation.qualification);
  // @ts-expect-error: an exception or a misconfiguration
  void result.vector;
  return "misconfiguration" in result ? result.misconfiguration.entry : (result.cr2 ?? 0n);
}

/** Handlers may answer nothing, at once or later. */
export function silent(machine: Machine): void {
  let faults = 0;
  machine.onPageFault(() => {
    ++faults;
  });
  machine.onPageFault(async () => {
    await Promise.resolve(faults);
  });
}
