// SPDX-License-Identifier: MIT
// The self-test: drives every part of machines of one configuration, which check all their invariants as they go.
import type { BootStep } from "../boot-log.js";
import type { Health } from "../health.js";
import type { Machine } from "../machine.js";
import type { MachineOptions } from "../options/types.js";
import { Bench } from "./bench.js";
import * as paging from "./paging-parts.js";
import * as processes from "./process-parts.js";

/** One part of the self-test. */
export interface SelfTestPart {
  readonly name: string;
  /** What was done; what went wrong, where it did. */
  readonly did: string;
  readonly ok: boolean;
}

/** How a machine came to be, and what it says of itself after some use. */
export interface UsedMachine {
  readonly use: "one space" | "processes";
  readonly boot: readonly BootStep[];
  readonly health: Health;
}

export interface SelfTestReport {
  readonly ok: boolean;
  /** Page faults between two checks of every invariant. */
  readonly validateEvery: number;
  /** A machine of the configuration in each way of using one. */
  readonly machines: readonly UsedMachine[];
  readonly parts: readonly SelfTestPart[];
}

const parts: Readonly<Record<string, (bench: Bench) => string>> = {
  mapping: paging.mapping,
  replacement: paging.replacement,
  policies: paging.policies,
  TLBs: paging.tlbs,
  "page sizes": paging.hugePages,
  "refused faults": paging.refusals,
  "memory calls": processes.memoryCalls,
  "copy-on-write": processes.copyOnWrite,
  swap: processes.swapping,
  "out of memory": processes.outOfMemory,
};

const defaultEvery = 50;

function runPart(name: string, part: (bench: Bench) => string, options: MachineOptions): SelfTestPart {
  const bench = new Bench(options);
  try {
    return { name, did: part(bench), ok: true };
  } catch (error) {
    return { name, did: error instanceof Error ? error.message : String(error), ok: false };
  } finally {
    bench.close();
  }
}

const describe = (use: UsedMachine["use"], machine: Machine): UsedMachine => ({
  use,
  boot: machine.bootLog(),
  health: machine.health(),
});

function usedSpace(bench: Bench): UsedMachine {
  const machine = bench.machine({}, ["residentLimit"]);
  paging.drive(bench, machine, { pages: 500, accesses: 20_000 });
  return describe("one space", machine);
}

function usedByProcesses(bench: Bench): UsedMachine {
  const machine = bench.system();
  processes.drive(machine);
  return describe("processes", machine);
}

/** See load.ts. */
export function runSelfTest(options: MachineOptions = {}): SelfTestReport {
  const validateEvery = options.validateEvery ?? defaultEvery;
  const checking = { ...options, validateEvery };
  const bench = new Bench(checking);
  try {
    const machines = [usedSpace(bench), usedByProcesses(bench)];
    const done = Object.entries(parts).map(([name, part]) => runPart(name, part, checking));
    const ok = machines.every(({ health }) => health.healthy) && done.every((part) => part.ok);
    return { ok, validateEvery, machines, parts: done };
  } finally {
    bench.close();
  }
}
