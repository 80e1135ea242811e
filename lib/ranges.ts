// SPDX-License-Identifier: MIT
// Ranges of a process whose page faults JavaScript handles, as with userfaultfd(2).
import { type Address, addressBits, byteBits } from "./addresses.js";
import { askAndWait } from "./asked.js";
import { PagewalkError, typeError } from "./errors.js";
import type { Mailbox } from "./mailbox.js";
import type { NativeRangeFault, NativeSystem, RangeCall } from "./native-system.js";
import { show } from "./options/problems.js";
import { bytesOf, functionOf, objectOf } from "./arguments.js";

/** Which faults: pages that are nowhere, stores to protected pages, pages of shared memory that are not mapped. */
export type RangeMode = "missing" | "write-protect" | "minor";

/** A fault of a range. */
export interface RangeFault {
  readonly pid: number;
  /** What was accessed. */
  readonly address: bigint;
  /** Of the page that it lies in. */
  readonly page: bigint;
  readonly kind: RangeMode;
  /** Whether the access is a store. */
  readonly write: boolean;
}

/**
 * Called at the fault. It may resolve it at once with the calls of the range, or return a promise, or leave it to somebody
 * else: the process is blocked until the page is there, or woken.
 */
export type RangeHandler = (fault: RangeFault, range: UserRange) => void | PromiseLike<void>;

/** How a range is registered. */
export interface RangeOptions {
  /** Default `["missing"]`. */
  modes?: readonly RangeMode[];
  handler?: RangeHandler;
  /** No fault waits; each ends in SIGBUS (UFFD_FEATURE_SIGBUS). Default false. */
  busErrors?: boolean;
  /** `writeProtect` holds for anonymous pages that are nowhere yet, too (UFFD_FEATURE_WP_UNPOPULATED). Default false. */
  protectUnpopulated?: boolean;
}

/** How pages are filled. */
export interface FillOptions {
  /** Whether whoever waits for the pages goes on. Default true. */
  wake?: boolean;
  /** Whether the pages are protected from stores at once. Default false. */
  protect?: boolean;
}

const modeBits: Record<RangeMode, bigint> = { missing: 1n, "write-protect": 2n, minor: 4n };
const dontWake = 1n;
const protectFilled = 2n;
const protectMode = 1n;
const protectDontWake = 2n;
const pageMask = 4095n;

function modesOf(modes: readonly RangeMode[]): bigint {
  let bits = 0n;
  if (!Array.isArray(modes))
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `modes: expected an array, got ${show(modes)}`);
  for (const mode of modes) {
    const bit = Object.hasOwn(modeBits, mode) ? modeBits[mode as RangeMode] : undefined;
    if (bit === undefined) {
      const text = `modes: expected 'missing', 'write-protect' or 'minor', got ${show(mode)}`;
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", text);
    }
    bits |= bit;
  }
  return bits;
}

const fillMode = ({ wake = true, protect = false }: FillOptions): bigint =>
  (wake ? 0n : dontWake) | (protect ? protectFilled : 0n);

/** What ranges need of their system. */
export interface RangeParts {
  native: NativeSystem;
  mailbox: Mailbox;
  /** The error of a call that Linux would refuse. */
  error: (pid: number, syscall: string, errno: number) => PagewalkError;
}

/** The ranges of a machine's processes, and who waits for them. */
export class Ranges {
  readonly parts: RangeParts;
  readonly #ranges = new Map<number, UserRange>();
  readonly #waiting = new Map<number, { settle: (error?: unknown) => void }>();

  constructor(parts: RangeParts) {
    this.parts = parts;
  }

  open(pid: number, address: Address, length: Address, options: RangeOptions): UserRange {
    const { modes = ["missing"], handler, busErrors, protectUnpopulated } = objectOf(options, "options");
    if (handler !== undefined) functionOf(handler, "handler");
    const where = [addressBits(address), byteBits(length, "length"), modesOf(modes)];
    const number = this.parts.native.openRange(pid, busErrors === true, protectUnpopulated === true);
    const range = new UserRange(this, pid, number, handler);
    this.#ranges.set(number, range);
    try {
      range.call("register", "UFFDIO_REGISTER", where);
    } catch (error) {
      range.close();
      throw error;
    }
    return range;
  }
  forget(number: number): void {
    this.#ranges.delete(number);
  }

  /** What the addon asks at a fault. */
  readonly answer = (detail: NativeRangeFault): number => {
    const range = this.#ranges.get(detail.range);
    const handler = range?.handler;
    if (range === undefined || handler === undefined) return 0;
    const { pid, address, kind, write } = detail;
    const fault: RangeFault = Object.freeze({ pid, address, page: address & ~pageMask, kind, write });
    const later = askAndWait("a range's handler", () => handler(fault, range));
    later?.then(undefined, (error: unknown) => this.#giveUp(range, fault, error));
    return 0;
  };

  /** Until somebody wakes the process, or it has ended. */
  async wait(pid: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(pid, { settle: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  }

  /** Whoever is not blocked any more goes on. */
  settle(): void {
    for (const [pid, { settle }] of this.#waiting) {
      if (this.#isBlocked(pid)) continue;
      this.#waiting.delete(pid);
      settle();
    }
  }
  /** The machine is closed. */
  abandon(): void {
    for (const { settle } of this.#waiting.values())
      settle(new PagewalkError("ERR_PAGEWALK_CLOSED", "the machine was closed or reset"));
    this.#waiting.clear();
    this.#ranges.clear();
  }

  #isBlocked(pid: number): boolean {
    return this.parts.native.processes().includes(pid) && this.parts.native.process(pid).state === "blocked";
  }

  // The access that waits, if it does, fails with what the handler failed with; the process runs again.
  #giveUp(range: UserRange, fault: RangeFault, error: unknown): void {
    const waiting = this.#waiting.get(fault.pid);
    this.#waiting.delete(fault.pid);
    if (this.#ranges.has(range.number)) range.wake(fault.page, 4096);
    waiting?.settle(error);
  }
}

/**
 * A range of a process whose page faults are handled here, made by `process.registerRange()`. Calls that Linux would refuse
 * throw ERR_PAGEWALK_SYSTEM_CALL with the ioctl as `syscall`.
 */
export class UserRange {
  readonly pid: number;
  /** @internal */
  readonly number: number;
  /** @internal */
  readonly handler: RangeHandler | undefined;
  readonly #ranges: Ranges;

  /** @internal */
  constructor(ranges: Ranges, pid: number, number: number, handler: RangeHandler | undefined) {
    this.#ranges = ranges;
    this.pid = pid;
    this.number = number;
    this.handler = handler;
  }

  /** UFFDIO_REGISTER: more of the process's memory, or other modes. */
  register(address: Address, length: Address, modes: readonly RangeMode[] = ["missing"]): void {
    this.call("register", "UFFDIO_REGISTER", [addressBits(address), byteBits(length, "length"), modesOf(modes)]);
  }
  /** UFFDIO_UNREGISTER: the machine handles these faults again; whoever waits goes on. */
  unregister(address: Address, length: Address): void {
    this.call("unregister", "UFFDIO_UNREGISTER", [addressBits(address), byteBits(length, "length")]);
  }

  /** UFFDIO_COPY: pages with these bytes, a multiple of 4096, where none are. Errno is EAGAIN if only some could be. */
  copy(address: Address, bytes: Uint8Array, options: FillOptions = {}): void {
    const mode = fillMode(objectOf(options, "options"));
    this.call("copy", "UFFDIO_COPY", [addressBits(address), 0n, mode], bytesOf(bytes));
  }
  /** UFFDIO_ZEROPAGE: pages of zeros where none are. */
  zeroPage(address: Address, length: Address, options: { wake?: boolean } = {}): void {
    const mode = fillMode({ wake: objectOf(options, "options").wake ?? true });
    this.call("zero", "UFFDIO_ZEROPAGE", [addressBits(address), byteBits(length, "length"), mode]);
  }
  /** UFFDIO_CONTINUE: maps what shared memory has there already. */
  continue(address: Address, length: Address, options: FillOptions = {}): void {
    const mode = fillMode(objectOf(options, "options"));
    this.call("continue", "UFFDIO_CONTINUE", [addressBits(address), byteBits(length, "length"), mode]);
  }
  /** UFFDIO_WRITEPROTECT: stores to these pages fault from now on, or go on. */
  writeProtect(address: Address, length: Address, on: boolean, options: { wake?: boolean } = {}): void {
    const { wake = true } = objectOf(options, "options");
    const mode = on ? protectMode : wake ? 0n : protectDontWake;
    this.call("protect", "UFFDIO_WRITEPROTECT", [addressBits(address), byteBits(length, "length"), mode]);
  }
  /** UFFDIO_WAKE: whoever waits for these pages makes the access again. */
  wake(address: Address, length: Address): void {
    this.call("wake", "UFFDIO_WAKE", [addressBits(address), byteBits(length, "length")]);
  }

  /** Gives every range of it back, and wakes whoever waits. */
  close(): void {
    const { parts } = this.#ranges;
    parts.native.rangeCall(this.number, "close", undefined);
    this.#ranges.forget(this.number);
    this.#ranges.settle();
  }

  /** @internal */
  call(call: RangeCall, ioctl: string, args: readonly bigint[], bytes?: Uint8Array): void {
    const { native, mailbox, error } = this.#ranges.parts;
    mailbox.putArguments(args);
    const errno = native.rangeCall(this.number, call, bytes);
    this.#ranges.settle();
    if (errno !== 0) throw error(this.pid, ioctl, errno);
  }
}
