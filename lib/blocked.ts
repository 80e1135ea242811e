// SPDX-License-Identifier: MIT
// Processes whose access waits for a page-fault handler that answers later.
import { PagewalkError } from "./errors.js";
import { type FaultChain, pendingAnswer, processFault } from "./fault-handler.js";
import type { NativePageFault } from "./native-system.js";

/** Asks the page-fault handlers of a machine about faults of its processes. */
export class BlockedAccesses {
  readonly #faults: FaultChain;
  readonly #blocked = new Set<number>();
  // What handlers said of the fault that comes again when the access is made again.
  readonly #answers = new Map<number, number>();
  #mayWait = false;
  #pending: Promise<number> | undefined;

  constructor(faults: FaultChain) {
    this.#faults = faults;
  }

  get isAsked(): boolean {
    return !this.#faults.isEmpty;
  }
  isBlocked(pid: number): boolean {
    return this.#blocked.has(pid);
  }
  requireUnblocked(pid: number): void {
    if (!this.#blocked.has(pid)) return;
    const text = `process ${pid} is blocked in an access until the page-fault handler has answered`;
    throw new PagewalkError("ERR_PAGEWALK_BUSY", text);
  }

  readonly answer = (detail: NativePageFault): number => {
    const known = this.#answers.get(detail.pid);
    this.#answers.delete(detail.pid);
    if (known !== undefined) return known;
    const decided = this.#faults.decide(processFault(detail), this.#mayWait);
    if (typeof decided === "number") return decided;
    this.#pending = decided;
    return pendingAnswer;
  };

  /** An access during which a handler may, or may not, put its answer off. */
  during<T>(mayWait: boolean, access: () => T): T {
    const before = this.#mayWait;
    this.#mayWait = mayWait;
    try {
      return access();
    } finally {
      this.#mayWait = before;
    }
  }

  /** Until the handler has answered. Rejects with what it failed with. */
  async wait(pid: number): Promise<void> {
    const pending = this.#pending!;
    this.#pending = undefined;
    this.#blocked.add(pid);
    try {
      this.#answers.set(pid, await pending);
    } finally {
      this.#blocked.delete(pid);
    }
  }
  /** The access was made again, and may have met no fault. */
  forgetAnswer(pid: number): void {
    this.#answers.delete(pid);
  }
}
