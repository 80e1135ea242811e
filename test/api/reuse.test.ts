// SPDX-License-Identifier: MIT
// Reuse histograms and working sets from the API and the command line, against the curve of LRU and the policy working-set.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReuseOptions, ReuseResult } from "../../lib/reuse.js";
import { Trace } from "../../lib/trace.js";
import { pagewalk, tinyTrace } from "../support/cli.js";

let trace: Trace;
beforeAll(async () => {
  trace = await Trace.open(tinyTrace);
});
afterAll(() => trace.close());

const plain = (result: ReuseResult): unknown =>
  JSON.parse(JSON.stringify(result, (_key, value) => (value instanceof Float64Array ? [...value] : value)));

describe("reuse", () => {
  it("of a short stream is what one counts by hand", async () => {
    using stream = Trace.fromAddresses([1, 1, 2, 3, 1, 3, 3, 1].map((page) => page * 4096));
    const { schema, requests, pages, times, distances, workingSets } = await stream.reuse({ windows: [1, 2, 8, 9] });
    expect({ schema, requests, pages }).toEqual({ schema: "pagewalk.reuse/1", requests: 8, pages: 3 });
    expect([...times.first].map((first, i) => [first, times.last[i], times.counts[i]])).toEqual([
      [1, 1, 2],
      [2, 3, 3],
    ]);
    expect([...distances.first].map((first, i) => [first, distances.last[i], distances.counts[i]])).toEqual([
      [0, 0, 2],
      [1, 1, 2],
      [2, 3, 1],
    ]);
    expect([...workingSets.meanPages]).toEqual([1, (1 + 1 + 2 + 2 + 2 + 2 + 1 + 2) / 8, 19 / 8, 19 / 8]);
    expect([...workingSets.misses]).toEqual([6, 5, 3, 3]);
  });

  it("distances are LRU's curve, and windows the policy working-set", async () => {
    const { distances, workingSets, pages, requests } = await trace.reuse({
      refs: "data",
      bins: 64,
      windows: [10, 5000],
    });
    const { misses } = await trace.missRatioCurve({ refs: "data" });
    let left = requests;
    distances.last.forEach((last, bin) => {
      left -= distances.counts[bin]!;
      expect(left).toBe(misses[Math.min(last + 1, pages)]);
    });
    const policy = ["working-set:tau=10", "working-set:tau=5000"];
    const { results } = await trace.compare({ policy, frames: 1, refs: "data" });
    expect([...workingSets.misses]).toEqual(results.map((row) => row.misses));
  });

  it("ends at an abort", async () => {
    using long = Trace.generate({ name: "uniform", accesses: 50_000_000, bytes: 2 ** 32 });
    const reuse = long.reuse({ signal: AbortSignal.timeout(200) });
    await expect(reuse).rejects.toMatchObject({ code: "ERR_PAGEWALK_ABORTED" });
  });

  it("of a stream of nothing is an error", async () => {
    using none = Trace.fromAddresses([4096], { kinds: Uint8Array.of(0) });
    await expect(none.reuse({ refs: "data" })).rejects.toMatchObject({ code: "ERR_PAGEWALK_TRACE_EMPTY" });
  });

  it.each<[ReuseOptions, string]>([
    [{ bins: 0 }, "OUT_OF_RANGE"],
    [{ bins: 65 }, "OUT_OF_RANGE"],
    [{ bins: Number.NaN }, "OUT_OF_RANGE"],
    [{ windows: [] }, "INVALID_ARGUMENT"],
    [{ windows: 5 as never }, "INVALID_ARGUMENT"],
    [{ windows: null as never }, "INVALID_ARGUMENT"],
    [{ windows: [0] }, "OUT_OF_RANGE"],
    [{ windows: [5, 4] }, "OUT_OF_RANGE"],
    [{ windows: [1.5] }, "OUT_OF_RANGE"],
    [{ windows: ["a"] as never }, "OUT_OF_RANGE"],
    [{ refs: "dta" as "data" }, "UNKNOWN_NAME"],
    [{ limit: 0 }, "OUT_OF_RANGE"],
    [{ window: [1] } as ReuseOptions, "UNKNOWN_NAME"],
  ])("refuses %j with %s", async (options, code) => {
    await expect(trace.reuse(options)).rejects.toMatchObject({ code: `ERR_PAGEWALK_${code}` });
  });
});

describe("pagewalk reuse", () => {
  const reuse = (...args: string[]) => pagewalk(["reuse", tinyTrace, "--quiet", ...args]);

  it("prints the API's document with --json", async () => {
    const { code, stdout, stderr } = await reuse("--json", "--bins", "2", "--windows", "10,1000", "--refs", "data");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual(plain(await trace.reuse({ bins: 2, windows: [10, 1000], refs: "data" })));
  });

  it("prints three tables", async () => {
    const { stdout } = await reuse();
    const { times, requests, pages } = await trace.reuse();
    const tables = stdout.trimEnd().split("\n\n");
    expect(tables.map((table) => table.split("\n")[0])).toEqual([
      "reuse_times\treferences\tshare\tso_far",
      "reuse_distances\treferences\tshare\tso_far",
      "windows\tmean_pages\tmisses\tmiss_ratio",
    ]);
    const [, first, ...rest] = tables[0]!.split("\n").map((line) => line.split("\t"));
    expect(first!.slice(0, 2)).toEqual(["1", String(times.counts[0])]);
    expect(Number(first![2])).toBeCloseTo(times.counts[0]! / requests, 7);
    expect(rest.at(-1)!.slice(0, 2)).toEqual(["first use", String(pages)]);
  });

  it("prints a CSV row for each range and window", async () => {
    const { stdout } = await reuse("--csv", "--windows", "7");
    const { times, distances } = await trace.reuse();
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("what,first,last,references,mean_pages");
    expect(lines).toHaveLength(2 + times.counts.length + distances.counts.length);
    expect(lines.at(-1)).toMatch(/^window,7,7,\d+,\d/);
  });

  it.each([
    [["--bins", "0"], /--bins/],
    [["--windows", "0"], /--windows/],
    [["--windows", "5,x"], /--windows/],
    [["--windows", "5,4"], /--windows: expected whole numbers from 1 up, ascending/],
    [["--csv", "--json"], /--csv/],
  ])("ends %j with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await reuse(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});
