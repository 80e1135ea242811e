// SPDX-License-Identifier: MIT
// Addresses as callers give them: a safe integer (negative ones are sign-extended), a bigint or a hex string.
import { rangeError, typeError } from "./errors.js";
import { show } from "./options/problems.js";
import { parseSize } from "./options/sizes.js";

/** An address: a safe integer, a bigint, or a string such as `"0x7fff1000"`. */
export type Address = number | bigint | string;

const hex = /^0x[0-9a-f]{1,16}$/i;

/** The address as 64 bits without sign. */
export function addressBits(address: Address, name = "address"): bigint {
  if (typeof address === "number") return BigInt.asUintN(64, BigInt(safeAddress(address, name)));
  if (typeof address === "bigint") return BigInt.asUintN(64, addressIn64Bits(address, name));
  if (typeof address === "string" && hex.test(address)) return BigInt(address);
  const expected = "expected a number, a bigint or a string such as '0x7fff1000'";
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: ${expected}, got ${show(address)}`);
}

/** A number of bytes as 64 bits without sign: as an address, or a size such as `"64KiB"`. */
export function byteBits(bytes: Address, name: string): bigint {
  if (typeof bytes !== "string" || hex.test(bytes)) return addressBits(bytes, name);
  const size = parseSize(bytes);
  if (typeof size === "bigint") return BigInt.asUintN(64, addressIn64Bits(size, name));
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: ${size.problem}; got ${show(bytes)}`);
}

const least = -(1n << 63n);
const most = (1n << 64n) - 1n;

/** A bigint of at most 64 bits, with or without sign. */
export function addressIn64Bits(address: bigint, name = "address"): bigint {
  if (address >= least && address <= most) return address;
  throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `${name}: expected 64 bits, got ${show(address)}`);
}

/** A number that is exact as an address. */
export function safeAddress(address: number, name = "address"): number {
  if (Number.isSafeInteger(address)) return address;
  const advice = "give a bigint or a hex string";
  throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `${name}: expected a safe integer, got ${show(address)}; ${advice}`);
}

/** Addresses in bulk, as the addon takes them. */
export function addressArray(addresses: unknown): BigUint64Array | Float64Array {
  if (addresses instanceof BigUint64Array || addresses instanceof Float64Array) return addresses;
  if (Array.isArray(addresses)) {
    return BigUint64Array.from(addresses, (address, index) => addressBits(address as Address, `addresses[${index}]`));
  }
  const expected = "expected a BigUint64Array, a Float64Array or an array of addresses";
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `addresses: ${expected}, got ${show(addresses)}`);
}
