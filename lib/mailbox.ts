// SPDX-License-Identifier: MIT
// Eight 64-bit words shared by a machine and the addon: small arguments and answers travel in them, so that a
// call crosses once and makes no object on the native side. The layout is repeated in binding/mailbox.h.
import { typeError } from "./errors.js";
import type { AccessKind, PageSize } from "./native-config.js";
import { show } from "./options/problems.js";

export const accessKinds: readonly AccessKind[] = ["fetch", "load", "store", "modify"];
const kindNumbers = new Map<unknown, number>(accessKinds.map((kind, index) => [kind, index]));
const pageSizes: readonly PageSize[] = ["4KiB", "2MiB", "1GiB"];
const accessFaults = [null, "minor", "major", "protection"] as const;
const faultTypes = ["minor", "minor", "major", "protection"] as const;

/** What a page fault is unless a handler says otherwise. */
export type FaultType = "minor" | "major" | "protection";

/** What one access did. */
export interface AccessResult {
  /** The physical address. */
  pa: bigint;
  /** The size of the page that it lies in. */
  pageSize: PageSize;
  /** The page fault that it took, if any. */
  fault: FaultType | null;
}

/** What a batch of accesses did. */
export interface BatchResult {
  accesses: number;
  /** Look-ups that missed the first level of TLBs. */
  misses: number;
  walks: number;
  faults: number;
}

/** The addon's number of a kind of access. */
export function kindNumber(kind: AccessKind): number {
  const number = kindNumbers.get(kind);
  if (number !== undefined) return number;
  throw typeError(
    "ERR_PAGEWALK_INVALID_ARGUMENT",
    `kind: expected one of ${accessKinds.join(", ")}, got ${show(kind)}`,
  );
}

export class Mailbox {
  readonly buffer = new ArrayBuffer(64);
  readonly #words = new BigUint64Array(this.buffer);
  readonly #halves = new Uint32Array(this.buffer);
  readonly #doubles = new Float64Array(this.buffer);

  putAccess(address: bigint, kind: number): void {
    this.#words[0] = address;
    this.#halves[2] = kind;
  }

  /** The same from a safe integer, without making a bigint of it. */
  putSafeAccess(address: number, kind: number): void {
    this.#halves[0] = address; // modulo 2^32, as typed arrays do
    this.#halves[1] = Math.floor(address / 0x1_0000_0000);
    this.#halves[2] = kind;
  }

  takeOutcome(): AccessResult {
    return {
      pa: this.#words[0]!,
      pageSize: pageSizes[this.#halves[2]!]!,
      fault: accessFaults[this.#halves[3]!]!,
    };
  }

  /** Why the last fault of a process's access came. */
  get faultReason(): number {
    return this.#halves[4]!;
  }
  /** How much of a process's batch or transfer was done; of a read how its last access ended. */
  get done(): number {
    return Number(this.#words[3]!);
  }

  /** The arguments of a system call. */
  putArguments(args: readonly bigint[]): void {
    for (let i = 0; i < 6; ++i) this.#words[i] = args[i] ?? 0n;
  }
  /** An exception that a handler raises. */
  putRaised(vector: number, errorCode: number, address: bigint): void {
    this.#words[4] = BigInt(vector);
    this.#words[5] = BigInt(errorCode);
    this.#words[6] = address;
  }
  /** The numbers of a hook's answer, where no arguments of the call under way are. */
  putAnswer(numbers: readonly bigint[]): void {
    for (let i = 0; i < 3; ++i) this.#words[4 + i] = numbers[i] ?? 0n;
  }
  /** What a system call answered. */
  get value(): bigint {
    return this.#words[0]!;
  }

  takeBatch(): BatchResult {
    const numbers = this.#doubles; // one by one: an array pattern would run an iterator at every batch
    return { accesses: numbers[0]!, misses: numbers[1]!, walks: numbers[2]!, faults: numbers[3]! };
  }

  get faultAddress(): bigint {
    return this.#words[4]!;
  }
  get faultErrorCode(): number {
    return this.#halves[10]!;
  }
  get faultAccess(): AccessKind {
    return accessKinds[this.#halves[11]!]!;
  }
  get faultType(): FaultType {
    return faultTypes[this.#halves[12]!]!;
  }
  get faultInstructionPointer(): bigint | undefined {
    return this.#halves[13] ? this.#words[7]! : undefined;
  }
}
