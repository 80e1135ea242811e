// SPDX-License-Identifier: MIT
// Exception handlers that stand in the simulated interrupt-descriptor table in place of the machine's own.
import { addressBits } from "./addresses.js";
import { answerNumber, askHandler } from "./asked.js";
import { PagewalkError, rangeError, typeError } from "./errors.js";
import type { Mailbox } from "./mailbox.js";
import type { NativeSystem, NativeTrapFrame } from "./native-system.js";
import { show } from "./options/problems.js";

/** An exception on its way to its handler. */
export interface ExceptionFrame {
  /** 13 general protection, 14 page fault, 8 double fault, and so on. */
  readonly vector: number;
  readonly errorCode: number;
  /** CR2 of a page fault. */
  readonly address?: bigint;
  readonly instructionPointer: bigint;
  /** The process whose access it is. */
  readonly pid: number;
}

/** An exception that a handler itself raises. */
export interface RaisedException {
  raise: { vector: number; errorCode?: number; address?: bigint | number | string };
}

/**
 * `"resume"` tries the access again, `"refuse"` fails it, `"pass"` (and no answer) leaves it to the machine's own handler;
 * `{ raise }` is an exception while one is handled.
 */
export type ExceptionAnswer = "resume" | "refuse" | "pass" | RaisedException | undefined | void;
export type ExceptionHandler = (frame: ExceptionFrame) => ExceptionAnswer;

const answers = new Map<unknown, number>([
  ["resume", 0],
  ["refuse", 1],
  ["pass", 2],
  [undefined, 2],
]);
const raiseAnswer = 3;
const mostErrorCode = 2 ** 32 - 1;

function wholeNumber(value: unknown, most: number, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
  throw rangeError(
    "ERR_PAGEWALK_OUT_OF_RANGE",
    `${name}: expected a whole number from 0 to ${most}, got ${show(value)}`,
  );
}

export class ExceptionHandlers {
  readonly #mailbox: Mailbox;
  readonly #handlers = new Map<number, ExceptionHandler>();

  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox;
  }

  /** A function in its place, null for a gate that is not present, undefined for the machine's own. */
  set(native: NativeSystem, vector: number, handler: ExceptionHandler | null | undefined): void {
    wholeNumber(vector, 255, "vector");
    if (handler !== null && handler !== undefined && typeof handler !== "function")
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `handler: expected a function or null, got ${show(handler)}`);
    native.setExceptionHandler(vector, handler ? "ask" : handler === null ? "none" : "built-in");
    if (handler) this.#handlers.set(vector, handler);
    else this.#handlers.delete(vector);
  }

  readonly answer = (frame: NativeTrapFrame & { pid: number }): number => {
    const what = `the handler of exception ${frame.vector}`;
    const answer = askHandler(what, this.#handlers.get(frame.vector)!, Object.freeze(frame));
    if (typeof answer === "object" && answer !== null && "raise" in answer) return this.#raise(what, answer.raise);
    return answerNumber(what, answers, answer);
  };

  #raise(what: string, exception: RaisedException["raise"]): number {
    try {
      const { vector, errorCode = 0, address = 0 } = exception;
      this.#mailbox.putRaised(
        wholeNumber(vector, 255, "raise.vector"),
        wholeNumber(errorCode, mostErrorCode, "raise.errorCode"),
        addressBits(address, "raise.address"),
      );
      return raiseAnswer;
    } catch (cause) {
      const text = `${what} answered with an exception that is none: ${(cause as Error).message}`;
      throw new PagewalkError("ERR_PAGEWALK_HANDLER_ANSWER", text, { cause });
    }
  }
}
