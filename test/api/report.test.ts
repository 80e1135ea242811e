// SPDX-License-Identifier: MIT
// The reports: the figures that they derive, their two forms, and that they fit a terminal.
import { describe, expect, it } from "vitest";
import { csvText } from "../../lib/report/csv.js";
import { jsonText } from "../../lib/report/json.js";
import { textReport } from "../../lib/report/text.js";
import type { RunResult } from "../../lib/result.js";

const result: RunResult = {
  schema: "pagewalk.result/1",
  version: "0.0.0",
  config: {
    cpu: "intel-icelake-sp",
    levels: 4,
    pageSize: "4KiB",
    memory: 4294967296,
    residentLimit: null,
    policy: "lru",
    observe: "exact",
    refs: "all",
    modify: "once",
    crossing: "both",
    tlbPolicy: "lru",
    tlb: [],
    psc: { pml4e: 2, pdpte: 4, pde: 32 },
    pscOnEvict: "all",
    cost: { l1Hit: 0, l2Hit: 7, walkReference: 20, minorFault: 1500, majorFault: 250000, invalidation: 200 },
    seed: 0,
    limit: null,
    warmup: 0,
  },
  trace: {
    path: "/traces/python.lackey.zst",
    format: "lackey",
    compression: "zstd",
    records: 12000000,
    instructions: 8000000,
    fetches: 8746432,
    loads: 2110989,
    stores: 992829,
    modifies: 149750,
    crossing: 5343,
  },
  accesses: { total: 12000000, fetches: 8746432 },
  tlb: {
    l1i: { hits: 8740000, misses: 6432 },
    l1d: { hits: 3200000, misses: 48000 },
    l2: { hits: 55000, misses: 4432 },
    "l1d-load": { hits: 3000000, misses: 45000 },
    "l1d-store": { hits: 200000, misses: 3000 },
  },
  walks: { total: 4000, fetch: 189, references: 5000, faulted: 2315, dirtyUpdates: 12 },
  faults: { total: 2400, minor: 2315, major: 85, protection: 0 },
  replacement: { policy: "lru", limit: null, evictions: 7, writebacks: 3 },
  memory: { frames: 1048576, tableFrames: 12, residentPages: 2315, peakResidentPages: 2320 },
  cycles: { translation: 600000, meanWalk: 22.5, faults: 3400000, invalidations: 0 },
  invalidations: 7,
  time: { decodeSeconds: 0.3, simulateSeconds: 0.1, wallSeconds: 0.42, accessesPerSecond: 28571428 },
};

const aligned = (width: number, document = result): string =>
  textReport(document, { aligned: true, color: false, width });
const piped = (document = result): string => textReport(document, { aligned: false, color: false });

describe("the report for a terminal", () => {
  it.each([80, 100, 120])("fits %d columns", (width) => {
    expect(
      Math.max(
        ...aligned(width)
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(width);
  });

  it("aligns each column of a table to the right", () => {
    const lines = aligned(120).split("\n");
    const at = lines.findIndex((line) => line.startsWith("TLBs"));
    const widths = lines.slice(at, at + 6).map((line) => line.length);
    expect(new Set(widths).size).toBe(1);
  });

  it("has no escape codes without color and some with it", () => {
    expect(aligned(80)).not.toContain("\u001b[");
    expect(textReport(result, { aligned: true, color: true })).toContain("\u001b[1m");
  });

  it("lists split TLBs under the level that sums them", () => {
    const names = aligned(120).match(/^ *l\d[a-z-]*/gm);
    expect(names).toEqual(["l1i", "l1d", "  l1d-load", "  l1d-store", "l2"]);
  });

  it("gives miss ratio, misses per thousand accesses and per thousand instructions", () => {
    expect(aligned(120)).toMatch(/^l1d +3,248,000 +3,200,000 +48,000 +1\.48 % +4\.00 +6\.00$/m);
  });

  it("gives references per walk", () => {
    expect(aligned(120)).toMatch(/^page tables +4,000 +189 +5,000 +1\.25 /m);
  });

  it("shows a dash for nothing of nothing", () => {
    const none = { ...result, walks: { total: 0, fetch: 0, references: 0, faulted: 0, dirtyUpdates: 0 } };
    expect(aligned(120, none)).toMatch(/^page tables +0 +0 +0 +- /m);
  });

  it("says that a result is partial", () => {
    expect(aligned(80, { ...result, partial: true })).toMatch(/^Partial: the run ended before the trace did\.$/m);
    expect(aligned(80)).not.toContain("Partial");
  });
});

describe("the report for a pipe", () => {
  it("has tab-separated raw numbers", () => {
    expect(piped()).toContain("l1d\t3248000\t3200000\t48000\t0.014778325\t4.0000000\t6.0000000\n");
    expect(piped()).not.toContain(",000");
  });

  it("has one field for each column in every row", () => {
    for (const section of piped().trimEnd().split("\n\n")) {
      const fields = section.split("\n").map((line) => line.split("\t").length);
      expect(new Set(fields).size).toBe(1);
    }
  });
});

describe("other forms", () => {
  it("JSON is the document itself", () => {
    expect(JSON.parse(jsonText(result))).toEqual(result);
  });

  it("JSON keeps a bigint exact", () => {
    expect(JSON.parse(jsonText({ small: 5n, large: 2n ** 64n }))).toEqual({ small: 5, large: "18446744073709551616" });
  });

  it("CSV is one header and one row with a field for every leaf", () => {
    const [header, row, ...rest] = csvText({ a: { b: 1, c: 'x,"y"' }, d: [1, 2], e: null }).split("\n");
    expect(header).toBe("a.b,a.c,d,e");
    expect(row).toBe('1,"x,""y""","[1,2]",');
    expect(rest).toEqual([""]);
  });
});
