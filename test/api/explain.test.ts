// SPDX-License-Identifier: MIT
// explain and tables, in the API and on the command line: what they say in which form, and what they refuse.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Mmu, PhysicalMemory } from "../../lib/index.js";
import { explanationText } from "../../lib/report/explanation.js";
import { tableDocument, tablesText } from "../../lib/report/tables.js";
import { pagewalk, tinyTrace } from "../support/cli.js";
import { thrownBy } from "../support/errors.js";

let folder: string;
let state: string;

// 0x1000 to 0x3fff read-only for users, 0x200000 a supervisor's 2 MiB page, slot 511 the root itself.
function byHand(): Mmu {
  const memory = new PhysicalMemory({ size: "1GiB" });
  const put = (table: number, index: number, entry: bigint): void => memory.write64(table + index * 8, entry);
  put(0x1000, 0, 0x2027n);
  put(0x1000, 511, 0x1027n);
  put(0x2000, 0, 0x3027n);
  put(0x3000, 0, 0x4027n);
  put(0x3000, 1, 0x4000083n);
  for (const page of [1, 2, 3]) put(0x4000, page, BigInt(0x10000 + page * 0x1000 + 0x25));
  const mmu = new Mmu({ memory, processor: { maxPhysAddr: 40 } });
  mmu.writeCr3(0x1000);
  return mmu;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-explain-"));
  state = join(folder, "hand.pws");
  byHand().saveState(state);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// oxlint-disable-next-line typescript/no-explicit-any
async function json(...args: string[]): Promise<any> {
  const ran = await pagewalk([...args, "--json"]);
  expect(ran.stderr).toBe("");
  return JSON.parse(ran.stdout);
}

describe("an explanation", () => {
  it("names the check that refuses, the error code and CR2", () => {
    expect(byHand().explain(0x1008, "write", { size: 4 })).toMatchObject({
      schema: "pagewalk.explanation/1",
      registers: { cr3: 0x1000n, root: 0x1000n, levels: 4 },
      verdict: { ok: false, vector: 14, errorCode: 7, cr2: 0x1008n },
      reason: "R/W is 0 on the way: the page is read-only",
    });
    expect(byHand().explain(0x200000).reason).toMatch(/^U\/S is 0 on the way/);
    expect(byHand().explain(0x5000).reason).toBe("the PTE is not present (P=0)");
    expect(byHand().explain(1n << 47n)).toMatchObject({
      verdict: { vector: 13 },
      reason: expect.stringMatching(/48 bits/),
    });
  });

  it("of an access over a page boundary has both walks, or the one that faults", () => {
    const across = byHand().explain(0x1ffe, "read", { size: 4 });
    expect(across.walks.map(({ address }) => address)).toEqual([0x1ffen, 0x2000n]);
    expect(across.verdict).toEqual({ ok: true, pa: 0x11ffen, pageSize: 4096, pa2: 0x12000n, pageSize2: 4096 });
    expect(byHand().explain(0x3ffe, "read", { size: 4 }).verdict).toMatchObject({ ok: false, cr2: 0x4000n });
  });

  it("names each reserved bit", () => {
    const mmu = byHand();
    const fresh = (entry: bigint): string => {
      const memory = new PhysicalMemory({ size: "1MiB" });
      memory.write64(0x1000, entry);
      const other = new Mmu({ memory, processor: { maxPhysAddr: 40 }, control: { nxe: 0 } });
      other.writeCr3(0x1000);
      return other.explain(0).reason;
    };
    expect(fresh(0x2007n | (1n << 63n))).toMatch(/NX\), reserved while IA32_EFER\.NXE is 0/);
    expect(fresh(0x2007n | (1n << 45n))).toMatch(/bit 45, beyond MAXPHYADDR \(40\)/);
    expect(fresh(0x2087n)).toMatch(/bit 7 \(PS\) of a PML4E/);
    expect(mmu.explain(0x1000).verdict.ok).toBe(true);
  });

  it("refuses sizes and names that an access does not have", () => {
    const code = (options: object): unknown =>
      (thrownBy(() => byHand().explain(0, "read", options)) as { code?: unknown }).code;
    for (const size of [0, 65, 1.5, Number.NaN]) expect(code({ size })).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(code({ cpl: 4 })).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(code({ bytes: 4 })).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
  });

  it("is drawn within the terminal's width, level below level", () => {
    const explanation = byHand().explain(0x1008, "write");
    const wide = explanationText(explanation, { aligned: true, color: false, width: 120 }).split("\n");
    const names = wide
      .filter((line) => /PML4E|PDPTE|PDE|PTE/.test(line) && line.includes("0x"))
      .map((line) => line.slice(0, 12));
    expect(names).toEqual(["PML4E       ", "└ PDPTE     ", "  └ PDE     ", "    └ PTE   "]);
    expect(wide.slice(-3)).toEqual([
      "#PF: page fault, error code 0x7 (P W/R U/S), CR2 0x1008",
      "because R/W is 0 on the way: the page is read-only",
      "",
    ]);
    const narrow = explanationText(explanation, { aligned: true, color: false, width: 48 }).split("\n");
    expect(Math.max(...narrow.slice(5, 15).map((line) => line.length))).toBeLessThanOrEqual(48);
    expect(explanationText(explanation, { aligned: true, color: true, width: 120 })).toContain("\u001b[31m");
  });
});

describe("a dump of tables", () => {
  it("merges adjacent pages and tells of recursion", () => {
    const { ranges, totals } = byHand().tables();
    expect(ranges.map(({ kind, start, bytes, entries }) => [kind, start, bytes, entries])).toEqual([
      ["pages", 0x1000n, 0x3000, 3],
      ["pages", 0x200000n, 0x200000, 1],
      ["recursive", 0xffffff8000000000n, 2 ** 39, 1],
    ]);
    expect(ranges[0]).toMatchObject({
      contiguous: true,
      physical: 0x11000n,
      accessed: 3,
      dirty: 0,
      rights: { writable: false, user: true },
    });
    expect(totals).toMatchObject({
      tables: { PML4: 1, PDPT: 1, PD: 1, PT: 1 },
      pages: { "4KiB": 3, "2MiB": 1 },
      userBytes: 0x3000,
    });
  });

  it("as a tree names each table before what it maps, and splits by frames on request", () => {
    const mmu = byHand();
    expect(
      mmu
        .tables({ tree: true })
        .ranges.filter(({ kind }) => kind === "table")
        .map(({ name }) => name),
    ).toEqual(["PML4E", "PDPTE", "PDE"]);
    const memory = new PhysicalMemory({ size: "1MiB" });
    expect(new Mmu({ memory }).tables({ physical: true }).ranges).toEqual([]);
    expect((thrownBy(() => mmu.tables({ flat: 1 } as never)) as { code?: unknown }).code).toBe(
      "ERR_PAGEWALK_UNKNOWN_NAME",
    );
  });

  it("fits narrow terminals by a second line for each range", () => {
    const document = tableDocument(byHand(), { tree: true });
    const text = tablesText(document, { aligned: true, color: false, width: 72 });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(72);
    expect(text).toMatch(/^CR3 0x1000, 4 levels\n/);
    expect(
      tablesText(tableDocument(new Mmu({ memory: new PhysicalMemory({ size: "1MiB" }) }), {}), {
        aligned: true,
        color: false,
      }),
    ).toContain("the tables map nothing");
  });
});

const vector = {
  id: "case-1",
  cpu: {
    wp: 1,
    nxe: 1,
    smep: 0,
    smap: 0,
    pke: 0,
    pks: 0,
    la57: 0,
    pdpe1gb: 1,
    maxphyaddr: 40,
    pkru: "0x0",
    pkrs: "0x0",
  },
  cr3: "0x1000",
  mem: [
    ["0x1000", "0x2027"],
    ["0x2000", "0x3027"],
    ["0x3000", "0x4027"],
    ["0x4008", "0x9027"],
  ],
};
const access = { op: "access", va: "0x1010", type: "r", size: 2, cpl: 3, ac: 0, after: [] };
const sequence = {
  ...vector,
  id: "case-2",
  steps: [
    { ...access, result: { ok: true, pa: "0x9010", pageSize: 4096 } },
    { op: "poke", pa: "0x4008", value: "0x0" },
    { op: "invlpg", va: "0x1010" },
    { ...access, result: { ok: false, vector: 14, errorCode: 4, cr2: "0x1010" } },
  ],
};

describe("on the command line", () => {
  it("explain takes a state, an address and how it is accessed", async () => {
    const document = await json(
      "explain",
      "0x1008",
      "--state",
      state,
      "--access",
      "write",
      "--cpl",
      "0",
      "--size",
      "8",
    );
    expect(document).toMatchObject({
      schema: "pagewalk.explanation/1",
      access: { address: "0x1008", operation: "write", size: 8, cpl: 0, ac: false },
      verdict: { ok: false, vector: 14, errorCode: 3, cr2: "0x1008" },
    });
    expect(document.walks[0].steps).toHaveLength(4);
    const { stdout, code } = await pagewalk(["explain", "0x1008", "--state", state]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^walk\tentry\tindex\tat\tvalue\tflags\trights\tcache\n0x1008\tPML4E\t0\t0x1000\t/);
    expect(stdout).toMatch(/^verdict\tphysical 0x11008, page of 4 KiB$/m);
    expect(stdout).not.toContain("\u001b[");
  });

  it("explain takes a case of vectors, plain or gzip, at any step", async () => {
    const lines = `${JSON.stringify({ ...vector, access: { va: "0x1010", type: "w", size: 2 }, result: { ok: true }, after: [] })}\n${JSON.stringify(sequence)}\n`;
    for (const [name, content] of [
      ["v.jsonl", lines],
      ["v.jsonl.gz", gzipSync(lines)],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, content);
      const verdict = async (...more: string[]): Promise<unknown> =>
        (await json("explain", "--vectors", path, ...more)).verdict;
      expect(await verdict("--case", "case-1")).toMatchObject({ ok: true, pa: "0x9010" });
      expect(await verdict("--case", "case-2")).toMatchObject({ ok: false, errorCode: 4 });
      expect(await verdict("--case", "case-2", "--step", "0")).toMatchObject({ ok: true });
      expect(await verdict("--case", "case-2", "--step", "1", "0x1fff")).toMatchObject({ ok: true, pa: "0x9fff" });
    }
  });

  it("a run saves the state that explain and tables take", async () => {
    const path = join(folder, "run.pws");
    const { memory } = await json("run", tinyTrace, "--save-state", path);
    const { ranges, totals } = await json("tables", "--state", path);
    expect(totals.pages["4KiB"]).toBe(memory.residentPages);
    const { verdict } = await json("explain", ranges[0].start, "--state", path);
    expect(verdict).toMatchObject({ ok: true, pa: ranges[0].physical });
  });

  it("tables prints ranges and totals, raw in a pipe", async () => {
    expect(await json("tables", "--state", state)).toMatchObject({
      schema: "pagewalk.tables/1",
      cr3: "0x1000",
      levels: 4,
      ranges: [{ start: "0x1000", bytes: 0x3000 }, { start: "0x200000" }, { kind: "recursive" }],
    });
    const { stdout } = await pagewalk(["tables", "--state", state]);
    expect(stdout).toMatch(/^start\tlast\tkind\tbytes\t/);
    expect(stdout).toMatch(/^0x1000\t0x3fff\tpages\t12288\tPTE\t3\t3\t0\tr-xu\t0x11000\ttrue\t$/m);
    expect(stdout).toMatch(/^recursive entries\t1$/m);
  });

  it.each([
    ["nothing to explain on", ["explain", "0x1000"], 2, /--state with a file, or --vectors/],
    ["no address", ["explain", "--state", "STATE"], 2, /address: expected one/],
    ["an address that is none", ["explain", "xyz", "--state", "STATE"], 2, /Expected an address/],
    ["vectors without a case", ["explain", "--vectors", "VECTORS"], 2, /--case/],
    ["an unknown case", ["explain", "--vectors", "VECTORS", "--case", "case-3"], 2, /did you mean "case-/],
    ["a step too many", ["explain", "--vectors", "VECTORS", "--case", "case-2", "--step", "4"], 2, /from 0 to 3/],
    ["a case without vectors", ["tables", "--state", "STATE", "--case", "x"], 2, /expected --vectors/],
    ["both sources", ["tables", "--state", "STATE", "--vectors", "VECTORS"], 2, /cannot be used with/],
    ["a privilege level of 4", ["explain", "0", "--state", "STATE", "--cpl", "4"], 2, /from 0 to 3/],
    ["a state that is not there", ["tables", "--state", "no-such-file"], 3, /cannot open state no-such-file/],
    ["a state that is none", ["tables", "--state", "package.json"], 3, /expected the first bytes of a saved state/],
    [
      "vectors that are none",
      ["tables", "--vectors", "package.json", "--case", "x"],
      3,
      /package\.json:1: expected a case/,
    ],
  ])("%s is refused", async (_name, args, code, message) => {
    writeFileSync(
      join(folder, "w.jsonl"),
      `${JSON.stringify({ ...vector, access: { va: "0x0", type: "r", size: 1 }, result: { ok: true }, after: [] })}\n${JSON.stringify(sequence)}\n`,
    );
    const paths: Record<string, string> = { STATE: state, VECTORS: join(folder, "w.jsonl") };
    const ran = await pagewalk(args.map((one) => paths[one] ?? one));
    expect(ran.stderr).toMatch(message);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: "" });
  });
});
