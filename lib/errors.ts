// SPDX-License-Identifier: MIT
// The errors that pagewalk throws: TypeError and RangeError for wrong use, PagewalkError for the rest,
// each with a stable `code`.
import type { Violation } from "./violation.js";

/** What an error may carry besides its code and message. */
export interface PagewalkErrorDetails {
  /** The trace file concerned. */
  file?: string;
  /** Its line, counted from 1. */
  line?: number;
  /** The offset in bytes, counted from 0. */
  offset?: number;
  /** What a run had counted when it ended early. */
  partial?: unknown;
  /** Linux's name of the error of a system call, such as `"ENOMEM"`. */
  errno?: string;
  /** The system call. */
  syscall?: string;
  /** The access that was refused. */
  violation?: Violation;
  cause?: unknown;
}

/** A failure that is not a wrong argument: a trace, a handler, an access that was refused. */
export class PagewalkError extends Error {
  override readonly name: string = "PagewalkError";
  readonly code: string;
  readonly file?: string;
  readonly line?: number;
  readonly offset?: number;
  partial?: unknown;
  readonly errno?: string;
  readonly syscall?: string;
  readonly violation?: Violation;

  constructor(code: string, message: string, details: PagewalkErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.file !== undefined) this.file = details.file;
    if (details.line !== undefined) this.line = details.line;
    if (details.offset !== undefined) this.offset = details.offset;
    if (details.errno !== undefined) this.errno = details.errno;
    if (details.syscall !== undefined) this.syscall = details.syscall;
    if (details.violation !== undefined) this.violation = details.violation;
    if (details.partial !== undefined) this.partial = details.partial;
  }
}

/** A TypeError with a stable code: an argument of the wrong type or form. */
export function typeError(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code });
}

/** A RangeError with a stable code: an argument outside what is allowed. */
export function rangeError(code: string, message: string): RangeError {
  return Object.assign(new RangeError(message), { code });
}

/** The stable code of an error, or undefined for a foreign one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
