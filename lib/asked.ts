// SPDX-License-Identifier: MIT
// What the addon asks of JavaScript while a call is under way. No exception gets out: the failure waits for the call.
import { PagewalkError } from "./errors.js";
import { show } from "./options/problems.js";

/**
 * What is asked: SystemWrap::Question of the native side, in its order. Failure: throw what a hook failed with; from Hooks
 * on the points where hooks are asked.
 */
export const Question = { Signal: 0, PageFault: 1, Exception: 2, UserFault: 3, Failure: 4, Hooks: 5 } as const;

/** What the addon takes for "no answer". */
const failed = -1;

/** Answers with the small integer that the addon expects. */
export type Answerer = (detail: never) => number;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";

function thrown(what: string, cause: unknown): PagewalkError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new PagewalkError("ERR_PAGEWALK_HANDLER_FAILED", `${what} threw: ${text}`, { cause });
}

/** Calls somebody else's function, which may answer nothing, or a promise of that. */
export function askAndWait(what: string, handler: () => unknown): Promise<void> | undefined {
  let answer: unknown;
  try {
    answer = handler();
  } catch (cause) {
    throw thrown(what, cause);
  }
  if (answer === undefined) return undefined;
  if (!isPromise(answer)) {
    const text = `${what} answered ${show(answer)}; expected nothing, or a promise of nothing`;
    throw new PagewalkError("ERR_PAGEWALK_HANDLER_ANSWER", text);
  }
  return Promise.resolve(answer).then(
    () => undefined,
    (cause: unknown) => {
      throw thrown(what, cause);
    },
  );
}

/** Calls somebody else's function. `what` it is, for messages: "a SIGSEGV handler". */
export function askHandler<Detail, Answer>(what: string, handler: (detail: Detail) => Answer, detail: Detail): Answer {
  let answer: Answer;
  try {
    answer = handler(detail);
  } catch (cause) {
    throw thrown(what, cause);
  }
  if (!isPromise(answer)) return answer;
  answer.then(undefined, () => {}); // what becomes of it is of no interest any more
  throw new PagewalkError("ERR_PAGEWALK_ASYNC_HANDLER", `${what} answered with a promise; it has to answer at once`);
}

/** The number behind an answer of a closed set. */
export function answerNumber(what: string, answers: ReadonlyMap<unknown, number>, answer: unknown): number {
  const number = answers.get(answer);
  if (number !== undefined) return number;
  const known = [...answers.keys()].map((name) => (name === undefined ? "nothing" : `'${name as string}'`));
  const text = `${what} answered ${show(answer)}; expected ${known.join(", ")}`;
  throw new PagewalkError("ERR_PAGEWALK_HANDLER_ANSWER", text);
}

export class Asked {
  readonly #answerers = new Map<number, Answerer>();
  #failure: PagewalkError | undefined;

  /** Who answers a question from now on. */
  on(question: number, answerer: Answerer): void {
    this.#answerers.set(question, answerer);
  }

  /** What the addon calls. */
  readonly ask = (question: number, detail: unknown): number => {
    if (question === Question.Failure) {
      this.throwFailure();
      return 0;
    }
    try {
      return this.#answerers.get(question)!(detail as never);
    } catch (error) {
      this.#failure ??= error as PagewalkError;
      return failed;
    }
  };

  /** What a handler failed with during the call that is over, if one did. */
  takeFailure(): PagewalkError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }
  /** Throws it. */
  throwFailure(): void {
    const failure = this.takeFailure();
    if (failure) throw failure;
  }
}
