// SPDX-License-Identifier: MIT
// Accesses of processes, at once or, with page-fault handlers that answer later, in their own time; what they did, and
// the error of one that did not complete.
import type { Asked } from "./asked.js";
import type { BlockedAccesses } from "./blocked.js";
import { PagewalkError, rangeError } from "./errors.js";
import type { AccessResult, Mailbox } from "./mailbox.js";
import { AccessEnd, type FaultReason, faultReasons, type NativeSystem } from "./native-system.js";
import type { Ranges } from "./ranges.js";
import { refusal, violationOf } from "./violation.js";

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

/** What accesses need of their system. */
export interface AccessParts {
  native: NativeSystem;
  mailbox: Mailbox;
  asked: Asked;
  blocked: BlockedAccesses;
  ranges: Ranges;
  hasContents: boolean;
}

const sigkill = 9;

export class ProcessAccesses {
  readonly #native: NativeSystem;
  readonly #mailbox: Mailbox;
  readonly #asked: Asked;
  readonly #blocked: BlockedAccesses;
  readonly #ranges: Ranges;
  readonly #hasContents: boolean;
  #asksAboutFaults = false;

  constructor({ native, mailbox, asked, blocked, ranges, hasContents }: AccessParts) {
    this.#ranges = ranges;
    this.#native = native;
    this.#mailbox = mailbox;
    this.#asked = asked;
    this.#blocked = blocked;
    this.#hasContents = hasContents;
  }

  access(pid: number, address: bigint, kind: number): ProcessAccess {
    const end = this.#now(pid, () => this.#access(pid, address, kind));
    if (end !== AccessEnd.Done) throw this.#failure(pid, end);
    return this.#outcome();
  }
  async accessAsync(pid: number, address: bigint, kind: number): Promise<ProcessAccess> {
    await this.#untilDone(pid, () => this.#access(pid, address, kind));
    return this.#outcome();
  }

  accessMany(pid: number, addresses: BigUint64Array | Float64Array, kinds: Uint8Array | undefined): ProcessBatch {
    const before = this.#native.totals();
    const end = this.#now(pid, () => this.#native.accessMany(pid, addresses, kinds));
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
    const bytes = this.#now(pid, () => this.#native.read(pid, address, length));
    if (bytes.length < length) throw this.#failure(pid, this.#mailbox.done);
    return bytes;
  }
  async readAsync(pid: number, address: bigint, length: number): Promise<Uint8Array> {
    this.#requireContents("readAsync");
    const bytes = new Uint8Array(length);
    let done = 0;
    await this.#untilDone(pid, () => {
      const part = this.#native.read(pid, BigInt.asUintN(64, address + BigInt(done)), length - done);
      bytes.set(part, done);
      done += part.length;
      return done < length ? this.#mailbox.done : AccessEnd.Done;
    });
    return bytes;
  }

  write(pid: number, address: bigint, bytes: Uint8Array): void {
    this.#requireContents("write");
    const end = this.#now(pid, () => this.#native.write(pid, address, bytes));
    if (end !== AccessEnd.Done) throw this.#failure(pid, end);
  }
  async writeAsync(pid: number, address: bigint, bytes: Uint8Array): Promise<void> {
    this.#requireContents("writeAsync");
    let rest = bytes.slice(); // what the caller does to them meanwhile does not matter
    let at = address;
    await this.#untilDone(pid, () => {
      const end = this.#native.write(pid, BigInt.asUintN(64, at), rest);
      const { done } = this.#mailbox;
      rest = rest.subarray(done);
      at += BigInt(done);
      return end;
    });
  }

  #access(pid: number, address: bigint, kind: number): number {
    this.#mailbox.putAccess(address, kind);
    return this.#native.access(pid);
  }
  #outcome(): ProcessAccess {
    const outcome = this.#mailbox.takeOutcome();
    return { ...outcome, reason: outcome.fault === null ? null : faultReasons[this.#mailbox.faultReason]! };
  }

  // No handler may put its answer off.
  #now<T>(pid: number, access: () => T): T {
    this.#begin(pid);
    return this.#blocked.during(false, access);
  }

  // The access is made again whenever a handler has answered, until it is done or refused.
  async #untilDone(pid: number, access: () => number): Promise<void> {
    for (;;) {
      this.#begin(pid);
      const end = this.#blocked.during(true, access);
      this.#blocked.forgetAnswer(pid);
      if (end === AccessEnd.Done) return;
      if (end !== AccessEnd.Pending && end !== AccessEnd.Blocked) throw this.#failure(pid, end);
      // oxlint-disable-next-line no-await-in-loop -- one answer after the other
      await (end === AccessEnd.Blocked ? this.#ranges : this.#blocked).wait(pid);
    }
  }

  /** Before accesses: whether the addon is to ask about page faults. */
  tellWhetherAsked(): void {
    const { isAsked } = this.#blocked;
    if (this.#asksAboutFaults === isAsked) return;
    this.#native.setFaultHandler(isAsked);
    this.#asksAboutFaults = isAsked;
  }

  #begin(pid: number): void {
    this.#blocked.requireUnblocked(pid);
    this.tellWhetherAsked();
  }

  #requireContents(call: string): void {
    if (this.#hasContents) return;
    throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", `${call}: expected a machine with contents: true`);
  }

  // The error of an access that did not complete.
  #failure(pid: number, end: number, where = ""): PagewalkError {
    this.#asked.throwFailure();
    const named = (code: string, text: string): PagewalkError =>
      new PagewalkError(`ERR_PAGEWALK_${code}`, `process ${pid}: ${text}${where}`);
    switch (end) {
      case AccessEnd.Signaled: {
        const ended = this.#native.process(pid).state === "ended";
        return refusal(violationOf(this.#native.lastViolation()!), ended, where);
      }
      case AccessEnd.OutOfMemory: {
        const killed = this.#native.process(pid).endSignal === sigkill;
        return named("OUT_OF_MEMORY", killed ? "it was killed for memory" : "no frame can be had");
      }
      case AccessEnd.NotRunning:
        return named("NOT_RUNNING", "it ended, or waits for its child, since the call began");
      case AccessEnd.Halted:
        return new PagewalkError("ERR_PAGEWALK_HALTED", `the machine stopped: ${this.#native.tripleFault()!.report}`);
      case AccessEnd.Blocked:
        return named("BUSY", "it is blocked until a handler of its ranges wakes it; accessAsync waits for that");
      case AccessEnd.Refused:
        return named("EXCEPTION", "an exception handler did not let the access complete");
      case AccessEnd.Unhealthy:
        return new PagewalkError("ERR_PAGEWALK_UNHEALTHY", this.#native.unhealthy());
      default:
        return named("HANDLER_ANSWER", "a handler let the access be tried again and again without mending its cause");
    }
  }
}
