// SPDX-License-Identifier: MIT
// Options: what they resolve to, and for every bad one the code and a message that says what was expected.
import { describe, expect, it } from "vitest";
import type { AccessKind, NativePreset, NativeTlb, PageSize } from "../../lib/native-config.js";
import type { OptionsError } from "../../lib/options/problems.js";
import { type NativeTables, resolveOptions } from "../../lib/options/resolve.js";
import type { MachineOptions } from "../../lib/options/types.js";

const array = (entries: number, ways: number, ...pageSizes: PageSize[]) => ({ entries, ways, pageSizes });
const data: AccessKind[] = ["load", "store", "modify"];
const all: AccessKind[] = ["fetch", ...data];

function preset(name: string, tlbs: NativeTlb[]): NativePreset {
  return {
    name,
    summary: name,
    tlb: { wayChoice: "lru", tlbs },
    structureCaches: { pml4e: 2, pdpte: 4, pde: 32 },
    cost: { l1Hit: 0, l2Hit: 7, walkReference: 20, minorFault: 1500, majorFault: 250000, invalidation: 200 },
    sources: {},
  };
}

const skylake = preset("intel-skylake-sp", [
  { name: "l1i", level: 1, kinds: ["fetch"], arrays: [array(128, 8, "4KiB"), array(8, 8, "2MiB")] },
  { name: "l1d", level: 1, kinds: data, arrays: [array(64, 4, "4KiB"), array(32, 4, "2MiB"), array(4, 4, "1GiB")] },
  { name: "l2", level: 2, kinds: all, arrays: [array(1536, 12, "4KiB", "2MiB"), array(16, 4, "1GiB")] },
]);
const icelake = preset("intel-icelake-sp", [
  { name: "l1i", level: 1, kinds: ["fetch"], arrays: [array(128, 8, "4KiB")] },
  { name: "l1d-load", level: 1, kinds: ["load"], arrays: [array(64, 4, "4KiB"), array(32, 4, "2MiB")] },
  { name: "l1d-store", level: 1, kinds: ["store", "modify"], arrays: [array(16, 16, "4KiB", "2MiB", "1GiB")] },
  { name: "l2", level: 2, kinds: all, arrays: [array(2048, 16, "4KiB")] },
]);
const zen = preset("amd-zen2", [
  { name: "l1i", level: 1, kinds: ["fetch"], arrays: [array(64, 64, "4KiB", "2MiB", "1GiB")] },
  { name: "l1d", level: 1, kinds: data, arrays: [array(64, 64, "4KiB", "2MiB", "1GiB")] },
  { name: "l2i", level: 2, kinds: ["fetch"], arrays: [array(512, 8, "4KiB", "2MiB")] },
  { name: "l2d", level: 2, kinds: data, arrays: [array(2048, 16, "4KiB", "2MiB")] },
]);

const tables: NativeTables = {
  presets: () => [skylake, icelake, zen],
  policies: () => [{ name: "fifo" }, { name: "lru" }, { name: "clock" }, { name: "random" }],
};

const resolve = (options: unknown) => resolveOptions(options as MachineOptions, tables);
const tlbs = (options: MachineOptions) => resolve(options).native.tlb.tlbs;

function failure(options: unknown): OptionsError {
  try {
    resolve(options);
  } catch (error) {
    return error as OptionsError;
  }
  throw new Error(`expected ${JSON.stringify(options)} to be refused`);
}

describe("defaults", () => {
  it("are those that the documentation names", () => {
    const { native, refs, crossing, residentPercent } = resolve({});
    expect({ refs, crossing, residentPercent }).toEqual({ refs: "all", crossing: "both", residentPercent: undefined });
    expect(native).toEqual({
      cpu: "intel-skylake-sp",
      tlb: { wayChoice: "lru", tlbs: skylake.tlb.tlbs },
      structureCaches: { pml4e: 2, pdpte: 4, pde: 32 },
      cost: skylake.cost,
      memoryBytes: 4n << 30n,
      memoryMap: [],
      residentLimit: 0,
      policy: "lru",
      observe: "exact",
      modify: "once",
      pageSize: "4KiB",
      structureCachesOnEvict: "all",
      levels: 4,
      seed: 0n,
      validateEvery: 0,
    });
  });

  it("stand for options that are undefined", () => {
    expect(resolve({ cpu: undefined, seed: undefined })).toEqual(resolve({}));
  });

  it("leave the preset as it is when options change its TLBs", () => {
    const before = structuredClone(skylake);
    resolve({ tlb: "l1d=16x4,l2=0", psc: "pde=0", cost: { l2Hit: 9 } });
    expect(skylake).toEqual(before);
  });
});

describe("tlb", () => {
  it("sets the array that serves the mapped page size", () => {
    const [l1i, l1d, l2] = tlbs({ tlb: "l1i=16x4,l1d=48x12,l2=1024x8" });
    expect(l1i!.arrays).toEqual([array(16, 4, "4KiB"), array(8, 8, "2MiB")]);
    expect(l1d!.arrays[0]).toEqual(array(48, 12, "4KiB"));
    expect(l2!.arrays[0]).toEqual(array(1024, 8, "4KiB", "2MiB"));
  });

  it("follows the page size that demand paging maps", () => {
    const [, l1d] = tlbs({ tlb: "l1d=16x4", pageSize: "2MiB" });
    expect(l1d!.arrays).toEqual([array(64, 4, "4KiB"), array(16, 4, "2MiB"), array(4, 4, "1GiB")]);
  });

  it("sets one size with a suffix, and takes it out of a shared array", () => {
    const l2 = tlbs({ tlb: "l2.2MiB=32x4" })[2];
    expect(l2!.arrays).toEqual([array(1536, 12, "4KiB"), array(16, 4, "1GiB"), array(32, 4, "2MiB")]);
  });

  it("takes entries alone as fully associative", () => {
    expect(tlbs({ tlb: "l1d=72" })[1]!.arrays[0]).toEqual(array(72, 72, "4KiB"));
    expect(tlbs({ tlb: { l1d: 72 } })[1]!.arrays[0]).toEqual(array(72, 72, "4KiB"));
    expect(tlbs({ tlb: { l1d: { entries: 72, ways: 72 } } })[1]!.arrays[0]).toEqual(array(72, 72, "4KiB"));
  });

  it("takes sets that are no power of two", () => {
    expect(tlbs({ tlb: "l2=1536x12,l1d=48x12,l1i=72x24" }).map((tlb) => tlb.arrays[0]!.entries)).toEqual([
      72, 48, 1536,
    ]);
  });

  it("removes a level with 0 and all of them with none", () => {
    expect(tlbs({ tlb: "l2=0" }).map((tlb) => tlb.name)).toEqual(["l1i", "l1d"]);
    expect(tlbs({ tlb: { l2: 0, l1i: "0" } }).map((tlb) => tlb.name)).toEqual(["l1d"]);
    expect(tlbs({ tlb: "none" })).toEqual([]);
    expect(tlbs({ cpu: "amd-zen2", tlb: "l2=0" }).map((tlb) => tlb.name)).toEqual(["l1i", "l1d"]);
  });

  it("removes one size with a suffix and 0", () => {
    expect(tlbs({ tlb: "l1d.2MiB=0" })[1]!.arrays).toEqual([array(64, 4, "4KiB"), array(4, 4, "1GiB")]);
  });

  it("makes one TLB of split ones that are named as a whole", () => {
    const resolved = tlbs({ cpu: "intel-icelake-sp", tlb: "l1d=64x4" });
    expect(resolved.map((tlb) => tlb.name)).toEqual(["l1i", "l1d", "l2"]);
    expect(resolved[1]).toMatchObject({ level: 1, kinds: data });
    expect(resolved[1]!.arrays[0]).toEqual(array(64, 4, "4KiB"));
    expect(tlbs({ cpu: "amd-zen2", tlb: "l2=1536x12" }).map((tlb) => tlb.name)).toEqual(["l1i", "l1d", "l2"]);
    expect(tlbs({ cpu: "amd-zen2", tlb: "l2=1536x12" })[2]!.kinds).toEqual(all);
  });

  it("sets a split TLB by its own name", () => {
    const resolved = tlbs({ cpu: "intel-icelake-sp", tlb: "l1d-store=32x4" });
    expect(resolved.find((tlb) => tlb.name === "l1d-store")!.arrays).toEqual([array(32, 4, "4KiB", "2MiB", "1GiB")]);
    expect(resolved.find((tlb) => tlb.name === "l1d-load")!.arrays[0]).toEqual(array(64, 4, "4KiB"));
  });
});

describe("psc", () => {
  it("changes what it names and keeps the rest", () => {
    expect(resolve({ psc: "pde=0" }).native.structureCaches).toEqual({ pml4e: 2, pdpte: 4, pde: 0 });
    expect(resolve({ psc: { pml4e: 8 } }).native.structureCaches).toEqual({ pml4e: 8, pdpte: 4, pde: 32 });
    expect(resolve({ psc: "none" }).native.structureCaches).toEqual({ pml4e: 0, pdpte: 0, pde: 0 });
  });
});

describe("sizes", () => {
  it.each([
    ["64MiB", 64n << 20n],
    ["64M", 64n << 20n],
    ["64 mib", 64n << 20n],
    ["1.5GiB", 3n << 29n],
    ["16384p", 64n << 20n],
    ["1048576", 1n << 20n],
    ["1TiB", 1n << 40n],
    [1 << 26, 64n << 20n],
    [1n << 40n, 1n << 40n],
  ])("memory %s is %s bytes", (memory, bytes) => {
    expect(resolve({ memory }).native.memoryBytes).toBe(bytes);
  });

  it.each([
    [100, "4KiB", 100],
    ["100", "4KiB", 100],
    ["100p", "4KiB", 100],
    ["64MiB", "4KiB", 16384],
    ["64MiB", "2MiB", 32],
    ["5000K", "4KiB", 1250],
  ] as const)("resident limit %s of %s pages is %s pages", (residentLimit, pageSize, pages) => {
    expect(resolve({ residentLimit, pageSize }).native.residentLimit).toBe(pages);
  });

  it("keeps a share for when the trace is known", () => {
    const { native, residentPercent } = resolve({ residentLimit: "12.5%" });
    expect(native.residentLimit).toBe(0);
    expect(residentPercent).toBe(12.5);
  });
});

describe("names", () => {
  it("takes the short forms of page sizes", () => {
    expect(["4k", "2M", "1gib", "2MiB"].map((pageSize) => resolve({ pageSize }).native.pageSize)).toEqual([
      "4KiB",
      "2MiB",
      "1GiB",
      "2MiB",
    ]);
  });

  it("takes a policy with parameters", () => {
    expect(resolve({ policy: "clock:n-bit-counter=2" }).native.policy).toBe("clock:n-bit-counter=2");
  });

  it("takes a seed of 64 bits", () => {
    expect(resolve({ seed: (1n << 64n) - 1n }).native.seed).toBe((1n << 64n) - 1n);
  });
});

// Every bad input: the options, the code, the class, and what the message must say.
const refused: [string, unknown, string, RegExp][] = [
  ["unknown option", { polcy: "lru" }, "UNKNOWN_NAME", /polcy: no option has this name \(did you mean "policy"\?\)/],
  ["option of another case", { resident_limit: 5 }, "UNKNOWN_NAME", /did you mean "residentLimit"/],
  ["unknown preset", { cpu: "skylake" }, "UNKNOWN_NAME", /cpu: expected one of .*did you mean "intel-skylake-sp"/],
  ["empty preset", { cpu: "" }, "UNKNOWN_NAME", /cpu: expected one of/],
  ["unknown policy", { policy: "lur" }, "UNKNOWN_NAME", /policy: expected one of fifo, .*did you mean "lru"/],
  ["unknown policy with parameters", { policy: "clokc:bits=2" }, "UNKNOWN_NAME", /did you mean "clock"/],
  ["far-off policy", { policy: "quicksort" }, "UNKNOWN_NAME", /got "quicksort"$/],
  ["unknown page size", { pageSize: "3KiB" }, "UNKNOWN_NAME", /pageSize: expected one of 4KiB, 2MiB, 1GiB/],
  ["unknown way choice", { tlbPolicy: "treeplru" }, "UNKNOWN_NAME", /did you mean "tree-plru"/],
  ["unknown refs", { refs: "loads" }, "UNKNOWN_NAME", /refs: expected one of all, data, fetch; got "loads"/],
  ["unknown modify", { modify: "2" }, "UNKNOWN_NAME", /modify: expected one of once, twice/],
  ["unknown crossing", { crossing: "all" }, "UNKNOWN_NAME", /crossing: expected one of both, first/],
  ["unknown observe", { observe: "hardwear" }, "UNKNOWN_NAME", /did you mean "hardware"/],
  ["unknown pscOnEvict", { pscOnEvict: "some" }, "UNKNOWN_NAME", /pscOnEvict: expected one of all, none/],
  ["unknown TLB", { tlb: "l1x=64x4" }, "UNKNOWN_NAME", /no TLB is called "l1x"; expected one of l1i, l1d, l2/],
  ["TLB of another preset", { tlb: "l1d-store=16" }, "UNKNOWN_NAME", /no TLB is called "l1d-store"/],
  ["unknown size of a TLB", { tlb: "l1d.3MiB=4" }, "UNKNOWN_NAME", /expected a page size after the dot/],
  ["unknown structure cache", { psc: "pte=4" }, "UNKNOWN_NAME", /psc: expected pml4e, pdpte or pde, got "pte"/],
  ["unknown structure cache as object", { psc: { pdp: 4 } }, "UNKNOWN_NAME", /psc\.pdp: no option has this name/],
  ["unknown cost", { cost: { l1hit: 1 } }, "UNKNOWN_NAME", /cost\.l1hit: .*did you mean "l1Hit"/],
  ["options that are no object", 5, "INVALID_ARGUMENT", /options: expected an object, got 5/],
  ["options null", null, "INVALID_ARGUMENT", /options: expected an object, got null/],
  ["options an array", [], "INVALID_ARGUMENT", /options: expected an object, got an array/],
  ["preset of a wrong type", { cpu: 5 }, "INVALID_ARGUMENT", /cpu: expected the name of a preset; got 5/],
  ["memory of a wrong type", { memory: true }, "INVALID_ARGUMENT", /memory: expected a size such as 4GiB .* got true/],
  ["memory null", { memory: null }, "INVALID_ARGUMENT", /memory: expected .* got null/],
  ["memory not a size", { memory: "3pb!" }, "INVALID_ARGUMENT", /memory: expected a size such as 64MiB.* got "3pb!"/],
  ["memory in a decimal unit", { memory: "64GB" }, "INVALID_ARGUMENT", /write 64GiB instead of 64GB/],
  ["memory in an unknown unit", { memory: "64Q" }, "INVALID_ARGUMENT", /expected a size such as 64MiB/],
  ["memory not a whole number", { memory: 4096.5 }, "INVALID_ARGUMENT", /expected a whole number of bytes; got 4096.5/],
  ["memory NaN", { memory: Number.NaN }, "INVALID_ARGUMENT", /memory: expected .* got NaN/],
  ["memory not a safe integer", { memory: 2 ** 53 }, "INVALID_ARGUMENT", /memory: expected a whole number of bytes/],
  ["memory empty", { memory: "" }, "INVALID_ARGUMENT", /memory: expected a size/],
  ["memory not whole bytes", { memory: "0.3B" }, "INVALID_ARGUMENT", /no whole number of bytes/],
  ["limit of a wrong type", { residentLimit: {} }, "INVALID_ARGUMENT", /residentLimit: expected .* got an object/],
  ["limit not a size", { residentLimit: "many" }, "INVALID_ARGUMENT", /share of the trace's pages such as 25%.*"many"/],
  ["TLB of a wrong type", { tlb: 64 }, "INVALID_ARGUMENT", /tlb: expected TLB geometries such as .* got 64/],
  ["geometry of a wrong type", { tlb: { l1d: true } }, "INVALID_ARGUMENT", /tlb\.l1d: expected .* got true/],
  ["TLB without a value", { tlb: "l1d" }, "INVALID_ARGUMENT", /tlb: expected NAME=VALUE pairs .* got "l1d"/],
  ["TLB given twice", { tlb: "l1d=64,l1d=32" }, "INVALID_ARGUMENT", /l1d is given twice/],
  ["seed of a wrong type", { seed: "0" }, "INVALID_ARGUMENT", /seed: expected a whole number; got "0"/],
  ["levels of a wrong type", { levels: "4" }, "INVALID_ARGUMENT", /levels: expected 4 or 5; got "4"/],
  ["cost of a wrong type", { cost: { l2Hit: "7" } }, "INVALID_ARGUMENT", /cost\.l2Hit: expected .* got "7"/],
  ["memory zero", { memory: 0 }, "OUT_OF_RANGE", /memory: expected a multiple of 4 KiB, at least 4 KiB .* got 0/],
  ["memory zero as text", { memory: "0GiB" }, "OUT_OF_RANGE", /memory: expected a multiple of 4 KiB/],
  ["memory negative", { memory: -4096 }, "OUT_OF_RANGE", /memory: .* got -4096/],
  ["memory negative as text", { memory: "-4GiB" }, "INVALID_ARGUMENT", /memory: expected a size/],
  ["memory not whole frames", { memory: 5000 }, "OUT_OF_RANGE", /expected a multiple of 4 KiB/],
  ["memory beyond 8 TiB", { memory: "9TiB" }, "OUT_OF_RANGE", /at most 8 TiB/],
  ["limit zero", { residentLimit: 0 }, "OUT_OF_RANGE", /residentLimit: .* at least one page; got 0/],
  ["limit zero as text", { residentLimit: "0" }, "OUT_OF_RANGE", /at least one page; got "0"/],
  ["limit zero bytes", { residentLimit: "0MiB" }, "OUT_OF_RANGE", /at least one page/],
  ["limit zero percent", { residentLimit: "0%" }, "OUT_OF_RANGE", /share above 0% and at most 100%, got "0%"/],
  ["limit above 100 percent", { residentLimit: "101%" }, "OUT_OF_RANGE", /share above 0%/],
  ["limit percent that is none", { residentLimit: "x%" }, "OUT_OF_RANGE", /share above 0%.* got "x%"/],
  ["limit negative", { residentLimit: -1 }, "OUT_OF_RANGE", /at least one page; got -1/],
  ["limit NaN", { residentLimit: Number.NaN }, "INVALID_ARGUMENT", /residentLimit: expected/],
  ["limit not whole", { residentLimit: 2.5 }, "OUT_OF_RANGE", /got 2.5/],
  ["limit below one page", { residentLimit: "4KiB", pageSize: "2MiB" }, "OUT_OF_RANGE", /at least one page of 2MiB/],
  ["levels 3", { levels: 3 }, "OUT_OF_RANGE", /levels: expected 4 or 5 levels of page tables, got 3/],
  ["seed negative", { seed: -1 }, "OUT_OF_RANGE", /seed: expected a whole number from 0/],
  ["seed not a safe integer", { seed: 2 ** 53 }, "OUT_OF_RANGE", /seed: .*a bigint above 2\^53/],
  ["seed of 65 bits", { seed: 1n << 64n }, "OUT_OF_RANGE", /seed: expected a whole number/],
  ["structure cache negative", { psc: { pde: -1 } }, "OUT_OF_RANGE", /psc pde: expected a whole number from 0/],
  ["structure cache not a number", { psc: "pde=x" }, "OUT_OF_RANGE", /psc pde: expected a whole number from 0/],
  ["cost negative", { cost: { l2Hit: -1 } }, "OUT_OF_RANGE", /cost\.l2Hit: expected a whole number from 0/],
  ["cost not whole", { cost: { l2Hit: 1.5 } }, "OUT_OF_RANGE", /cost\.l2Hit: .* got 1.5/],
  ["sets not whole", { tlb: "l1d=65x4" }, "INVALID_GEOMETRY", /tlb l1d: 65 entries in 4 ways do not make a whole/],
  ["more ways than entries", { tlb: "l1d=4x8" }, "INVALID_GEOMETRY", /expected 1 to 4 ways for 4 entries, got 8/],
  ["no ways", { tlb: "l1d=64x0" }, "INVALID_GEOMETRY", /expected 1 to 64 ways/],
  ["geometry that is none", { tlb: "l1d=64by4" }, "INVALID_GEOMETRY", /expected ENTRIESxWAYS .* got "64by4"/],
  ["entries negative", { tlb: { l1d: -4 } }, "INVALID_GEOMETRY", /expected 1 to 1048576 entries, got -4/],
  ["entries not whole", { tlb: { l1d: { entries: 6.5, ways: 1 } } }, "INVALID_GEOMETRY", /entries, got 6.5/],
  ["too many entries", { tlb: { l1d: 2 ** 21 } }, "INVALID_GEOMETRY", /expected 1 to 1048576 entries/],
  ["memory below one huge page", { memory: "1MiB", pageSize: "2MiB" }, "INVALID_CONFIG", /hold no page of 2MiB/],
  ["limit above memory", { memory: "1MiB", residentLimit: 300 }, "INVALID_CONFIG", /more than memory holds \(256\)/],
  [
    "a split TLB and the whole that replaces it",
    { cpu: "intel-icelake-sp", tlb: "l1d=64x4,l1d-load=32x4" },
    "INVALID_CONFIG",
    /part of a TLB that this option replaces/,
  ],
];

describe("bad input", () => {
  it.each(refused)("%s is refused", (_name, options, code, message) => {
    const error = failure(options);
    expect(error.message).toMatch(message);
    expect(error.code).toBe(`ERR_PAGEWALK_${code}`);
    expect(error).toBeInstanceOf(code === "INVALID_ARGUMENT" ? TypeError : RangeError);
  });

  it("is reported all at once", () => {
    const error = failure({ policy: "lur", tlb: "l1d=65x4,l2=7x3", memory: 0, seed: -1 });
    expect(error.problems.map((problem) => problem.option)).toEqual(["policy", "tlb l1d", "tlb l2", "memory", "seed"]);
    expect(error.code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
    expect(error.message).toMatch(/^5 options are wrong:\n/);
  });
});
