// SPDX-License-Identifier: MIT
// Signal handlers of processes: what SIGSEGV and SIGBUS are delivered to.
import { answerNumber, askHandler } from "./asked.js";
import type { NativeViolation } from "./native-system.js";
import { type Violation, violationOf } from "./violation.js";

/**
 * What becomes of the access: `"return"` (and no answer) tries it again, `"exit"` ends the process. The handler may make
 * calls of its process, so that the access is allowed when it is tried again.
 */
export type SignalAnswer = "return" | "exit" | undefined | void;
export type SignalHandler = (violation: Violation) => SignalAnswer;

const endProcess = 1;
const answers = new Map<unknown, number>([
  ["return", 0],
  [undefined, 0],
  ["exit", endProcess],
]);

type Handled = Violation["signal"];

/** The handlers of every process, by pid. */
export class SignalHandlers {
  readonly #handlers = new Map<number, Map<Handled, SignalHandler>>();

  find(pid: number, signal: Handled): SignalHandler | undefined {
    return this.#handlers.get(pid)?.get(signal);
  }
  set(pid: number, signal: Handled, handler: SignalHandler): void {
    const own = this.#handlers.get(pid) ?? new Map<Handled, SignalHandler>();
    this.#handlers.set(pid, own.set(signal, handler));
  }
  remove(pid: number, signal: Handled): void {
    this.#handlers.get(pid)?.delete(signal);
  }
  /** A child begins with its parent's. */
  inherit(parent: number, child: number): void {
    const own = this.#handlers.get(parent);
    if (own) this.#handlers.set(child, new Map(own));
  }
  forget(pid: number): void {
    this.#handlers.delete(pid);
  }

  readonly answer = (detail: NativeViolation): number => {
    const violation = violationOf(detail);
    const { pid, signal } = violation;
    const what = `a ${signal} handler`;
    const handler = this.find(pid, signal);
    return handler === undefined ? endProcess : answerNumber(what, answers, askHandler(what, handler, violation));
  };
}
