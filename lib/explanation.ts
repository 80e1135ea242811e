// SPDX-License-Identifier: MIT
// What an access comes to and why, from walks that change nothing. Nothing of the architecture's rules is decided
// here: walks say where they end and which checks refuse, this puts it in order and in words.
import { rangeError } from "./errors.js";
import type { AccessOptions, ControlBits, Mmu, MmuResult, Operation, Walk, WalkStep } from "./mmu.js";
import type { NativeCheck } from "./native.js";
import { show } from "./options/problems.js";

export const explanationSchema = "pagewalk.explanation/1";

export type ExplainOptions = AccessOptions;

/** An entry on the way, and whether a structure cache would spare it once an access has come this way. */
export interface ExplainedStep extends WalkStep {
  spared: boolean;
}

/** The walk for one page of the access. */
export interface ExplainedWalk extends Walk {
  address: bigint;
  steps: ExplainedStep[];
  /** Why it ended, in a sentence. */
  reason: string;
}

/** An access, explained: what `mmu.explain` gives, and `pagewalk explain --json` with addresses as text. */
export interface Explanation {
  schema: typeof explanationSchema;
  access: { address: bigint; operation: Operation; size: number; cpl: number; ac: boolean };
  processor: { maxPhysAddr: number; pages1GiB: boolean };
  registers: {
    cr3: bigint;
    /** The root table. */
    root: bigint;
    pcid: number;
    levels: 4 | 5;
    control: ControlBits;
    pkru: bigint;
    pkrs: bigint;
  };
  /** One for each page that the access got to; none where an address is not canonical. */
  walks: ExplainedWalk[];
  verdict: MmuResult;
  reason: string;
}

const sizes = new Map([
  [2 ** 12, "4 KiB"],
  [2 ** 21, "2 MiB"],
  [2 ** 30, "1 GiB"],
]);

/** "4 KiB" and so on. */
export const pageSizeText = (bytes: number): string => sizes.get(bytes) ?? `${bytes} bytes`;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const errorBits = ["P", "W/R", "U/S", "RSVD", "I/D", "PK"];

/** The bits of a page fault's error code by name. */
export function errorCodeBits(code: number): string {
  const set = errorBits.filter((_, bit) => (code >> bit) & 1);
  return set.length ? set.join(" ") : "none";
}

const refusals: Record<NativeCheck, string> = {
  "user-supervisor": "U/S is 0 on the way: user mode may not access a supervisor page",
  "read-write": "R/W is 0 on the way: the page is read-only",
  "no-execute": "NX is set on the way: nothing may be fetched from the page",
  smep: "CR4.SMEP: supervisor mode may not fetch from a user page",
  smap: "CR4.SMAP with EFLAGS.AC=0: supervisor mode may not access the data of a user page",
  "key-access-disable": "protection key: AD is set, no data access",
  "key-write-disable": "protection key: WD is set, no writes",
};

function keyText(walk: Walk, mmu: Mmu): string {
  const key = walk.steps.at(-1)?.flags.protectionKey ?? 0;
  const leaf = walk.steps.at(-1)?.rights;
  const [name, value] = leaf?.user ? ["PKRU", mmu.protectionKeys.pkru] : ["IA32_PKRS", mmu.protectionKeys.pkrs];
  return ` (key ${key}, ${name} ${hex(value)})`;
}

function refusalText(check: NativeCheck, walk: Walk, mmu: Mmu): string {
  return refusals[check] + (check.startsWith("key-") ? keyText(walk, mmu) : "");
}

// Why one reserved bit is reserved.
function reservedText(bit: number, step: WalkStep, mmu: Mmu): string {
  const { maxPhysAddr } = mmu.processor;
  if (bit === 63) return "bit 63 (NX), reserved while IA32_EFER.NXE is 0";
  if (bit >= maxPhysAddr) return `bit ${bit}, beyond MAXPHYADDR (${maxPhysAddr})`;
  if (bit === 7)
    return step.level === 3 ? "bit 7 (PS): the processor has no 1 GiB pages" : `bit 7 (PS) of a ${step.name}`;
  return `bit ${bit}, below the alignment of the page`;
}

function reservedTexts(walk: Walk, mmu: Mmu): string {
  const bits = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (walk.reservedBits >> BigInt(bit)) & 1n);
  return bits.map((bit) => reservedText(bit, walk.steps.at(-1)!, mmu)).join("; ");
}

function reasonOf(walk: Walk, mmu: Mmu): string {
  const last = walk.steps.at(-1);
  switch (walk.end) {
    case "translated":
      return `the ${last!.name} maps a page of ${pageSizeText(walk.result.ok ? walk.result.pageSize : 0)}`;
    case "not-present":
      return `the ${last!.name} is not present (P=0)`;
    case "reserved":
      return `the ${last!.name} has reserved bits set: ${reservedTexts(walk, mmu)}`;
    case "refused":
      return walk.refusedBy.map((check) => refusalText(check, walk, mmu)).join("; ");
    default:
      return `the address is not canonical for ${mmu.control.la57 ? 57 : 48} bits`;
  }
}

// A walk that succeeds fills the caches of the levels above its leaf; the next one begins below the lowest of them.
function sparedFrom(walk: Walk, mmu: Mmu): number {
  if (walk.end !== "translated") return Infinity;
  const { pml4e, pdpte, pde } = mmu.structureCaches;
  const entries = new Map([
    [4, pml4e],
    [3, pdpte],
    [2, pde],
  ]);
  const kept = walk.steps.slice(0, -1).filter(({ level }) => (entries.get(level) ?? 0) > 0);
  return Math.min(Infinity, ...kept.map(({ level }) => level));
}

function explainedWalk(mmu: Mmu, address: bigint, walk: Walk): ExplainedWalk {
  const lowest = sparedFrom(walk, mmu);
  const steps = walk.steps.map((step) => ({ ...step, spared: step.level >= lowest }));
  return { ...walk, address, steps, reason: reasonOf(walk, mmu) };
}

// Both ends have to be canonical before either page is walked; then the lower one is first.
function walksOf(mmu: Mmu, address: bigint, access: Explanation["access"]): ExplainedWalk[] {
  const { operation, size, cpl, ac } = access;
  const walkAt = (at: bigint): ExplainedWalk => explainedWalk(mmu, at, mmu.walk(at, operation, { cpl, ac }));
  const last = BigInt.asUintN(64, address + BigInt(size - 1));
  const first = walkAt(address);
  const end = walkAt(last);
  if (first.end === "not-canonical") return [first];
  if (end.end === "not-canonical") return [end];
  if (!first.result.ok) return [first];
  const pageBytes = BigInt(first.result.pageSize);
  if (address / pageBytes === last / pageBytes) return [first];
  return [first, walkAt((last / 4096n) * 4096n)];
}

function verdictOf(walks: readonly ExplainedWalk[]): MmuResult {
  const [first, second] = walks.map((walk) => walk.result);
  if (!first!.ok || !second) return first!;
  return second.ok ? { ...first!, pa2: second.pa, pageSize2: second.pageSize } : second;
}

/** Explains one access. */
export function explain(mmu: Mmu, address: bigint, operation: Operation, options: ExplainOptions): Explanation {
  const { size = 1, cpl = 3, ac = 0 } = options;
  if (!Number.isInteger(size) || size < 1 || size > 64)
    throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `size: expected 1 to 64 bytes, got ${show(size)}`);
  const access = { address, operation, size, cpl, ac: Boolean(ac) };
  const walks = walksOf(mmu, address, access);
  const { control, cr3, processor, protectionKeys } = mmu;
  return {
    schema: explanationSchema,
    access,
    processor,
    registers: {
      cr3,
      root: cr3 & 0x000f_ffff_ffff_f000n,
      pcid: control.pcide ? Number(cr3 & 0xfffn) : 0,
      levels: control.la57 ? 5 : 4,
      control,
      ...protectionKeys,
    },
    walks,
    verdict: verdictOf(walks),
    reason: walks.at(-1)!.reason,
  };
}
