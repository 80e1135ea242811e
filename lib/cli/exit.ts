// SPDX-License-Identifier: MIT
// Exit codes, and how an error is told to a person.
import { codeOf } from "../errors.js";
import { placeText, type Problem } from "../options/problems.js";
import { flagOf } from "./flags.js";

export const exitCodes = { ok: 0, failed: 1, usage: 2, trace: 3, interrupted: 130 } as const;

interface Coded {
  code?: unknown;
  message?: unknown;
  problems?: readonly Problem[];
  cause?: unknown;
}

const asCoded = (error: unknown): Coded => (error !== null && typeof error === "object" ? error : { message: error });

/** 2 for wrong use, 3 for a trace or a saved state that cannot be read, 130 for an interrupted run, 1 for the rest. */
export function exitCodeOf(error: unknown): number {
  const code = codeOf(error) ?? "";
  if (code === "ERR_PAGEWALK_ABORTED") return exitCodes.interrupted;
  if (code === "ERR_PAGEWALK_TRACE_NOT_SEEKABLE" || code.startsWith("ERR_PAGEWALK_CONFIG_")) return exitCodes.usage;
  if (/^ERR_PAGEWALK_(TRACE|STATE)_/.test(code) || /_(DECODER|RECORDER)_MISSING$/.test(code)) return exitCodes.trace;
  const usage = error instanceof TypeError || error instanceof RangeError;
  return usage && code.startsWith("ERR_PAGEWALK_") ? exitCodes.usage : exitCodes.failed;
}

// What stands in a file is named as there, with its place.
const problemLine = ({ at, option, text }: Problem): string =>
  at ? `${placeText(at)}: ${option}: ${text}` : `${flagOf(option)}: ${text}`;

// Options are named as flags here, and every violation gets a line.
function linesOf(error: unknown): string[] {
  const { message, problems, code } = asCoded(error);
  if (problems) return problems.map(problemLine);
  const known = typeof code === "string" && code.startsWith("ERR_PAGEWALK_");
  const unexpected = error instanceof Error && !known ? (error.stack ?? error.message) : undefined;
  return [unexpected ?? String(message)];
}

/** Prints an error to stderr, one line a violation. */
export function reportError(error: unknown): void {
  for (const line of linesOf(error)) process.stderr.write(`pagewalk: ${line}\n`);
}
