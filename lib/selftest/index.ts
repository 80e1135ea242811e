// SPDX-License-Identifier: MIT
// The self-test: drives every part of machines of one configuration, which check all their invariants as they go.
import type { BootStep } from "../boot-log.js";
import type { Health } from "../health.js";
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

export interface SelfTestReport {
  readonly ok: boolean;
  /** Page faults between two checks of every invariant. */
  readonly validateEvery: number;
  /** How the machine of the configuration came to be. */
  readonly boot: readonly BootStep[];
  /** What that machine says of itself. */
  readonly health: Health;
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

/** See load.ts. */
export function runSelfTest(options: MachineOptions = {}): SelfTestReport {
  const validateEvery = options.validateEvery ?? defaultEvery;
  const checking = { ...options, validateEvery };
  const bench = new Bench(checking);
  try {
    const machine = bench.machine({}, ["residentLimit"]);
    const done = Object.entries(parts).map(([name, part]) => runPart(name, part, checking));
    paging.drive(bench, machine, { pages: 500, accesses: 20_000 });
    const health = machine.health();
    const ok = health.healthy && done.every((part) => part.ok);
    return { ok, validateEvery, boot: machine.bootLog(), health, parts: done };
  } finally {
    bench.close();
  }
}
