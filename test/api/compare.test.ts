// SPDX-License-Identifier: MIT
// Comparisons of replacement policies, from the API and from the command line.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompareOptions, CompareResult } from "../../lib/comparison.js";
import { Machine } from "../../lib/machine.js";
import { policies } from "../../lib/native.js";
import { splitPolicies } from "../../lib/options/policy-list.js";
import { Trace } from "../../lib/trace.js";
import { pagewalk, tinyTrace } from "../support/cli.js";

let trace: Trace;
beforeAll(async () => {
  trace = await Trace.open(tinyTrace);
});
afterAll(() => trace.close());

const classic = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5].map((page) => page * 4096);
const missesOf = async (addresses: readonly number[], options: CompareOptions): Promise<number[]> => {
  using stream = Trace.fromAddresses(addresses);
  return (await stream.compare(options)).results.map((row) => row.misses);
};
const withoutSeconds = ({ results, ...others }: CompareResult): unknown => ({
  ...others,
  results: results.map((row) => ({ ...row, seconds: 0 })),
});

describe("a list of policies", () => {
  it.each([
    ["lru,arc", ["lru", "arc"]],
    ["lecar:seed=1", ["lecar:seed=1"]],
    ["lru,lecar:seed=1,learning-rate=0.3,clock", ["lru", "lecar:seed=1,learning-rate=0.3", "clock"]],
    ["clock:bits=2,clock:n-bit-counter=3", ["clock:bits=2", "clock:n-bit-counter=3"]],
    ["two-queue:in=0.2,out=0.4, all", ["two-queue:in=0.2,out=0.4", "all"]],
    ["seed=1,lru", ["seed=1", "lru"]],
    ["lru,,arc", ["lru", "", "arc"]],
  ])("%s divides in one way", (text, specs) => {
    expect(splitPolicies(text)).toEqual(specs);
  });
});

describe("a comparison", () => {
  it("counts what the literature does on the classic string", async () => {
    expect(await missesOf(classic, { policy: "fifo,lru,opt", frames: "3,4" })).toEqual([9, 10, 10, 8, 7, 6]);
  });

  it("tells each row in full", async () => {
    const { schema, results } = await trace.compare({ policy: "clock:n-bit-counter=2", frames: "12.5%", refs: "data" });
    expect(schema).toBe("pagewalk.compare/1");
    const { pages } = await trace.compare({ policy: "lru", frames: 1, refs: "data" });
    expect(results).toEqual([
      {
        trace: "ls-tiny",
        policy: "clock:n-bit-counter=2",
        canonical: "clock",
        params: { bits: 2 },
        frames: Math.floor((pages * 125) / 1000),
        framesAsked: "12.5%",
        observe: "exact",
        allocation: "fixed",
        requests: expect.any(Number),
        misses: expect.any(Number),
        evictions: expect.any(Number),
        writebacks: expect.any(Number),
        meanResident: expect.any(Number),
        seconds: expect.any(Number),
      },
    ]);
    const { misses, evictions, frames } = results[0]!;
    expect(misses - evictions).toBe(frames);
  });

  it("accepts the golden table's names beside ours", async () => {
    const pairs = { belady: "opt", twoq: "two-queue", s3fifo: "s3-fifo", "s3fifo-2024": "s3-fifo-2024" };
    const { results } = await trace.compare({ policy: Object.keys(pairs), frames: "10%" });
    expect(results.map(({ policy, canonical }) => [policy, canonical])).toEqual(Object.entries(pairs));
  });

  it("has all policies, at least one frame each, and no policy below OPT", async () => {
    const { results } = await trace.compare({ frames: "0.001%,20%" });
    expect(results).toHaveLength(policies().length * 2);
    expect(results[0]!.frames).toBe(1);
    for (const asked of ["0.001%", "20%"]) {
      const fixed = results.filter((row) => row.framesAsked === asked && row.allocation === "fixed");
      const opt = fixed.find((row) => row.canonical === "opt")!.misses;
      for (const row of fixed) expect(row.misses).toBeGreaterThanOrEqual(opt);
    }
  });

  it("does not depend on the number of threads", async () => {
    const [one, many] = await Promise.all([trace.compare({ threads: 1 }), trace.compare({ threads: 7 })]);
    expect(withoutSeconds(many)).toEqual(withoutSeconds(one));
  });

  it("simulates policies of variable allocation once, whatever the size", async () => {
    const { results } = await trace.compare({ policy: "working-set:tau=1000", frames: "1,50%" });
    expect(results.map((row) => row.allocation)).toEqual(["variable", "variable"]);
    expect(results[0]!.misses).toBe(results[1]!.misses);
    expect(results[0]!.meanResident).toBeGreaterThan(1);
  });

  it("observes Accessed bits where hardware does", async () => {
    const exact = await trace.compare({ policy: "lru", frames: "10%" });
    const hardware = await trace.compare({ policy: "lru", frames: "10%", observe: "hardware" });
    expect(hardware.results[0]!.observe).toBe("hardware");
    expect(hardware.results[0]!.misses).toBeGreaterThan(exact.results[0]!.misses);
  });

  it("draws by the run's seed, or by a policy's own", async () => {
    const misses = async (policy: string, seed: number): Promise<number[]> =>
      (await trace.compare({ policy, frames: "10%,20%,30%", seed })).results.map((row) => row.misses);
    for (const name of ["random", "cacheus"]) {
      expect(await misses(`${name}:seed=5`, 1)).toEqual(await misses(`${name}:seed=5`, 2));
      expect(await misses(name, 5)).toEqual(await misses(`${name}:seed=5`, 1));
    }
    expect(await misses("random:seed=1", 0)).not.toEqual(await misses("random:seed=2", 0));
  });

  it("reports its progress and ends at an abort", async () => {
    using long = Trace.generate({ name: "zipf", accesses: 30_000_000, bytes: 1 << 30 });
    const fractions: (number | null)[] = [];
    const controller = new AbortController();
    const onProgress = ({ fraction }: { fraction: number | null }): void => {
      fractions.push(fraction);
      if (fraction !== null && fraction > 0.12) controller.abort();
    };
    const comparison = long.compare({ policy: "all", frames: "10%", onProgress, signal: controller.signal });
    await expect(comparison).rejects.toMatchObject({ code: "ERR_PAGEWALK_ABORTED" });
    expect(fractions.length).toBeGreaterThan(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a! - b!));
  }, 60_000);

  it.each<[CompareOptions, string, RegExp]>([
    [{ policy: "lur" }, "UNKNOWN_NAME", /did you mean "lru"/],
    [{ policy: "clock:bist=2" }, "UNKNOWN_NAME", /did you mean "bits"/],
    [{ policy: "clock:bits=99" }, "OUT_OF_RANGE", /bits: expected an integer from 1 to/],
    [{ policy: "lru,,arc" }, "INVALID_ARGUMENT", /policy: expected policies/],
    [{ policy: [] }, "INVALID_ARGUMENT", /policy: expected policies/],
    [{ policy: [{ name: "mine", chooseVictim: () => 0 } as never] }, "INVALID_ARGUMENT", /machine\.registerPolicy/],
    [{ policy: "seed=1,lru" }, "UNKNOWN_NAME", /seed=1/],
    [{ frames: 0 }, "OUT_OF_RANGE", /frames: expected numbers of frames from 1 up.*got 0/],
    [{ frames: "10%,0%" }, "OUT_OF_RANGE", /got "0%"/],
    [{ frames: "101%" }, "OUT_OF_RANGE", /got "101%"/],
    [{ frames: 2 ** 45 + 1 }, "OUT_OF_RANGE", /got 35184372088833/],
    [{ frames: "many" }, "INVALID_ARGUMENT", /got "many"/],
    [{ frames: [] }, "INVALID_ARGUMENT", /got an array/],
    [{ frames: -1 }, "INVALID_ARGUMENT", /got -1/],
    [{ refs: "dta" as "data" }, "UNKNOWN_NAME", /did you mean "data"/],
    [{ observe: "hard" as "hardware" }, "UNKNOWN_NAME", /observe: expected one of exact, hardware/],
    [{ threads: 1e6 }, "OUT_OF_RANGE", /threads/],
    [{ seed: -1 }, "OUT_OF_RANGE", /seed/],
    [{ limit: 0 }, "OUT_OF_RANGE", /limit/],
    [{ polcy: "lru" } as CompareOptions, "UNKNOWN_NAME", /"policy"/],
    [{ signal: {} as AbortSignal }, "INVALID_ARGUMENT", /signal/],
  ])("refuses %j with %s", async (options, code, message) => {
    const wrong = trace.compare(options);
    await expect(wrong).rejects.toMatchObject({
      code: `ERR_PAGEWALK_${code}`,
      message: expect.stringMatching(message),
    });
  });

  it("is where the bounds are: a running machine refuses them", () => {
    expect(() => new Machine({ policy: "opt" })).toThrow(/needs the references to come \(compare has them\)/);
  });
});

describe("pagewalk compare", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pagewalk-compare-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compare = (...args: string[]) => pagewalk(["compare", tinyTrace, "--quiet", ...args]);

  it("prints the API's document with --json", async () => {
    const { code, stdout, stderr } = await compare("--json", "--policy", "lru,lecar:seed=1,arc", "--frames", "10%,7");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const policy = ["lru", "lecar:seed=1", "arc"];
    const expected = await trace.compare({ policy, frames: ["10%", 7] });
    expect(withoutSeconds(JSON.parse(stdout))).toEqual(withoutSeconds(expected));
  });

  it("prints tables against LRU and OPT, variable allocation apart", async () => {
    const { code, stdout } = await compare(
      "--policy",
      "fifo,arc,working-set,page-fault-frequency",
      "--frames",
      "10%,7",
    );
    expect(code).toBe(0);
    const tables = stdout
      .trimEnd()
      .split("\n\n")
      .map((table) => table.split("\n").map((line) => line.split("\t")));
    expect(tables.map((table) => table.map(([name]) => name))).toEqual([
      [expect.stringMatching(/^\d+_frames_10_$/), "fifo", "arc"],
      ["7_frames", "fifo", "arc"],
      ["variable_allocation", "working-set", "page-fault-frequency"],
    ]);
    expect(tables[0]![0]!.slice(1)).toEqual(["misses", "miss_ratio", "of_lru_s", "way_to_opt", "write-backs"]);
    const { results } = await trace.compare({ policy: "fifo,lru,opt", frames: 7 });
    const [fifo, lru, opt] = results.map((row) => row.misses) as [number, number, number];
    const [, misses, ratio, ofLru, way] = tables[1]![1]!.map(Number);
    expect(misses).toBe(fifo);
    expect(ratio).toBeCloseTo(fifo / results[0]!.requests, 6);
    expect(ofLru).toBeCloseTo(fifo / lru, 6);
    expect(way).toBeCloseTo((lru - fifo) / (lru - opt), 6);
  });

  it.each([
    [["--frames", "0"], /--frames: expected numbers of frames from 1 up/],
    [["--policy", "lur"], /did you mean "lru"/],
    [["--policy", "clock:bit=1"], /did you mean "bits"/],
    [["--refs", "code"], /--refs/],
  ])("ends %j with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await compare(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("refuses shares of a pipe's pages, and takes numbers", async () => {
    const input = " L 1000,8\n S 2000,8\n L 1000,8\n";
    const piped = (frames: string) => pagewalk(["compare", "-", "--frames", frames, "--json"], { input });
    expect(await piped("10%")).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/pipe/) });
    const { code, stdout } = await piped("1");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).results[0]).toMatchObject({ trace: "stdin", requests: 3, misses: 3 });
  });

  it("refuses the bounds in a running machine with exit code 2", async () => {
    const { code, stderr } = await pagewalk(["run", tinyTrace, "--policy", "opt"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/needs the references to come/);
  });

  it("ends by Ctrl-C with exit code 130", async () => {
    const out = join(folder, "long.packed");
    await pagewalk(["trace", "generate", "zipf", out, "--accesses", "20000000", "--bytes", "1GiB"]);
    const { code, stdout } = await pagewalk(["compare", out, "--quiet"], {
      during: (child) => setTimeout(() => child.kill("SIGINT"), 1500),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  }, 60_000);
});
