// SPDX-License-Identifier: MIT
// The processes of one machine behind its public objects: who calls the addon, and what its answers become.
import { PagewalkError, rangeError } from "./errors.js";
import { type Health, healthOf } from "./health.js";
import { type AccessResult, Mailbox } from "./mailbox.js";
import { addon, type NativeStats } from "./native.js";
import {
  AccessEnd,
  type FaultReason,
  faultReasons,
  type KernelStats,
  type NativeProcess,
  type NativeSystem,
  type NativeVma,
  systemCalls,
} from "./native-system.js";
import type { ResolvedOptions } from "./options/types.js";
import type { Process } from "./process.js";
import { errnos } from "./process-names.js";
import { refusal, type Violation, violationOf } from "./violation.js";

/** What one access of a process did. */
export interface ProcessAccess extends AccessResult {
  /** Why it faulted, the last time if it did so more than once; null where it did not. */
  reason: FaultReason | null;
}

/** What a batch of accesses of a process did. */
export interface ProcessBatch {
  accesses: number;
  /** Look-ups that missed the first level of TLBs. */
  misses: number;
  walks: number;
  faults: number;
}

export class System {
  /** The public objects of processes that were not reaped. */
  readonly objects = new Map<number, Process>();
  readonly #mailbox = new Mailbox();
  readonly #native: NativeSystem;
  readonly #hasContents: boolean;

  constructor(options: ResolvedOptions) {
    this.#hasContents = options.system.contents;
    this.#native = new (addon().NativeSystem)(options.native, options.system, this.#mailbox.buffer);
  }

  createProcess(): number {
    const pid = this.#native.createProcess();
    if (pid !== 0) return pid;
    throw new PagewalkError("ERR_PAGEWALK_OUT_OF_MEMORY", "no frame is free for the page tables of a new process");
  }

  pids(): number[] {
    return this.#native.processes();
  }
  process(pid: number): NativeProcess {
    return this.#native.process(pid);
  }
  vmas(pid: number): NativeVma[] {
    return this.#native.vmas(pid);
  }
  reap(pid: number): boolean {
    const reaped = this.#native.reap(pid);
    if (reaped) this.objects.delete(pid);
    return reaped;
  }

  /** A system call. `name` is what errors call it, where that is not the name of the number. */
  call(pid: number, call: keyof typeof systemCalls, args: readonly bigint[], name: string = call): bigint {
    this.#mailbox.putArguments(args);
    const errno = this.#native.call(pid, systemCalls[call]);
    if (errno === 0) return this.#mailbox.value;
    throw this.systemCallError(pid, name, errno);
  }

  systemCallError(pid: number, syscall: string, number: number): PagewalkError {
    const [errno, meaning] = errnos[number] ?? [`errno ${number}`, "unknown error"];
    const killed = this.#wasKilled(pid) ? "; the process was killed for memory" : "";
    const message = `process ${pid}: ${syscall}: ${errno}: ${meaning}${killed}`;
    return new PagewalkError("ERR_PAGEWALK_SYSTEM_CALL", message, { errno, syscall });
  }

  access(pid: number, address: bigint, kind: number): ProcessAccess {
    this.#mailbox.putAccess(address, kind);
    const end = this.#native.access(pid);
    if (end !== AccessEnd.Done) throw this.#failure(pid, end);
    const outcome = this.#mailbox.takeOutcome();
    return { ...outcome, reason: outcome.fault === null ? null : faultReasons[this.#mailbox.faultReason]! };
  }

  accessMany(pid: number, addresses: BigUint64Array | Float64Array, kinds: Uint8Array | undefined): ProcessBatch {
    const before = this.#native.totals();
    const end = this.#native.accessMany(pid, addresses, kinds);
    if (end !== AccessEnd.Done) throw this.#failure(pid, end, ` (access ${this.#mailbox.done} of the batch, from 0)`);
    const after = this.#native.totals();
    return {
      accesses: after.accesses - before.accesses,
      misses: after.misses - before.misses,
      walks: after.walks - before.walks,
      faults: after.faults - before.faults,
    };
  }

  read(pid: number, address: bigint, length: number): Uint8Array {
    this.#requireContents("read");
    const bytes = this.#native.read(pid, address, length);
    if (bytes.length < length) throw this.#failure(pid, this.#mailbox.done);
    return bytes;
  }

  write(pid: number, address: bigint, bytes: Uint8Array): void {
    this.#requireContents("write");
    const end = this.#native.write(pid, address, bytes);
    if (end !== AccessEnd.Done) throw this.#failure(pid, end);
  }

  violations(): Violation[] {
    return this.#native.violations().map(violationOf);
  }
  stats(): NativeStats & { kernel: KernelStats } {
    return this.#native.stats();
  }
  health(): Health {
    const { problems, counts } = this.#native.health();
    return healthOf(problems, counts);
  }
  close(): void {
    this.#native.close();
  }

  #requireContents(call: string): void {
    if (this.#hasContents) return;
    throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", `${call}: expected a machine with contents: true`);
  }

  #wasKilled(pid: number): boolean {
    const { state, endSignal } = this.#native.process(pid);
    return state === "ended" && endSignal === 9;
  }

  // The error of an access that did not complete.
  #failure(pid: number, end: number, where = ""): PagewalkError {
    const named = (code: string, text: string): PagewalkError =>
      new PagewalkError(`ERR_PAGEWALK_${code}`, `process ${pid}: ${text}${where}`);
    switch (end) {
      case AccessEnd.Signaled: {
        const ended = this.#native.process(pid).state === "ended";
        return refusal(violationOf(this.#native.lastViolation()!), ended, where);
      }
      case AccessEnd.OutOfMemory:
        return named("OUT_OF_MEMORY", this.#wasKilled(pid) ? "it was killed for memory" : "no frame can be had");
      case AccessEnd.NotRunning:
        return named("NOT_RUNNING", "it ended, or waits for its child, since the call began");
      case AccessEnd.Halted:
        return new PagewalkError("ERR_PAGEWALK_HALTED", `the machine stopped: ${this.#native.tripleFault()!.report}`);
      default:
        return named("HANDLER_ANSWER", "a handler let the access be tried again and again without mending its cause");
    }
  }
}
