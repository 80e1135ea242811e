// SPDX-License-Identifier: MIT
// The command line as a user meets it: help, exit codes, what goes to which stream, interruption.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoTrace, pagewalk, tinyTrace } from "../support/cli.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const escapeCode = "\u001b[";

// A document of whatever shape the test is about to state.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

async function json(...args: string[]): Promise<Json> {
  const ran = await pagewalk([...args, "--json"]);
  expect(ran.stderr).toBe("");
  expect(ran.code).toBe(0);
  return JSON.parse(ran.stdout);
}

describe("help", () => {
  it.each([
    [[], /run.*demo.*trace.*policies.*presets.*formats.*build-native/s],
    [["run"], /--tlb .*--psc .*--resident-limit .*--warmup .*--json/s],
    [["demo"], /--json/],
    [["trace"], /info.*convert.*generate/s],
    [["trace", "info"], /--json/],
    [["trace", "convert"], /--compress/],
    [["trace", "generate"], /--seed/],
    [["explain"], /address.*--access .*--cpl .*--state .*--vectors .*--json/s],
    [["tables"], /--tree.*--physical.*--state .*--vectors .*--json/s],
    [["policies"], /--json/],
    [["presets"], /--json/],
    [["formats"], /--json/],
    [["build-native"], /Compiles the native addon/],
  ])("of %j is on stdout with exit code 0", async (command, text) => {
    const { code, stdout, stderr } = await pagewalk([...command, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: pagewalk/);
    expect(stdout).toMatch(text);
  });

  it("names every flag of a run", async () => {
    const { stdout } = await pagewalk(["run", "--help"]);
    const flags =
      "tlb psc cpu memory resident-limit policy refs modify crossing page-size tlb-policy warmup observe seed";
    const more = "limit psc-on-evict levels json csv quiet progress format on-error no-color";
    for (const flag of `${flags} ${more}`.split(" ")) expect(stdout).toContain(`--${flag}`);
  });

  it("without arguments is on stderr with exit code 2", async () => {
    const { code, stdout, stderr } = await pagewalk([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^Usage: pagewalk/);
  });

  it("gives the version of package.json", async () => {
    const { stdout } = await pagewalk(["--version"]);
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(stdout).toBe(`${version}\n`);
  });
});

// Arguments, exit code, and what stderr must say.
const refused: [string, string[], number, RegExp][] = [
  ["unknown command", ["runn"], 2, /unknown command 'runn'.*\n.*Did you mean run\?/s],
  ["unknown subcommand", ["trace", "inf"], 2, /Did you mean info\?/],
  ["unknown flag", ["run", tinyTrace, "--polcy", "lru"], 2, /unknown option '--polcy'.*Did you mean --policy\?/s],
  ["missing trace", ["run"], 2, /missing required argument 'trace'/],
  ["too many arguments", ["run", tinyTrace, "x"], 2, /too many arguments/],
  ["unknown policy", ["run", tinyTrace, "--policy", "lur"], 2, /--policy: expected one of .*did you mean "lru"/],
  ["unknown parameter", ["run", tinyTrace, "--policy", "clock:bist=2"], 2, /bits/],
  ["unknown preset", ["run", tinyTrace, "--cpu", "zen2"], 2, /--cpu: expected one of .*did you mean "amd-zen2"/],
  ["unknown preset to show", ["presets", "zen2"], 2, /did you mean "amd-zen2"/],
  ["unknown choice", ["run", tinyTrace, "--refs", "loads"], 2, /Allowed choices are all, data, fetch/],
  ["bad geometry", ["run", tinyTrace, "--tlb", "l1d=65x4"], 2, /--tlb l1d: 65 entries in 4 ways do not make a whole/],
  ["limit of 0", ["run", tinyTrace, "--resident-limit", "0"], 2, /--resident-limit: .*at least one page/],
  ["trace limit of 0", ["run", tinyTrace, "--limit", "0"], 2, /--limit.*Expected a whole number of at least 1/s],
  ["bad memory", ["run", tinyTrace, "--memory", "3pb!"], 2, /--memory: expected a size such as 64MiB/],
  ["bad seed", ["run", tinyTrace, "--seed", "-1"], 2, /Expected a whole number from 0 to 2\^64 - 1/],
  ["bad page size", ["run", tinyTrace, "--page-size", "8KiB"], 2, /--page-size: expected one of 4KiB, 2MiB, 1GiB/],
  ["json with csv", ["run", tinyTrace, "--json", "--csv"], 2, /cannot be used with/],
  ["no such trace", ["run", "no-such-file"], 3, /no-such-file/],
  ["a folder", ["run", "lib"], 3, /lib/],
  ["unknown format", ["run", tinyTrace, "--format", "lakey"], 2, /lackey/],
];

describe("wrong use", () => {
  it.each(refused)("%s ends with its exit code and says why", async (_name, args, code, message) => {
    const ran = await pagewalk(args);
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr).toMatch(/^pagewalk: /);
    expect(ran.stderr).not.toMatch(/ {4}at .*:\d+:\d+/);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: "" });
  });

  it("a share of a pipe's pages is refused, because a pipe cannot be read twice", async () => {
    const ran = await pagewalk(["run", "-", "--resident-limit", "25%"], { input: readFileSync(tinyTrace) });
    expect(ran.stderr).toMatch(/^pagewalk: .*(pipe|standard input|twice)/);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("reports every violation on its own line", async () => {
    const { code, stderr } = await pagewalk([
      "run",
      tinyTrace,
      "--tlb",
      "l1d=65x4",
      "--policy",
      "lur",
      "--memory",
      "0",
    ]);
    expect(code).toBe(2);
    expect(stderr.match(/^pagewalk: --(policy|tlb l1d|memory): /gm)).toHaveLength(3);
  });
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function tlbOfGenerated(name: string, seed: string): Promise<unknown> {
  const out = join(folder, name);
  const ran = await pagewalk(["trace", "generate", "zipf", out, "--accesses", "10000", "--seed", seed]);
  expect(ran).toMatchObject({ code: 0 });
  return (await json("run", out)).tlb;
}

describe("bad traces", () => {
  const lines = "I  04000000,3\n L 1fff000000,8\nrubbish\n S 1fff000000,8\n";

  it("a line that does not parse stops with file, line and text", async () => {
    const path = write("bad.lackey", lines);
    const { code, stderr } = await pagewalk(["run", path, "--on-error", "stop"]);
    expect(code).toBe(3);
    expect(stderr).toContain(path);
    expect(stderr).toMatch(/\b3\b.*rubbish/s);
  });

  it("a line that does not parse is skipped on request", async () => {
    const path = write("skip.lackey", lines);
    const { trace } = await json("run", path, "--on-error", "skip");
    expect(trace).toMatchObject({ records: 3, fetches: 1, loads: 1, stores: 1 });
  });

  it.each([
    ["empty", ""],
    ["binary rubbish", Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 197) % 256))],
    ["cut compression", readFileSync(tinyTrace).subarray(0, 20_000)],
  ])("%s ends with exit code 3", async (name, content) => {
    const { code, stdout, stderr } = await pagewalk(["run", write(`${name}.trace`, content)]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^pagewalk: /);
  });
});

describe("results", () => {
  it("as JSON have the schema and the counters of the trace", async () => {
    const result = await json("run", tinyTrace);
    expect(result).toMatchObject({
      schema: "pagewalk.result/1",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      config: { cpu: "intel-skylake-sp", policy: "lru", pageSize: "4KiB", refs: "all", seed: 0 },
      trace: { format: "lackey", compression: "zstd", records: 199995, fetches: 152885, loads: 33866, stores: 11766 },
      faults: { total: 128, minor: 128, major: 0, protection: 0 },
      replacement: { policy: "lru", evictions: 0, writebacks: 0 },
    });
    for (const level of ["l1i", "l1d", "l2"]) {
      expect(result.tlb[level]).toEqual({ hits: expect.any(Number), misses: expect.any(Number) });
    }
    for (const key of ["total", "fetch", "references", "faulted", "dirtyUpdates"]) {
      expect(result.walks[key]).toEqual(expect.any(Number));
    }
    for (const key of ["decodeSeconds", "simulateSeconds", "wallSeconds", "accessesPerSecond"]) {
      expect(result.time[key]).toBeGreaterThanOrEqual(0);
    }
    expect(result.memory.residentPages).toBe(128);
    expect(result).not.toHaveProperty("partial");
  });

  it("carry every flag into the configuration", async () => {
    const flags =
      "--tlb l1d=32x4 --psc pde=8 --memory 1GiB --resident-limit 64 --policy clock --refs data --modify twice";
    const more = "--crossing first --tlb-policy fifo --warmup 100 --observe hardware --seed 7 --limit 50000 --levels 5";
    const { config } = await json("run", tinyTrace, ...`${flags} ${more} --psc-on-evict none`.split(" "));
    expect(config).toMatchObject({
      psc: { pml4e: 2, pdpte: 4, pde: 8 },
      memory: 2 ** 30,
      residentLimit: 64,
      policy: expect.stringMatching(/^clock/),
      refs: "data",
      modify: "twice",
      crossing: "first",
      tlbPolicy: "fifo",
      warmup: 100,
      observe: "hardware",
      seed: 7,
      limit: 50000,
      levels: 5,
      pscOnEvict: "none",
    });
    expect(config.tlb[1].arrays[0]).toMatchObject({ entries: 32, ways: 4 });
  });

  it("are the same from standard input as from the file", async () => {
    const fromFile = await json("run", tinyTrace);
    const ran = await pagewalk(["run", "-", "--json"], { input: readFileSync(tinyTrace) });
    expect(ran.stderr).toBe("");
    const fromPipe = JSON.parse(ran.stdout);
    for (const key of ["tlb", "walks", "faults", "memory"]) expect(fromPipe[key]).toEqual(fromFile[key]);
  });

  it("take a share of the trace's pages", async () => {
    const { config, replacement, faults } = await json("run", tinyTrace, "--resident-limit", "25%");
    expect(config.residentLimit).toBe(32);
    expect(replacement.evictions).toBe(faults.total - 32);
  });

  it("as text, piped, are tab-separated and have no escape codes", async () => {
    const { code, stdout, stderr } = await pagewalk(["run", tinyTrace]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^tlbs\tlookups\thits\tmisses\tmiss_ratio\tmpka\tmpki$/m);
    expect(stdout).not.toContain(escapeCode);
  });

  it("as CSV are one header and one row", async () => {
    const { stdout } = await pagewalk(["run", tinyTrace, "--csv"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stdout).toMatch(/^schema,.*faults\.minor/);
  });

  it("end quietly when the reader of a pipe goes away", async () => {
    const ran = await pagewalk(["run", tinyTrace], { during: (child) => child.stdout!.destroy() });
    expect(ran.stderr).toBe("");
    expect(ran.code).toBe(0);
  });
});

describe("progress", () => {
  it("as JSON lines is on stderr, the result alone on stdout", async () => {
    const { code, stdout, stderr } = await pagewalk(["run", demoTrace, "--json", "--progress=json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).schema).toBe("pagewalk.result/1");
    for (const line of stderr.split("\n").filter(Boolean)) expect(JSON.parse(line)).toHaveProperty("accessesPerSecond");
  });

  it("is silent with --quiet and for short runs without a terminal", async () => {
    expect((await pagewalk(["run", tinyTrace, "--quiet"])).stderr).toBe("");
  });
});

describe("interruption", () => {
  it("prints the partial result, flagged, and ends with 130", async () => {
    // A pipe that stays open: the run waits for more when Ctrl-C comes.
    const lines = "I  04000000,3\n L 1fff000000,8\n".repeat(200_000);
    const ran = await pagewalk(["run", "-", "--json", "--progress=json"], {
      input: null,
      during: (child) => {
        child.stdin!.write(lines);
        child.stderr!.once("data", () => child.kill("SIGINT"));
      },
    });
    expect(ran.code).toBe(130);
    const result: Json = JSON.parse(ran.stdout);
    expect(result.partial).toBe(true);
    expect(result.accesses.total).toBeGreaterThan(0);
    expect(result.accesses.total).toBeLessThanOrEqual(400_000);
  });
});

describe("lists", () => {
  it("of policies names those that can be run", async () => {
    const { stdout } = await pagewalk(["policies"]);
    for (const name of ["fifo", "lru", "clock", "random"]) expect(stdout).toMatch(new RegExp(`^${name}\\b`, "m"));
  });

  it("of presets names all of them, each with its sources", async () => {
    const names = [
      "intel-skylake-sp",
      "intel-icelake-sp",
      "intel-sapphirerapids",
      "amd-zen2",
      "amd-zen4",
      "arm-neoverse-n1",
    ];
    const all = await json("presets");
    expect(all.map((preset: { name: string }) => preset.name)).toEqual(names);
    for (const preset of all) expect(Object.keys(preset.sources).length).toBeGreaterThan(9);
    const { stdout } = await pagewalk(["presets", "amd-zen2"]);
    expect(stdout).toContain("Sources\n");
  });

  it("of formats names lackey and the compressions of this build", async () => {
    const { formats, decoders } = await json("formats");
    expect(formats.map((format: { name: string }) => format.name)).toContain("lackey");
    expect(decoders).toContain("zstd");
  });
});

describe("demo", () => {
  it("replays the trace that ships, and says what to try next", async () => {
    const { code, stdout } = await pagewalk(["demo"], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain("12000000");
    expect(stdout.match(/^ {4}pagewalk run .*python\.lackey\.zst/gm)).toHaveLength(3);
  });
});

describe("trace", () => {
  it("convert keeps the counts, and the result, of a trace", async () => {
    for (const flags of [[], ["--compress"]]) {
      const out = join(folder, `tiny${flags.length}.pwt`);
      expect((await pagewalk(["trace", "convert", tinyTrace, out, ...flags])).code).toBe(0);
      const [before, after] = [await json("trace", "info", tinyTrace), await json("trace", "info", out)];
      expect(after.lines).toEqual(before.lines);
      expect(after.distinct_4KiB_pages).toEqual(before.distinct_4KiB_pages);
      const [first, second] = [await json("run", tinyTrace), await json("run", out)];
      expect(second.tlb).toEqual(first.tlb);
    }
  });

  it("generate gives the same trace for the same seed and another for another", async () => {
    const first = await tlbOfGenerated("a.pwt", "1");
    const again = await tlbOfGenerated("b.pwt", "1");
    const other = await tlbOfGenerated("c.pwt", "2");
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
