// SPDX-License-Identifier: MIT
// Page faults as handlers see them, and the chain of handlers that a machine asks.
import { PagewalkError } from "./errors.js";
import type { FaultType, Mailbox } from "./mailbox.js";
import { show } from "./options/problems.js";
import type { AccessKind } from "./native-config.js";

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

function failureOf(error: unknown): PagewalkError {
  if (error instanceof ChainError) return error.error;
  const text = error instanceof Error ? error.message : String(error);
  return new PagewalkError("ERR_PAGEWALK_HANDLER_FAILED", `a page-fault handler threw: ${text}`, { cause: error });
}

// Carries an error of the chain itself past what handlers throw.
class ChainError {
  constructor(readonly error: PagewalkError) {}
}

function outcomeOrChainError(answer: Answer, fault: PageFault): number {
  try {
    return outcomeOf(answer, fault);
  } catch (error) {
    throw new ChainError(error as PagewalkError);
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

  /** What the addon calls on a fault: the answer as a number; never throws. */
  readonly ask = (): number => {
    try {
      return this.#askAll(this.#handlers, this.#takeFault());
    } catch (error) {
      this.#failure = failureOf(error);
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

  #askAll(handlers: readonly FaultHandler[], fault: PageFault): number {
    for (const [index, handler] of handlers.entries()) {
      const answer = handler(fault);
      if (isPromise(answer)) return this.#wait(answer, handlers.slice(index + 1), fault);
      const outcome = outcomeOrChainError(answer, fault);
      if (outcome !== pass) return outcome;
    }
    return pass;
  }

  #wait(answer: PromiseLike<Answer>, rest: readonly FaultHandler[], fault: PageFault): number {
    const settled = this.#settle(answer, rest, fault);
    if (this.mayWait) {
      this.#pending = settled;
      return pendingAnswer;
    }
    const message = "a page-fault handler answered with a promise in a synchronous call; only run() can wait";
    throw new ChainError(new PagewalkError("ERR_PAGEWALK_ASYNC_HANDLER", message));
  }

  // Never rejects.
  async #settle(first: PromiseLike<Answer>, rest: readonly FaultHandler[], fault: PageFault): Promise<number> {
    try {
      let outcome = outcomeOrChainError(await first, fault);
      for (const handler of rest) {
        if (outcome !== pass) return outcome;
        outcome = outcomeOrChainError(await handler(fault), fault);
      }
      return outcome;
    } catch (error) {
      if (this.mayWait) this.#failure = failureOf(error);
      return failedAnswer;
    }
  }
}
