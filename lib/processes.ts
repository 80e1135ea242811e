// SPDX-License-Identifier: MIT
// A machine that runs processes: which options it may have, and what it is asked as a whole.
import { type Address, byteBits } from "./addresses.js";
import { rangeError, typeError } from "./errors.js";
import type { ExceptionHandler } from "./exceptions.js";
import type { FaultChain } from "./fault-handler.js";
import type { Health } from "./health.js";
import type { Hooks } from "./hooks.js";
import type { TripleFault } from "./native-system.js";
import type { BootStep } from "./boot-log.js";
import { show } from "./options/problems.js";
import { didYouMean } from "./options/suggest.js";
import type { ResolvedOptions } from "./options/types.js";
import { type Process, processOf } from "./process.js";
import { bytesOf, objectOf, textOf, wholeIn } from "./arguments.js";
import type { CreateProcessOptions } from "./process-types.js";
import { type MachineStats, machineStats } from "./result.js";
import { System } from "./system.js";
import type { Violation, ViolationFilter } from "./violation.js";

const filterNames = ["pid", "reason", "signal", "kind"] as const;

// What a machine may be asked for that processes have not.
function checkOptions({ native, residentPercent }: ResolvedOptions, hasPolicy: boolean): void {
  const wrong = (option: string, text: string): never => {
    throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", `${option}: ${text}`);
  };
  if (residentPercent !== undefined)
    wrong("residentLimit", `expected a number of pages or a size for processes, got ${residentPercent}%`);
  if (native.pageSize !== "4KiB") wrong("pageSize", `expected 4KiB for processes, got ${native.pageSize}`);
  if (native.tlb.wayChoice !== "lru") wrong("tlbPolicy", `expected lru for processes, got ${native.tlb.wayChoice}`);
  if (hasPolicy) wrong("policy", "expected a policy of the simulator's own for processes, got a registered one");
}

/** The error of a call that is for a machine as one demand-paged space. */
export function ranByProcesses(): RangeError {
  const text = "the machine runs processes: use a process's own calls, or reset() the machine first";
  return rangeError("ERR_PAGEWALK_INVALID_CONFIG", text);
}

const creationNames = ["limits", "oomScoreAdjustment"];

function checkedCreation(options: CreateProcessOptions): CreateProcessOptions {
  for (const name of Object.keys(objectOf(options, "options"))) {
    if (creationNames.includes(name)) continue;
    const text = `options.${name}: no option of a process has this name${didYouMean(name, creationNames)}`;
    throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", text);
  }
  return options;
}

export class Processes {
  readonly #options: ResolvedOptions;
  readonly #system: System;

  /** What runs the processes. */
  get system(): System {
    return this.#system;
  }

  constructor(options: ResolvedOptions, hasPolicy: boolean, faults: FaultChain, hooks: Hooks) {
    checkOptions(options, hasPolicy);
    this.#options = options;
    this.#system = new System(options, faults, hooks);
  }

  create(options: CreateProcessOptions): Process {
    const { limits, oomScoreAdjustment } = checkedCreation(options);
    const process = processOf(this.#system, this.#system.createProcess());
    try {
      if (limits !== undefined) process.setLimits(limits);
      if (oomScoreAdjustment !== undefined) process.oomScoreAdjustment = oomScoreAdjustment;
      return process;
    } catch (error) {
      process.exit();
      process.reap();
      throw error;
    }
  }
  list(): Process[] {
    return this.#system.pids().map((pid) => processOf(this.#system, pid));
  }
  find(pid: number): Process | undefined {
    return this.#system.pids().includes(pid) ? processOf(this.#system, pid) : undefined;
  }

  createFile(path: string, content: Address | Uint8Array): void {
    textOf(path, "path");
    if (!(content instanceof Uint8Array)) return this.#system.createFile(path, byteBits(content, "content"));
    this.#system.createFile(path, BigInt(bytesOf(content, "content").length));
    if (content.length > 0) this.#system.writeFile(path, 0, content);
  }
  readFile(path: string, offset: number, length: number): Uint8Array {
    return this.#system.readFile(textOf(path, "path"), wholeIn(offset, 0, Number.MAX_SAFE_INTEGER, "offset"), length);
  }
  setExceptionHandler(vector: number, handler: ExceptionHandler | null | undefined): void {
    this.#system.setExceptionHandler(vector, handler);
  }
  tripleFault(): TripleFault | null {
    return this.#system.tripleFault();
  }

  violations(filter: ViolationFilter): Violation[] {
    if (typeof filter !== "object" || filter === null)
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `filter: expected an object, got ${show(filter)}`);
    const wanted = filterNames.filter((name) => filter[name] !== undefined);
    return this.#system.violations().filter((one) => wanted.every((name) => one[name] === filter[name]));
  }
  stats(): MachineStats {
    const stats = this.#system.stats();
    return { ...machineStats(stats, this.#options.native), kernel: stats.kernel };
  }
  health(): Health {
    return this.#system.health();
  }
  bootLog(): readonly BootStep[] {
    return this.#system.bootLog();
  }
  close(): void {
    this.#system.close();
  }
}
