// SPDX-License-Identifier: MIT
// Simulated physical memory: sparse, up to 2^52 bytes, usable without a machine.
import { type Address, addressBits } from "./addresses.js";
import { typeError } from "./errors.js";
import { addon, type NativePhysicalMemory } from "./native.js";
import { checkNames } from "./options/names.js";
import { show } from "./options/problems.js";
import { parseSize } from "./options/sizes.js";

/** The addon's memory behind a PhysicalMemory; not part of the public API. */
export let nativeMemoryOf: (memory: PhysicalMemory) => NativePhysicalMemory;

export interface PhysicalMemoryOptions {
  /** Bytes, or a size such as `"8GiB"`. */
  size: number | bigint | string;
}

/**
 * Physical memory. What was never written reads as zero and costs nothing. Addresses beyond the end are refused with
 * ERR_PAGEWALK_PHYSICAL_ADDRESS.
 */
export class PhysicalMemory {
  readonly #native: NativePhysicalMemory;

  static {
    nativeMemoryOf = (memory: unknown) => {
      if (typeof memory === "object" && memory !== null && #native in memory) return memory.#native;
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `memory: expected a PhysicalMemory, got ${show(memory)}`);
    };
  }

  /** @param size whole frames of 4 KiB: bytes, or `{ size }` with bytes or a size such as `"8GiB"` */
  constructor(size: number | bigint | PhysicalMemoryOptions) {
    this.#native = new (addon().NativePhysicalMemory)(typeof size === "object" ? sizeOf(size) : size);
  }

  /** In bytes. */
  get size(): number {
    return this.#native.size();
  }
  get frames(): number {
    return this.size / 4096;
  }
  /** Host memory behind the simulated bytes. */
  get committedBytes(): number {
    return this.#native.committedBytes();
  }

  /** The 64-bit word at an address that is a multiple of 8. */
  read64(address: Address): bigint {
    return this.#native.read64(addressBits(address));
  }
  write64(address: Address, value: Address): void {
    this.#native.write64(addressBits(address), addressBits(value, "value"));
  }

  /** Fills `bytes` from an address of any alignment, and returns it. */
  read(address: Address, bytes: Uint8Array): Uint8Array {
    this.#native.read(addressBits(address), bytes);
    return bytes;
  }
  write(address: Address, bytes: Uint8Array): void {
    this.#native.write(addressBits(address), bytes);
  }

  zeroFrame(frame: number): void {
    this.#native.zeroFrame(frame);
  }
  copyFrame(from: number, to: number): void {
    this.#native.copyFrame(from, to);
  }

  /** Everything reads as zero again. */
  clear(): void {
    this.#native.clear();
  }
}

function sizeOf(options: PhysicalMemoryOptions): number | bigint {
  checkNames("options", options, ["size"]);
  const { size } = options;
  if (typeof size !== "string") return size;
  const bytes = parseSize(size);
  if (typeof bytes === "bigint") return bytes;
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `size: ${bytes.problem}; got ${show(size)}`);
}
