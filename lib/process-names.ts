// SPDX-License-Identifier: MIT
// Rights, flags and advice of memory calls by name, with Linux's numbers on x86-64 (mman-common.h, mman.h, fcntl.h, shm.h).
import { rangeError, typeError } from "./errors.js";
import { show } from "./options/problems.js";
import { didYouMean } from "./options/suggest.js";

/** One name or several: `"read|write"`, `["read", "write"]`, or the number that Linux takes. */
export type Flags<Name extends string> = Name | (string & {}) | readonly Name[] | number | bigint;

export type Protection = "none" | "read" | "write" | "exec" | "sem" | "growsdown" | "growsup";
export const protections: Record<Protection, number> = {
  none: 0,
  read: 1,
  write: 2,
  exec: 4,
  sem: 8,
  growsdown: 0x100_0000,
  growsup: 0x200_0000,
};

export type MapFlag =
  | "shared"
  | "private"
  | "shared-validate"
  | "fixed"
  | "anonymous"
  | "32bit"
  | "growsdown"
  | "denywrite"
  | "executable"
  | "locked"
  | "noreserve"
  | "populate"
  | "nonblock"
  | "stack"
  | "hugetlb"
  | "fixed-noreplace";
export const mapFlags: Record<MapFlag, number> = {
  shared: 1,
  private: 2,
  "shared-validate": 3,
  fixed: 0x10,
  anonymous: 0x20,
  "32bit": 0x40,
  growsdown: 0x100,
  denywrite: 0x800,
  executable: 0x1000,
  locked: 0x2000,
  noreserve: 0x4000,
  populate: 0x8000,
  nonblock: 0x1_0000,
  stack: 0x2_0000,
  hugetlb: 0x4_0000,
  "fixed-noreplace": 0x10_0000,
};

export type RemapFlag = "maymove" | "fixed" | "dontunmap";
export const remapFlags: Record<RemapFlag, number> = { maymove: 1, fixed: 2, dontunmap: 4 };

export type Advice =
  | "normal"
  | "random"
  | "sequential"
  | "willneed"
  | "dontneed"
  | "free"
  | "remove"
  | "dontfork"
  | "dofork"
  | "mergeable"
  | "unmergeable"
  | "hugepage"
  | "nohugepage"
  | "dontdump"
  | "dodump"
  | "wipeonfork"
  | "keeponfork"
  | "cold"
  | "pageout"
  | "populate-read"
  | "populate-write"
  | "dontneed-locked";
export const advices: Record<Advice, number> = {
  normal: 0,
  random: 1,
  sequential: 2,
  willneed: 3,
  dontneed: 4,
  free: 8,
  remove: 9,
  dontfork: 10,
  dofork: 11,
  mergeable: 12,
  unmergeable: 13,
  hugepage: 14,
  nohugepage: 15,
  dontdump: 16,
  dodump: 17,
  wipeonfork: 18,
  keeponfork: 19,
  cold: 20,
  pageout: 21,
  "populate-read": 22,
  "populate-write": 23,
  "dontneed-locked": 24,
};

export type SyncFlag = "async" | "invalidate" | "sync";
export const syncFlags: Record<SyncFlag, number> = { async: 1, invalidate: 2, sync: 4 };

export type LockFlag = "onfault";
export const lockFlags: Record<LockFlag, number> = { onfault: 1 };

export type LockAllFlag = "current" | "future" | "onfault";
export const lockAllFlags: Record<LockAllFlag, number> = { current: 1, future: 2, onfault: 4 };

export type OpenFlag = "read" | "write" | "create" | "exclusive" | "truncate";
export const openFlags: Record<OpenFlag, number> = {
  read: 0,
  write: 1,
  create: 0o100,
  exclusive: 0o200,
  truncate: 0o1000,
};

export type SegmentFlag = "create" | "exclusive";
export const segmentFlags: Record<SegmentFlag, number> = { create: 0o1000, exclusive: 0o2000 };

export type AttachFlag = "readonly" | "round" | "remap" | "exec";
export const attachFlags: Record<AttachFlag, number> = {
  readonly: 0o10000,
  round: 0o20000,
  remap: 0o40000,
  exec: 0o100000,
};

const mostBits = (1n << 64n) - 1n;

function flagNumber(name: string, names: Record<string, number>, what: string): bigint {
  const number = Object.hasOwn(names, name) ? names[name] : undefined;
  if (number !== undefined) return BigInt(number);
  const known = Object.keys(names);
  const text = `expected ${known.join(", ")}, several of them joined by "|", or a number`;
  throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", `${what}: ${text}; got ${show(name)}${didYouMean(name, known)}`);
}

function namesIn(value: unknown, what: string): readonly string[] {
  if (typeof value === "string") return value.split("|").map((name) => name.trim());
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${what}: expected names or a number, got ${show(value)}`);
}

/** The bits of flags as they were given; any number of 64 bits is Linux's to judge. */
export function flagBits<Name extends string>(value: Flags<Name>, names: Record<Name, number>, what: string): bigint {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) {
    const bits = BigInt(value as number | bigint);
    if (bits >= -(1n << 63n) && bits <= mostBits) return BigInt.asUintN(64, bits);
    throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `${what}: expected 64 bits, got ${show(value)}`);
  }
  return namesIn(value, what).reduce((bits, name) => bits | flagNumber(name, names, what), 0n);
}

const letters: Record<string, bigint> = { r: 1n, w: 2n, x: 4n, "-": 0n };

/** The same for rights, which may also be written as `"rw"` or `"r-x"`. */
export function protectionBits(value: Flags<Protection>, what = "protection"): bigint {
  if (typeof value === "string" && /^[rwx-]{1,3}$/.test(value))
    return Array.from(value).reduce((bits, letter) => bits | letters[letter]!, 0n);
  return flagBits(value, protections, what);
}

/** The same for open(2), where reading and writing is neither the one nor the other: `"read|write"` is O_RDWR. */
export function openBits(value: Flags<OpenFlag>): bigint {
  const bits = flagBits(value, openFlags, "flags");
  if (typeof value === "number" || typeof value === "bigint") return bits;
  const names = namesIn(value, "flags");
  return names.includes("read") && names.includes("write") ? (bits & ~3n) | 2n : bits;
}

/** Names of errno, as far as calls answer with them, with what they mean (errno(3)). */
export const errnos: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  1: ["EPERM", "operation not permitted"],
  2: ["ENOENT", "no such file or segment"],
  3: ["ESRCH", "no such process"],
  9: ["EBADF", "bad file descriptor"],
  11: ["EAGAIN", "resource temporarily unavailable"],
  12: ["ENOMEM", "cannot allocate memory"],
  13: ["EACCES", "permission denied"],
  14: ["EFAULT", "bad address"],
  16: ["EBUSY", "device or resource busy"],
  17: ["EEXIST", "exists already"],
  22: ["EINVAL", "invalid argument"],
  38: ["ENOSYS", "no such call"],
  75: ["EOVERFLOW", "value too large"],
  95: ["EOPNOTSUPP", "operation not supported"],
};

/** signal(7), as far as memory raises them. */
export const signalNames: Readonly<Record<number, SignalName>> = { 7: "SIGBUS", 9: "SIGKILL", 11: "SIGSEGV" };
export type SignalName = "SIGBUS" | "SIGKILL" | "SIGSEGV";
