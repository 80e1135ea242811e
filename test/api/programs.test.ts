// SPDX-License-Identifier: MIT
// Traces with memory calls: recorded programs run again as processes, from scripts and on the command line.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type FaultHandler, Machine, type RunResult, Trace } from "../../lib/index.js";
import { pagewalk } from "../support/cli.js";
import { rejectionOf } from "../support/errors.js";
import { checkout } from "../support/shared.js";

const folder = mkdtempSync(join(tmpdir(), "pagewalk-programs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const example = join(checkout, "examples", "traces", "pipeline.pwt");
const goldenPath = join(checkout, "test", "golden", "pipeline.json");

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const twoProcesses = file(
  "two.lackey",
  [
    "==1== pagewalk: begin ( 0x4000000 )",
    "==1== pagewalk: map ( 0x10000, 8192, 3, 34, 0 )",
    " S 00010000,8",
    " L 00011000,8",
    "SYSCALL[1,1](12) sys_brk ( 0x4002000 ) --> [pre-success] Success(0x4002000) ",
    " S 04001ff8,8",
    "SYSCALL[1,1](57) sys_fork ( ) --> [pre-success] Success(0x2) ",
    "==2== pagewalk: switch ( )",
    "I  00010000,4",
    " S 00010000,8",
    " L 00500000,8",
    "SYSCALL[2,1](231) exit_group( 7 ) --> [pre-success] Success(0x0) ",
    "==1== pagewalk: switch ( )",
    "SYSCALL[1,1](11) sys_munmap ( 0x10000, 4096 )[sync] --> Failure(0x16) ",
    "",
  ].join("\n"),
);

// What does not depend on how long it took.
function withoutTime(result: RunResult): unknown {
  return { ...result, version: "", trace: { ...result.trace, path: null }, time: null };
}

async function run(path: string, options = {}): Promise<RunResult> {
  using machine = new Machine();
  const result = await machine.run(path, options);
  expect(machine.health()).toMatchObject({ problems: [] });
  return result;
}

describe("a trace with memory calls", () => {
  it("runs as processes, which the result document tells of", async () => {
    const { programs, kernel, accesses } = await run(twoProcesses);
    expect(accesses.total).toBe(6);
    expect(programs!.processes).toMatchObject([
      { pid: 1, accesses: 3, state: "running", faults: { minor: 3, refused: 0 } },
      { pid: 2, accesses: 3, state: "ended", exitStatus: 7, faults: { refused: 2 } },
    ]);
    expect(kernel!.faults.byReason).toMatchObject({
      "demand-zero": 3,
      "copy-on-write": 1,
      "execute-of-no-execute": 1,
      "bad-address": 1,
    });
    expect(programs!.violations).toMatchObject([
      { pid: 2, address: "0x10000", kind: "fetch", reason: "execute-of-no-execute", signal: "SIGSEGV" },
      { pid: 2, address: "0x500000", instructionPointer: "0x10000", reason: "bad-address" },
    ]);
  });

  it("says which calls ended otherwise than they were recorded", async () => {
    const { programs } = await run(twoProcesses);
    expect(programs!.differing).toBe(1);
    expect(programs!.differences).toEqual([
      { pid: 1, call: "munmap", arguments: ["0x10000", "0x1000"], recorded: "EINVAL", replayed: "0x0" },
    ]);
  });

  it("runs as one demand-paged space where its mappings are not wanted", async () => {
    const result = await run(twoProcesses, { vmas: "none" });
    expect(result.programs).toBeUndefined();
    expect(result.faults).toMatchObject({ total: 4, minor: 4, protection: 0 });
  });

  it("leaves the machine with its processes", async () => {
    using machine = new Machine();
    await machine.run(twoProcesses);
    expect(machine.processes().map((process) => process.state)).toEqual(["running", "ended"]);
    expect(machine.violations()).toHaveLength(2);
    expect((await rejectionOf(machine.run(twoProcesses))).code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
    machine.reset();
    expect((await machine.run(twoProcesses)).programs!.refused).toBe(2);
  });

  it("is refused with wrong sources of mappings", async () => {
    using machine = new Machine();
    const wrong = { vmas: "all" as "guess" };
    expect((await rejectionOf(machine.run(twoProcesses, wrong))).code).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
  });

  it("ends early with what it has when it is aborted", async () => {
    using machine = new Machine();
    const error = await rejectionOf(machine.run(example, { signal: AbortSignal.abort() }));
    expect(error.code).toBe("ERR_PAGEWALK_ABORTED");
    expect((error as unknown as { partial: RunResult }).partial.partial).toBe(true);
    expect(machine.health()).toMatchObject({ problems: [] });
  });

  it("keeps its resident limit and counts the same whatever form it has", async () => {
    using trace = await Trace.open(example);
    const text = join(folder, "example.lackey");
    const packed = join(folder, "example.pwt");
    await trace.convert(text, { text: true });
    await trace.convert(packed);
    const results: unknown[] = [];
    for (const path of [example, text, packed]) {
      using machine = new Machine({ residentLimit: "50%", policy: "clock" });
      const { kernel, programs, replacement, walks } = await machine.run(path);
      expect(replacement.evictions).toBeGreaterThan(0);
      results.push({ kernel, programs, replacement, walks });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

describe("handlers and hooks in a run of programs", () => {
  const options = { residentLimit: "50%", policy: "clock" } as const;
  // What happened, whoever was asked.
  const counts = ({ kernel, programs, replacement, accesses }: RunResult): unknown => ({
    kernel,
    programs,
    replacement,
    accesses,
  });

  it("are asked about every fault and eviction, and change nothing where they pass", async () => {
    using plain = new Machine(options);
    const expected = await plain.run(example);
    using machine = new Machine(options);
    const asked = { faults: 0, refused: 0, evictions: 0, frames: 0 };
    machine.onPageFault(({ reason }) => {
      asked.faults += 1;
      if (reason === "bad-address") asked.refused += 1;
    });
    machine.onEviction(() => void (asked.evictions += 1));
    machine.onFrameAllocation(() => void (asked.frames += 1));
    const result = await machine.run(example);
    expect(counts(result)).toEqual(counts(expected));
    expect(result.walks).toEqual(expected.walks);
    const { minor, major, refused } = result.kernel!.faults;
    expect(asked.faults).toBe(minor + major + refused);
    expect(asked.evictions).toBe(result.replacement.evictions);
    expect(asked.frames).toBeGreaterThan(asked.evictions);
    expect(machine.health()).toMatchObject({ problems: [] });
  });

  it("may answer later, while the process is blocked", async () => {
    using plain = new Machine(options);
    const expected = await plain.run(example);
    using machine = new Machine(options);
    let waits = 0;
    machine.onPageFault(async () => {
      waits += 1;
      await Promise.resolve();
      return "pass";
    });
    const result = await machine.run(example);
    expect(counts(result)).toEqual(counts(expected));
    expect(waits).toBe(result.kernel!.faults.minor + result.kernel!.faults.major + result.kernel!.faults.refused);
  });

  it("decide: a fault that is refused is a violation of the program", async () => {
    using machine = new Machine();
    machine.onPageFault(({ address }) => (address >> 12n === 0x10n ? "segmentation-fault" : "pass"));
    machine.onMapping(({ address }) => (address >> 12n === 0x4001n ? "refuse" : "allow"));
    const { programs, kernel } = await machine.run(twoProcesses);
    expect(programs!.refused).toBe(5);
    expect(kernel!.violations).toBe(5);
  });

  it.each([
    ["a page-fault handler", (machine: Machine, fail: () => never) => machine.onPageFault(fail)],
    ["one that answers later", (machine: Machine, fail: () => never) => machine.onPageFault(async () => fail())],
    ["a frame hook", (machine: Machine, fail: () => never) => machine.onFrameAllocation(fail)],
    ["a mapping hook", (machine: Machine, fail: () => never) => machine.onMapping(fail)],
  ])("%s that throws ends the run, with what there is", async (_, add) => {
    using machine = new Machine();
    let calls = 0;
    add(machine, () => {
      calls += 1;
      throw new Error("not today");
    });
    const error = await rejectionOf(machine.run(twoProcesses));
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_HANDLER_FAILED", partial: { partial: true } });
    expect(error.message).toContain("not today");
    expect(calls).toBe(1);
    expect(machine.health()).toMatchObject({ problems: [] });
  });

  it("that answer nonsense, retry without end or use the machine end the run", async () => {
    const codes: [FaultHandler, string][] = [
      [() => "maybe" as "pass", "ERR_PAGEWALK_HANDLER_ANSWER"],
      [() => "retry", "ERR_PAGEWALK_HANDLER_ANSWER"],
    ];
    for (const [handler, code] of codes) {
      using machine = new Machine();
      machine.onPageFault(handler);
      expect((await rejectionOf(machine.run(twoProcesses))).code).toBe(code);
      expect(machine.health()).toMatchObject({ problems: [] });
    }
    using machine = new Machine();
    machine.onPageFault(() => void machine.stats());
    const error = await rejectionOf(machine.run(twoProcesses));
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_HANDLER_FAILED", cause: { code: "ERR_PAGEWALK_BUSY" } });
  });

  it("end with the run where it is aborted while one has not answered", async () => {
    using machine = new Machine();
    const abort = new AbortController();
    let answer: ((answer: "segmentation-fault") => void) | undefined;
    machine.onPageFault(({ address }) => {
      if (address >> 12n !== 0x11n || abort.signal.aborted) return "pass";
      setImmediate(() => abort.abort());
      return new Promise<"segmentation-fault">((resolve) => (answer = resolve));
    });
    const error = await rejectionOf(machine.run(twoProcesses, { signal: abort.signal }));
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_ABORTED", partial: { accesses: { total: 1 } } });
    answer!("segmentation-fault"); // to a fault that nobody waits for any more
    await new Promise((resolve) => setImmediate(resolve));
    expect(machine.process(1)!.access(0x11000n)).toMatchObject({ fault: "minor" });
    expect(machine.health()).toMatchObject({ problems: [] });
  });
});

describe("a trace without memory calls", () => {
  it("runs as a process with guessed regions where that is asked for", async () => {
    const plain = file("plain.lackey", "I  00400000,4\n S 1fff000748,8\n L 00600000,8\n L ffff800000000000,8\n");
    const { programs } = await run(plain, { vmas: "guess" });
    expect(programs).toMatchObject({ guessedRegions: 3, refused: 1, violations: [{ reason: expect.any(String) }] });
  });
});

describe("the recorded example", () => {
  it("gives the golden counts", async () => {
    expect(withoutTime(await run(example))).toEqual(JSON.parse(readFileSync(goldenPath, "utf8")));
  });

  it("is whole: no access is refused and every call ends as it did", async () => {
    const { programs } = await run(example);
    expect(programs).toMatchObject({ differing: 0, refused: 0, skipped: 0, guessedRegions: 0, violations: [] });
    for (const call of ["mmap", "munmap", "brk", "mprotect", "fork", "exec", "exit"])
      expect({ [call]: programs!.events[call]! > 0 }).toEqual({ [call]: true });
  });

  it("holds what trace info says of it", async () => {
    using trace = await Trace.open(example);
    expect(trace.hasMemoryCalls).toBe(true);
    const { events, lines } = await trace.info();
    expect(events).toMatchObject({ fork: 2, exec: 1, cut: 0 });
    expect(lines.skipped).toBe(0);
  });
});

describe("the command line", () => {
  it("lists violations", async () => {
    const ran = await pagewalk(["run", twoProcesses, "--violations"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("0x500000\t2\tload\tbad-address\t0x10000");
    expect((await pagewalk(["run", example, "--violations"])).stdout).toContain("No violations.");
  });

  it("says that valgrind is missing", async () => {
    const ran = await pagewalk(["trace", "record", "-o", join(folder, "no.pwt"), "--", "true"], {
      env: { PATH: "/nonexistent" },
    });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain("expected valgrind");
  });
});

function hasValgrind(): boolean {
  try {
    execFileSync("valgrind", ["--tool=lackey", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasValgrind())("trace record (needs valgrind)", () => {
  it("records a program and its children, and leaves its output and its end as they are", {
    timeout: 60_000,
  }, async () => {
    const path = join(folder, "sh.pwt");
    const script = "x=$(echo inner); echo out $x; echo err >&2; (exit 3); exec sh -c 'exit 5'";
    const ran = await pagewalk(["trace", "record", "--children", "-o", path, "--", "sh", "-c", script]);
    expect(ran.stdout).toBe("out inner\n");
    expect(ran.stderr).toMatch(/^err\npagewalk: .*accesses/);
    expect(ran.code).toBe(5);
    const { programs } = await run(path);
    expect(programs).toMatchObject({ differing: 0, refused: 0, events: { fork: 2, exec: 1, exit: 3, begin: 2 } });
    expect(programs!.processes.map((process) => process.exitStatus)).toEqual([5, 0, 3]);
  });

  it("ends as a program does that a signal ends", { timeout: 60_000 }, async () => {
    const path = join(folder, "killed.pwt");
    const ran = await pagewalk(["trace", "record", "--quiet", "-o", path, "--", "sh", "-c", "kill -TERM $$"]);
    expect(ran.code).toBe(128 + 15);
    expect((await run(path)).programs).toMatchObject({ refused: 0, processes: [{ endSignal: 15 }] });
  });

  it("tells of a program that is not there", { timeout: 60_000 }, async () => {
    const ran = await pagewalk(["trace", "record", "-o", join(folder, "none.pwt"), "--", "no-such-program"]);
    expect(ran.code).toBe(127);
    expect(ran.stderr).toContain("recorded no access");
  });
});
