// SPDX-License-Identifier: MIT
// Every option of a machine, declared once: what it takes, its default and unit, and one sentence. Checks, the JSON
// Schema, configuration files, flags and the reference are made from this table; numbers and closed lists come from
// the addon's own (lib/generated/options.ts).
import { optionTables } from "../generated/options.js";
import { presetNames } from "../generated/presets.js";
import { pageSizes } from "./page-size.js";
import type { MachineOptions } from "./types.js";

const { numbers, choices } = optionTables;

/** A whole number: both bounds are allowed. */
export interface NumberRange {
  readonly default?: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

/** What an option takes. */
export type OptionType =
  | { kind: "text" | "size" | "address" | "limit" | "flag" | "seed" }
  | { kind: "choice"; words: readonly string[] }
  | { kind: "number"; range: NumberRange }
  | { kind: "object"; fields: Record<string, OptionSpec> }
  | { kind: "list"; of: OptionType }
  | { kind: "map"; of: OptionType }
  | { kind: "either"; of: readonly OptionType[] };

/** Parts of a configuration, in their order. */
export const groups = ["processor", "memory", "paging", "traces", "processes", "checks"] as const;

export interface OptionSpec {
  readonly type: OptionType;
  /** One sentence. */
  readonly summary: string;
  /** What a message says was expected. */
  readonly expected: string;
  readonly standard?: unknown;
  /** Where there is no default: a value to show. */
  readonly example?: unknown;
  readonly required?: true;
}

export interface TopOption extends OptionSpec {
  readonly group: (typeof groups)[number];
}

const choice = (words: readonly string[], summary: string, standard?: string): OptionSpec => ({
  type: { kind: "choice", words },
  summary,
  expected: words.length === 2 ? words.join(" or ") : `one of ${words.join(", ")}`,
  ...(standard === undefined ? {} : { standard }),
});

const number = (range: NumberRange, summary: string): OptionSpec => ({
  type: { kind: "number", range },
  summary,
  expected: `a whole number from ${range.min} to ${range.max}${range.unit && ` ${range.unit}`}`,
  ...(range.default === undefined ? {} : { standard: range.default }),
});

const flag = (summary: string, standard: boolean): OptionSpec => ({
  type: { kind: "flag" },
  summary,
  expected: "true or false",
  standard,
});

const object = (fields: Record<string, OptionSpec>): OptionType => ({ kind: "object", fields });
const either = (...of: OptionType[]): OptionType => ({ kind: "either", of });
const text: OptionType = { kind: "text" };
const anyNumber = (range: NumberRange): OptionType => ({ kind: "number", range });

const psc = {
  pml4e: number(numbers["psc.pml4e"], "Entries of the PML4E cache; 0: none."),
  pdpte: number(numbers["psc.pdpte"], "Entries of the PDPTE cache; 0: none."),
  pde: number(numbers["psc.pde"], "Entries of the PDE cache; 0: none."),
};

const cost = {
  l1Hit: number(numbers["cost.l1Hit"], "A hit of the first level of TLBs, beyond the access itself."),
  l2Hit: number(numbers["cost.l2Hit"], "A miss of the first level that hits the second."),
  walkReference: number(numbers["cost.walkReference"], "One entry of a page table that a walk reads."),
  minorFault: number(numbers["cost.minorFault"], "A page fault without I/O."),
  majorFault: number(numbers["cost.majorFault"], "A page fault with I/O."),
  invalidation: number(numbers["cost.invalidation"], "One INVLPG."),
};

const geometry: OptionType = either(
  text,
  anyNumber({ ...numbers["tlb.entries"], min: 0 }),
  object({
    entries: { ...number({ ...numbers["tlb.entries"], min: 0 }, "Entries; 0 removes the array."), required: true },
    ways: number(numbers["tlb.entries"], "Ways; by default as many as entries."),
  }),
);

const memoryMap: OptionType = {
  kind: "list",
  of: object({
    start: {
      type: { kind: "address" },
      summary: "Address of the first byte, a multiple of 4 KiB.",
      expected: 'an address such as "0x100000"',
      required: true,
    },
    size: {
      type: { kind: "size" },
      summary: "Bytes, a multiple of 4 KiB.",
      expected: 'a size such as "1GiB"',
      required: true,
    },
    type: choice(choices["memoryMap.type"], "What is there.", "usable"),
  }),
};

const swap: OptionType = {
  kind: "list",
  of: object({
    size: {
      type: { kind: "size" },
      summary: "Bytes, a multiple of 4 KiB.",
      expected: 'a size such as "1GiB"',
      required: true,
    },
    readLatency: number(numbers["swap.readLatency"], "Simulated time to read a page."),
    writeLatency: number(numbers["swap.writeLatency"], "Simulated time to write a page, for which nobody waits."),
  }),
};

const overcommit = {
  mode: choice(choices["overcommit.mode"], "Which promises are refused.", "heuristic"),
  ratio: number(numbers["overcommit.ratio"], 'Share of memory that "never" promises, swap apart.'),
  adminReserve: number(numbers["overcommit.adminReserve"], 'Kept for the superuser under "never".'),
  userReserve: number(
    numbers["overcommit.userReserve"],
    'Kept for others to recover under "never", at most 1/32 of the process.',
  ),
};

const faultCost = {
  minor: number(numbers["faultCost.minor"], "A minor fault: entry, handler, return."),
  major: number(numbers["faultCost.major"], "A major fault, beyond the wait for its device."),
  zero: number(numbers["faultCost.zero"], "Filling a page with zeros."),
  copy: number(numbers["faultCost.copy"], "Copying a page on a write."),
};

const names = (fields: object): string => Object.keys(fields).join(", ");

/** By name, in the order of documents and files. */
export const optionTable: { readonly [Name in keyof Required<MachineOptions>]: TopOption } = {
  cpu: {
    group: "processor",
    ...choice(presetNames, "A processor: its TLBs, paging-structure caches and costs.", "intel-skylake-sp"),
    expected: "the name of a preset",
  },
  tlb: {
    group: "processor",
    type: either(text, { kind: "map", of: geometry }),
    summary: 'TLBs that differ from the preset\'s, as entries x ways; "none" for a machine without.',
    expected: 'TLB geometries such as "l1d=64x4,l2=1536x12"',
    example: { l1d: "64x4", l2: "1536x12" },
  },
  tlbPolicy: { group: "processor", ...choice(choices.tlbPolicy, "How a TLB set chooses the way to fill.", "lru") },
  psc: {
    group: "processor",
    type: either(text, object(psc)),
    summary: 'Paging-structure caches that differ from the preset\'s, in entries; "none" for a machine without.',
    expected: 'entries such as "pml4e=2,pdpte=4,pde=32"',
    example: { pml4e: 2, pdpte: 4, pde: 32 },
  },
  cost: {
    group: "processor",
    type: object(cost),
    summary: "Cycles that differ from the preset's.",
    expected: `cycles by event: ${names(cost)}`,
    example: { majorFault: 250000 },
  },
  levels: { group: "processor", ...number(numbers.levels, "Levels of page tables."), expected: "4 or 5" },
  memory: {
    group: "memory",
    type: { kind: "size" },
    summary: "Physical memory, all of it usable.",
    expected: "a size such as 4GiB or a number of bytes",
    standard: "4GiB",
  },
  memoryMap: {
    group: "memory",
    type: memoryMap,
    summary: "Instead of memory: its ranges in order, as firmware reports them.",
    expected: 'ranges such as [{ start: "0x0", size: "1GiB" }]',
    example: [
      { start: "0x0", size: "640KiB", type: "usable" },
      { start: "0xa0000", size: "384KiB", type: "reserved" },
      { start: "0x100000", size: "1023MiB", type: "usable" },
    ],
  },
  residentLimit: {
    group: "memory",
    type: { kind: "limit" },
    summary: "Resident pages allowed: a number of pages, a size, or a share of the trace's pages.",
    expected: "a number of pages, a size such as 64MiB, or a share such as 25%",
    example: "25%",
  },
  policy: {
    group: "paging",
    type: text,
    summary: "Page replacement: a name, or name:key=value,key=value (see: pagewalk policies).",
    expected: "the name of a policy",
    standard: "lru",
  },
  observe: {
    group: "paging",
    ...choice(choices.observe, "What the policy sees: every reference, or Accessed and Dirty bits.", "exact"),
  },
  pageSize: {
    group: "paging",
    ...choice(pageSizes, "What demand paging maps.", "4KiB"),
    expected: "4KiB, 2MiB or 1GiB",
  },
  pscOnEvict: {
    group: "paging",
    ...choice(
      choices.pscOnEvict,
      "Structure-cache entries that an eviction drops: the address space's, or none.",
      "all",
    ),
  },
  refs: {
    group: "traces",
    ...choice(["all", "data", "fetch"], "References that are simulated.", "all"),
    expected: "all, data or fetch",
  },
  modify: { group: "traces", ...choice(choices.modify, "A modify is a store, or a load and then a store.", "once") },
  crossing: {
    group: "traces",
    ...choice(["both", "first"], "Pages that an access over a page boundary touches.", "both"),
  },
  seed: {
    group: "traces",
    type: { kind: "seed" },
    summary: "The source of every random choice.",
    expected: "a whole number",
    standard: 0,
  },
  contents: {
    group: "processes",
    ...flag("Frames hold bytes, so that processes can be read and written.", false),
  },
  swap: {
    group: "processes",
    type: swap,
    summary: "Swap areas, filled in this order.",
    expected: 'areas such as [{ size: "1GiB" }]',
    standard: [],
  },
  overcommit: {
    group: "processes",
    type: either({ kind: "choice", words: choices["overcommit.mode"] }, object(overcommit)),
    summary: "How much memory may be promised: vm.overcommit_memory and its neighbors.",
    expected: 'heuristic, always or never, or an object such as { mode: "never", ratio: 50 }',
    standard: "heuristic",
  },
  zeroPage: { group: "processes", ...flag("Reads of untouched anonymous memory share a page of zeros.", true) },
  maxMapCount: {
    group: "processes",
    ...number(numbers.maxMapCount, "VMAs that a process may have: vm.max_map_count."),
  },
  protectionKeys: { group: "processes", ...flag("Processes have protection keys (CR4.PKE).", false) },
  onViolation: {
    group: "processes",
    ...choice(choices.onViolation, "What SIGSEGV and SIGBUS do to a process without a handler.", "end-process"),
  },
  violationsKept: {
    group: "processes",
    ...number(numbers.violationsKept, "Violations that the log keeps, the latest ones."),
  },
  faultCost: {
    group: "processes",
    type: object(faultCost),
    summary: "Simulated time of faults besides their devices.",
    expected: `nanoseconds by kind of fault: ${names(faultCost)}`,
    standard: Object.fromEntries(Object.entries(faultCost).map(([name, { standard }]) => [name, standard])),
  },
  fileReadLatency: {
    group: "processes",
    ...number(numbers.fileReadLatency, "Simulated time to read a page of a file."),
    expected: "nanoseconds",
  },
  validateEvery: {
    group: "checks",
    ...number(numbers.validateEvery, "Page faults between two checks of every invariant; 0: none."),
  },
};

/** The names of every option. */
export const optionNames = Object.keys(optionTable) as (keyof MachineOptions)[];

/** The names that an option's object has, whatever else it may be. */
export function fieldNames(type: OptionType): readonly string[] {
  if (type.kind === "object") return Object.keys(type.fields);
  if (type.kind === "list") return fieldNames(type.of);
  return type.kind === "either" ? type.of.flatMap(fieldNames) : [];
}

export const costNames = Object.keys(cost) as (keyof typeof cost)[];
export const faultCostNames = Object.keys(faultCost) as (keyof typeof faultCost)[];
