// SPDX-License-Identifier: MIT
// Traces of files, addresses and generators: what they hold, what they refuse, how they end.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { generators, Machine, PagewalkError, Trace } from "../../lib/index.js";
import { tinyTrace } from "../support/cli.js";
import { rejectionOf, thrownBy } from "../support/errors.js";

const folder = mkdtempSync(join(tmpdir(), "pagewalk-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("a trace file", () => {
  it("tells format and compression by its first bytes", async () => {
    using trace = await Trace.open(tinyTrace);
    expect(trace).toMatchObject({ format: "lackey", compression: "zstd", path: tinyTrace, name: "ls-tiny" });
  });

  it("counts what it holds", async () => {
    using trace = await Trace.open(file("four.lackey", "I  00001000,4\n L 00002000,8\n S 00002ffc,8\n M 00004000,4\n"));
    const info = await trace.info();
    expect(info.lines).toMatchObject({ I: 1, L: 1, S: 1, M: 1, references: 4, data_references: 3, other: 0 });
    expect(info.references_crossing["4KiB_page"]).toBe(1);
    expect(info.distinct_4KiB_pages.by_start).toEqual({ data: 2, instruction: 1, either: 3, in_both: 0 });
    expect(info.distinct_4KiB_pages.by_span.either).toBe(4);
  });

  it("counts distinct pages of what is selected", async () => {
    using trace = await Trace.open(file("pages.lackey", "I  00001000,4\n L 00002000,8\n S 00200000,8\n"));
    expect(await trace.distinctPages()).toBe(3);
    expect(await trace.distinctPages({ refs: "data" })).toBe(2);
    expect(await trace.distinctPages({ limit: 1 })).toBe(1);
    expect(await trace.distinctPages({ pageSize: "2MiB" })).toBe(2);
  });

  it.each([
    ["that is not there", () => join(folder, "missing.lackey"), "ERR_PAGEWALK_TRACE_NOT_FOUND"],
    ["that is empty", () => file("empty.lackey", ""), "ERR_PAGEWALK_TRACE_EMPTY"],
    [
      "of binary rubbish",
      () =>
        file(
          "rubbish",
          Uint8Array.from({ length: 999 }, (_, i) => (i * 89) % 251),
        ),
      "ERR_PAGEWALK_TRACE_FORMAT",
    ],
  ])("refuses a file %s", async (_what, path, code) => {
    const error = await rejectionOf(Trace.open(path()).then((trace) => new Machine().run(trace)));
    expect(error).toBeInstanceOf(PagewalkError);
    expect(error.code).toBe(code);
  });

  it("refuses another compression than it was told", async () => {
    const error = await rejectionOf(Trace.open(tinyTrace, { compression: "gzip" }));
    expect(error.code).toBe("ERR_PAGEWALK_TRACE_COMPRESSION");
  });

  it("names file, line and text of a line that does not parse, and keeps what was counted before", async () => {
    const path = file("bad.lackey", "I  00001000,4\n L 00002000,8\nnonsense\n");
    using machine = new Machine();
    const error = await rejectionOf(machine.run(path));
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_TRACE_MALFORMED", file: path, line: 3 });
    expect(error.message).toContain("nonsense");
    expect(error.partial?.partial).toBe(true);
    expect(machine.validate()).toEqual([]);
  });

  it("skips such lines when asked to", async () => {
    using trace = await Trace.open(file("skip.lackey", "I  00001000,4\nnonsense\n L 00002000,8\n"), {
      onError: "skip",
    });
    using machine = new Machine();
    expect((await machine.run(trace)).trace.records).toBe(2);
  });

  it.each([undefined, null, 7, "", "a\0b"])("refuses the path %j", async (path) => {
    const error = await rejectionOf(Trace.open(path as string));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });

  it("refuses a format that does not exist", async () => {
    expect((await rejectionOf(Trace.open(tinyTrace, { format: "lackye" }))).code).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
  });
});

describe("a trace of addresses", () => {
  it("gives a run the same counters as accessMany", async () => {
    const addresses = BigUint64Array.from({ length: 3000 }, (_, i) => BigInt((i * 101) % 700) << 12n);
    const kinds = Uint8Array.from(addresses, (_, i) => i % 4);
    using direct = new Machine({ residentLimit: 300 });
    using replayed = new Machine({ residentLimit: 300 });
    direct.accessMany(addresses, kinds);
    const result = await replayed.run(Trace.fromAddresses(addresses, { kinds }));
    expect(replayed.stats()).toEqual(direct.stats());
    expect(result.trace).toMatchObject({ records: 3000, loads: 750, stores: 750, fetches: 750, modifies: 750 });
  });

  it("is a copy", async () => {
    const addresses = Float64Array.of(0x1000, 0x2000);
    using trace = Trace.fromAddresses(addresses);
    addresses[1] = 0x1000;
    expect(await trace.distinctPages()).toBe(2);
  });

  it("crosses pages where sizes say so", async () => {
    using trace = Trace.fromAddresses([0x1ffc], { sizes: Uint16Array.of(8) });
    using machine = new Machine();
    expect((await machine.run(trace)).faults.minor).toBe(2);
  });

  it("refuses values that are no addresses, and kinds that do not fit", () => {
    expect(thrownBy(() => Trace.fromAddresses(Float64Array.of(1, Number.NaN))).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(thrownBy(() => Trace.fromAddresses([1], { kinds: Uint8Array.of(1, 1) }))).toBeInstanceOf(Error);
    expect(thrownBy(() => Trace.fromAddresses("0x1000" as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });
});

describe("a generator", () => {
  it.each(generators().map(({ name }) => name))("%s gives the same accesses for the same seed", async (name) => {
    const options = { name: name as "uniform", accesses: 5000, bytes: 1 << 20, seed: 3 };
    const run = async () => {
      using machine = new Machine();
      const { time: _time, ...rest } = await machine.run(Trace.generate(options));
      return rest;
    };
    const first = await run();
    expect(first.trace.records).toBe(5000);
    expect(await run()).toEqual(first);
  });

  it("refuses unknown names and values out of range", () => {
    expect(thrownBy(() => Trace.generate({ name: "zipff" as "zipf" })).code).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
    expect(thrownBy(() => Trace.generate({ name: "zipf", exponent: 99 })).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(thrownBy(() => Trace.generate({ name: "zipf", accesses: -1 })).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(thrownBy(() => Trace.generate(undefined as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });
});

describe("conversion", () => {
  it.each([true, false])("keeps every count (compress: %s)", async (compress) => {
    const path = join(folder, `tiny-${compress}.pwt`);
    using original = await Trace.open(tinyTrace);
    await original.convert(path, { compress });
    using packed = await Trace.open(path);
    const { format: _a, compression: _b, ...converted } = await packed.info();
    const { format: _c, compression: _d, ...counted } = await original.info();
    expect(converted).toEqual(counted);
  });

  it("reports progress and can be aborted before it begins", async () => {
    using trace = Trace.generate({ name: "uniform", accesses: 20_000_000 });
    const error = await rejectionOf(trace.convert(join(folder, "never"), { signal: AbortSignal.abort("enough") }));
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_ABORTED", cause: "enough" });
  });
});

describe("the end of a trace", () => {
  it("makes every later call fail with one code", async () => {
    const trace = Trace.fromAddresses([1]);
    trace.close();
    trace.close();
    trace[Symbol.dispose]();
    using machine = new Machine();
    for (const call of [
      () => trace.info(),
      () => trace.distinctPages(),
      () => trace.convert("x"),
      () => machine.run(trace),
    ]) {
      expect((await rejectionOf(call())).code).toBe("ERR_PAGEWALK_CLOSED");
    }
    expect(machine.access(0).fault).toBe("minor");
  });

  it("leaves a run that has begun alone", async () => {
    const trace = Trace.generate({ name: "uniform", accesses: 300_000, bytes: 1 << 24 });
    using machine = new Machine();
    const run = machine.run(trace);
    trace.close();
    expect((await run).trace.records).toBe(300_000);
  });
});
