// SPDX-License-Identifier: MIT
// Accesses that were refused, as JavaScript sees them, and the errors that they become.
import { PagewalkError } from "./errors.js";
import type { AccessKind } from "./native-config.js";
import type { FaultReason, NativeViolation } from "./native-system.js";
import { signalNames } from "./process-names.js";

/** One access that was refused: who, where, why. */
export interface Violation {
  readonly pid: number;
  readonly address: bigint;
  readonly instructionPointer: bigint;
  readonly kind: AccessKind;
  readonly reason: FaultReason;
  readonly signal: "SIGSEGV" | "SIGBUS";
  /** si_code of the signal (sigaction(2)). */
  readonly siCode: number;
  /** The processor's error code: P, W/R, U/S, RSVD, I/D, PK from bit 0 on. */
  readonly errorCode: number;
  /** Nanoseconds of simulated time. */
  readonly time: number;
}

/** What a violation has to have to be listed; what is absent does not matter. */
export type ViolationFilter = { readonly [Name in "pid" | "reason" | "signal" | "kind"]?: Violation[Name] | undefined };

export function violationOf(native: NativeViolation): Violation {
  return Object.freeze({ ...native, signal: signalNames[native.signal] as Violation["signal"] });
}

const sentences: Partial<Record<FaultReason, string>> = {
  "guard-page": "the page is a guard page",
  "kernel-access": "the address belongs to the kernel",
  "write-to-read-only": "the page is read-only",
  "execute-of-no-execute": "the page may not be executed",
  "protection-key": "the page's protection key refuses it",
  "reserved-bit": "the page tables are corrupt",
  "bad-address": "nothing is mapped there",
  "beyond-object": "the page lies behind the end of its file",
};

/** The error of a call whose access was refused; `where` it stood among others. */
export function refusal(violation: Violation, ended: boolean, where: string): PagewalkError {
  const { kind, address, pid, reason, signal } = violation;
  const why = sentences[reason] ?? reason;
  const end = ended ? `; the process ended with ${signal}` : "";
  const message = `process ${pid}: ${kind} at 0x${address.toString(16)}: ${why}${end}${where}`;
  return new PagewalkError(signal === "SIGBUS" ? "ERR_PAGEWALK_BUS" : "ERR_PAGEWALK_SEGV", message, { violation });
}
