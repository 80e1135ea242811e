// SPDX-License-Identifier: MIT
// Cases of paging in files, one JSON object a line: a processor, its memory and accesses, or steps that change them.
// Building a case's machine and doing its steps is all that happens here; nothing is compared.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { PagewalkError, rangeError } from "./errors.js";
import type { CacheOptions } from "./machine-state.js";
import { type ControlChanges, Mmu, type Operation } from "./mmu.js";
import { checkedPath } from "./options/path.js";
import { show } from "./options/problems.js";
import { didYouMean } from "./options/suggest.js";
import { PhysicalMemory } from "./physical-memory.js";

const bit = z.union([z.literal(0), z.literal(1)]);
const word = z.string().regex(/^0x[0-9a-f]{1,16}$/i);
const pairs = z.array(z.tuple([word, word]));

const control = z.object({
  wp: bit,
  nxe: bit,
  smep: bit,
  smap: bit,
  pke: bit,
  pks: bit,
  pge: bit.optional(),
  pcide: bit.optional(),
});
const cpu = control.extend({
  la57: bit,
  pdpe1gb: bit,
  maxphyaddr: z.number(),
  pkru: word,
  pkrs: word,
  ac: bit.optional(),
  cpl: z.number().optional(),
});
const accessFields = { va: word, type: z.enum(["r", "w", "x"]), size: z.number() };
const result = z.object({
  ok: z.boolean(),
  pa: word.optional(),
  pageSize: z.number().optional(),
  pa2: word.optional(),
  pageSize2: z.number().optional(),
  value: word.optional(),
  vector: z.number().optional(),
  errorCode: z.number().optional(),
  cr2: word.optional(),
});
const observed = { result, after: pairs };

const step = z.discriminatedUnion("op", [
  z.object({ op: z.literal("access"), cpl: z.number(), ac: bit, ...accessFields, ...observed }),
  z.object({ op: z.literal("poke"), pa: word, value: word }),
  z.object({ op: z.literal("invlpg"), va: word }),
  z.object({ op: z.literal("invpcid"), type: z.number(), pcid: z.number(), va: word }),
  z.object({ op: z.literal("movcr3"), value: word }),
  z.object({ op: z.literal("cpu"), set: control.partial() }),
  z.object({ op: z.literal("pk"), pkru: word, pkrs: word }),
]);
const machine = { id: z.string(), cpu, cr3: word, mem: pairs };
const vector = z.union([
  z.object({ ...machine, steps: z.array(step) }),
  z.object({ ...machine, steps: z.undefined().optional(), access: z.object(accessFields), ...observed }),
]);

export type Vector = z.infer<typeof vector>;
export type Step = z.infer<typeof step>;
export type AccessStep = Extract<Step, { op: "access" }>;

export const vectorOperations: Record<AccessStep["type"], Operation> = { r: "read", w: "write", x: "fetch" };

function linesOf(path: string): string[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const code = missing ? "ERR_PAGEWALK_STATE_NOT_FOUND" : "ERR_PAGEWALK_STATE_UNREADABLE";
    throw new PagewalkError(code, `cannot read vectors ${path}: ${(cause as Error).message}`, { file: path, cause });
  }
  try {
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    return text.toString("utf8").split("\n");
  } catch (cause) {
    const message = `${path}: the gzip stream of the vectors is damaged: ${(cause as Error).message}`;
    throw new PagewalkError("ERR_PAGEWALK_STATE_CORRUPT", message, { file: path, cause });
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function refused(path: string, line: number, expected: string): PagewalkError {
  return new PagewalkError("ERR_PAGEWALK_STATE_CORRUPT", `${path}:${line}: ${expected}`, { file: path, line });
}

/** The case of a file (plain or gzip) that has this id. */
export function readVector(path: string, id: string): Vector {
  const lines = linesOf(checkedPath(path, "vectors"));
  const ids: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const value = parsed(line) as { id?: unknown } | null | undefined;
    if (typeof value?.id !== "string")
      throw refused(path, index + 1, `expected a case with an id, got ${show(line.slice(0, 40))}`);
    if (value.id !== id) {
      ids.push(value.id);
      continue;
    }
    const checked = vector.safeParse(value);
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    throw refused(path, index + 1, `case ${id}: ${issue!.path.join(".") || "it"}: ${issue!.message}`);
  }
  const among = ids.length ? ` from ${ids[0]} to ${ids.at(-1)}` : "";
  const message = `case: expected one of ${ids.length} cases${among}, got ${show(id)}${didYouMean(id, ids)}`;
  throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", message);
}

/** The control bits among a processor's fields. */
export function vectorControl(from: ControlChanges): ControlChanges {
  const { wp, nxe, smep, smap, pke, pks, pge = 0, pcide = 0 } = from;
  return { wp, nxe, smep, smap, pke, pks, pge, pcide };
}

/** A memory with the entries of a case, as large as its processor can address. */
export function vectorMemory({ cpu: { maxphyaddr }, mem }: Vector): PhysicalMemory {
  const memory = new PhysicalMemory(2 ** maxphyaddr);
  for (const [address, value] of mem) memory.write64(address, value);
  return memory;
}

/** The MMU of a case before its first access. */
export function vectorMmu({ cpu: of, cr3 }: Vector, memory: PhysicalMemory, caches: CacheOptions = {}): Mmu {
  const processor = { maxPhysAddr: of.maxphyaddr, pages1GiB: of.pdpe1gb };
  const mmu = new Mmu({ memory, processor, control: { ...vectorControl(of), la57: of.la57 }, ...caches });
  mmu.setProtectionKeys({ pkru: BigInt(of.pkru), pkrs: BigInt(of.pkrs) });
  mmu.writeCr3(cr3);
  return mmu;
}

/** Does a step that is no access. */
export function doStep(mmu: Mmu, memory: PhysicalMemory, does: Exclude<Step, AccessStep>): void {
  switch (does.op) {
    case "poke":
      return memory.write64(does.pa, does.value);
    case "invlpg":
      return mmu.invlpg(does.va);
    case "invpcid":
      return mmu.invpcid(does.type, { pcid: does.pcid, va: does.va });
    case "movcr3":
      return mmu.writeCr3(does.value);
    case "cpu":
      return mmu.setControl(vectorControl(does.set));
    case "pk":
      return mmu.setProtectionKeys({ pkru: BigInt(does.pkru), pkrs: BigInt(does.pkrs) });
  }
}

/** The accesses of a case with the number of their step; a case without steps is one access, step 0. */
export function accessesOf(of: Vector): [number, Omit<AccessStep, "op">][] {
  const { cpl = 3, ac = 0 } = of.cpu;
  if (!of.steps) return [[0, { ...of.access, cpl, ac, result: of.result, after: of.after }]];
  return [...of.steps.entries()].flatMap(([index, one]) => (one.op === "access" ? [[index, one]] : []));
}

/** Does the steps of a case before one; after an access memory is as it was observed, whatever a fault has set. */
export function playTo(of: Vector, mmu: Mmu, memory: PhysicalMemory, end: number): void {
  const known = new Set(of.mem.map(([address]) => address));
  for (const does of (of.steps ?? []).slice(0, end)) {
    if (does.op !== "access") {
      if (does.op === "poke") known.add(does.pa);
      doStep(mmu, memory, does);
      continue;
    }
    const before = new Map([...known].map((address) => [address, memory.read64(address)]));
    mmu.access(does.va, vectorOperations[does.type], { size: does.size, cpl: does.cpl, ac: does.ac });
    for (const [address, value] of does.after) before.set(address, BigInt(value));
    for (const [address, value] of before) memory.write64(address, value);
  }
}
