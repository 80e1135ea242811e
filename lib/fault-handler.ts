// SPDX-License-Identifier: MIT
// Page faults as handlers see them, and the chain of handlers that a machine asks.
import { PagewalkError } from "./errors.js";
import type { FaultType, Mailbox } from "./mailbox.js";
import { show } from "./options/problems.js";
import type { AccessKind } from "./native-config.js";
import type { FaultReason, NativePageFault } from "./native-system.js";

export type { FaultType } from "./mailbox.js";

/** What a handler may answer. No answer is `'pass'`: the next handler decides, and at last the machine. */
export type FaultAnswer = "resolved" | "retry" | "pass" | "out-of-memory" | "bus-error" | "segmentation-fault";

/** One page fault. */
export interface PageFault {
  /** The address whose access faulted. */
  readonly address: bigint;
  /** The processor's error code: P, W/R, U/S, RSVD, I/D, PK from bit 0 on. */
  readonly errorCode: number;
  /** Where the trace has one. */
  readonly instructionPointer?: bigint;
  /** Whose access it is, where the machine runs processes. */
  readonly pid?: number;
  /** What the fault will turn out to be, where the machine runs processes. */
  readonly reason?: FaultReason;
  readonly kind: AccessKind;
  /** What the fault is unless a handler says otherwise. */
  readonly type: FaultType;
  /** Whether a fault answered with `'resolved'` counts as major; set it if the handler did I/O. */
  major: boolean;
}

type Answer = FaultAnswer | undefined | void;

/** Asked about every page fault before the machine's own handling. A promise suspends the run until it settles. */
export type FaultHandler = (fault: PageFault) => Answer | Promise<Answer>;

// What the addon takes for an answer: mm::FaultOutcome in its order, then pending and failed.
const pass = 3;
export const pendingAnswer = 7;
export const failedAnswer = 8;
const answers = new Map<unknown, number>([
  ["retry", 2],
  ["pass", pass],
  [undefined, pass],
  ["out-of-memory", 4],
  ["bus-error", 5],
  ["segmentation-fault", 6],
]);

function outcomeOf(answer: Answer, fault: PageFault): number {
  if (answer === "resolved") return fault.major ? 1 : 0;
  const outcome = answers.get(answer);
  if (outcome !== undefined) return outcome;
  const expected = "'resolved', 'retry', 'pass', 'out-of-memory', 'bus-error', 'segmentation-fault' or nothing";
  throw new PagewalkError(
    "ERR_PAGEWALK_HANDLER_ANSWER",
    `a page-fault handler answered ${show(answer)}; expected ${expected}`,
  );
}

const isPromise = (answer: unknown): answer is PromiseLike<Answer> =>
  typeof answer === "object" && answer !== null && typeof (answer as PromiseLike<Answer>).then === "function";

function failureOf(cause: unknown): PagewalkError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new PagewalkError("ERR_PAGEWALK_HANDLER_FAILED", `a page-fault handler threw: ${text}`, { cause });
}

function ask(handler: FaultHandler, fault: PageFault): Answer | Promise<Answer> {
  try {
    return handler(fault);
  } catch (error) {
    throw failureOf(error);
  }
}

async function settled(answer: Answer | PromiseLike<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw failureOf(error);
  }
}

/** The handlers of one machine, asked in order until one does not pass. */
export class FaultChain {
  /** Whether a handler may answer with a promise: in runs, not in synchronous calls. */
  mayWait = false;
  readonly #mailbox: Mailbox;
  #handlers: readonly FaultHandler[] = [];
  #failure: PagewalkError | undefined;
  #pending: Promise<number> | undefined;

  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox;
  }

  get isEmpty(): boolean {
    return this.#handlers.length === 0;
  }

  /** Adds a handler; the function returned removes it. */
  add(handler: FaultHandler): () => void {
    const entry: FaultHandler = (fault) => handler(fault); // its own identity, so that removing finds this one
    this.#handlers = [...this.#handlers, entry];
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== entry);
    };
  }

  /** The answer as the addon's number, or a promise of it if it may wait; what handlers fail with is thrown. */
  decide(fault: PageFault, mayWait: boolean): number | Promise<number> {
    const handlers = this.#handlers;
    for (const [index, handler] of handlers.entries()) {
      const answer = ask(handler, fault);
      if (isPromise(answer)) {
        if (mayWait) return this.#settle(answer, handlers.slice(index + 1), fault);
        answer.then(undefined, () => {}); // what becomes of it is of no interest any more
        const message = "a page-fault handler answered with a promise in a synchronous call";
        throw new PagewalkError(
          "ERR_PAGEWALK_ASYNC_HANDLER",
          `${message}; only run() and the calls named Async can wait`,
        );
      }
      const outcome = outcomeOf(answer, fault);
      if (outcome !== pass) return outcome;
    }
    return pass;
  }

  /** What the addon calls on a fault of a machine without processes: the answer as a number; never throws. */
  readonly ask = (): number => {
    try {
      const decided = this.decide(this.#takeFault(), this.mayWait);
      if (typeof decided === "number") return decided;
      this.#pending = decided.catch((error: unknown) => {
        if (this.mayWait) this.#failure = error as PagewalkError;
        return failedAnswer;
      });
      return pendingAnswer;
    } catch (error) {
      this.#failure = error as PagewalkError;
      return failedAnswer;
    }
  };

  /** Why the last answer was a failure, if it was. */
  takeFailure(): PagewalkError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** The answer that the run waits for. */
  takePending(): Promise<number> {
    const pending = this.#pending ?? Promise.resolve(failedAnswer);
    this.#pending = undefined;
    return pending;
  }

  #takeFault(): PageFault {
    const mailbox = this.#mailbox;
    const type = mailbox.faultType;
    const fault = {
      address: mailbox.faultAddress,
      errorCode: mailbox.faultErrorCode,
      kind: mailbox.faultAccess,
      type,
      major: type === "major",
    };
    const instructionPointer = mailbox.faultInstructionPointer;
    return instructionPointer === undefined ? fault : { ...fault, instructionPointer };
  }

  async #settle(first: PromiseLike<Answer>, rest: readonly FaultHandler[], fault: PageFault): Promise<number> {
    let outcome = outcomeOf(await settled(first), fault);
    for (const handler of rest) {
      if (outcome !== pass) return outcome;
      outcome = outcomeOf(await settled(ask(handler, fault)), fault);
    }
    return outcome;
  }
}

/** A fault of a process, as handlers see it. */
export const processFault = (fault: NativePageFault): PageFault => ({ ...fault, major: fault.type === "major" });
