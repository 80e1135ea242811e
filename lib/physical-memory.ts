// SPDX-License-Identifier: MIT
// Simulated physical memory: sparse, up to 2^52 bytes, usable without a machine.
import { type Address, addressBits } from "./addresses.js";
import { addon, type NativePhysicalMemory } from "./native.js";

/** The addon's memory behind a PhysicalMemory; not part of the public API. */
export let nativeMemoryOf: (memory: PhysicalMemory) => NativePhysicalMemory;

/**
 * Physical memory. What was never written reads as zero and costs nothing. Addresses beyond the end are refused with
 * ERR_PAGEWALK_PHYSICAL_ADDRESS.
 */
export class PhysicalMemory {
  readonly #native: NativePhysicalMemory;

  static {
    nativeMemoryOf = (memory) => memory.#native;
  }

  /** @param bytes whole frames of 4 KiB */
  constructor(bytes: number | bigint) {
    this.#native = new (addon().NativePhysicalMemory)(bytes);
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
