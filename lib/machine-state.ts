// SPDX-License-Identifier: MIT
// Saved states: what a machine or an MMU is to its page walks, read from a file or from bytes.
import { PagewalkError, typeError } from "./errors.js";
import { addon, type NativeState } from "./native.js";
import { checkedPath } from "./options/path.js";
import { show } from "./options/problems.js";
import type { MachineOptions } from "./options/types.js";
import { nativeMemoryOf, PhysicalMemory } from "./physical-memory.js";
import type { MachineConfig } from "./result.js";

/** What TLBs and structure caches are made of, as options give it. */
export type CacheOptions = Pick<MachineOptions, "cpu" | "tlb" | "psc" | "tlbPolicy" | "seed">;

/** What a state's file says besides registers and memory. */
export interface StateConfig {
  caches: CacheOptions;
  /** Of a machine: its configuration. */
  machine?: MachineConfig;
}

export const cacheNames = ["cpu", "tlb", "psc", "tlbPolicy", "seed"] as const;

/** The text that a state carries; JSON has no bigint, so a seed that needs one is a string there. */
export function configText(config: StateConfig): string {
  return JSON.stringify(config, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refused(message: string): PagewalkError {
  return new PagewalkError("ERR_PAGEWALK_STATE_FORMAT", `the state's configuration: ${message}`);
}

function onlyNames(value: unknown, names: readonly string[], what: string): Record<string, unknown> {
  if (!isObject(value)) throw refused(`${what}: expected an object, got ${show(value)}`);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown === undefined) return value;
  throw refused(`${what}: this build knows ${names.join(", ")}, got ${show(unknown)}`);
}

function configOf(text: string): StateConfig {
  if (text === "") return { caches: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PagewalkError("ERR_PAGEWALK_STATE_CORRUPT", "the state's configuration is no JSON", { cause });
  }
  const config = onlyNames(value, ["caches", "machine"], "it");
  const { seed, ...caches } = onlyNames(config.caches, cacheNames, "caches");
  if (typeof seed === "string" && !/^\d+$/.test(seed))
    throw refused(`seed: expected a whole number, got ${show(seed)}`);
  const seeds = seed === undefined ? {} : { seed: typeof seed === "string" ? BigInt(seed) : seed };
  return { ...config, caches: { ...caches, ...seeds } } as StateConfig;
}

/**
 * Processor, registers and memory as they were saved, by a machine or an MMU. `Mmu.fromState` makes an MMU that works on
 * this memory. Caches are not part of a state: that MMU begins with empty ones.
 */
export class MachineState {
  readonly memory: PhysicalMemory;
  readonly #state: NativeState;
  readonly #config: StateConfig;

  private constructor(from: string | Uint8Array) {
    let memory: PhysicalMemory | undefined;
    this.#state = addon().loadState(from, (bytes) => nativeMemoryOf((memory = new PhysicalMemory(bytes))));
    this.#config = configOf(this.#state.config);
    this.memory = memory!;
  }

  /** The state in a file; `-` is standard input. What is cut, damaged or unknown is refused. */
  static load(path: string): MachineState {
    return new MachineState(checkedPath(path, "path"));
  }
  /** The state that `encodeState` gave. */
  static decode(bytes: Uint8Array): MachineState {
    if (bytes instanceof Uint8Array) return new MachineState(bytes);
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `bytes: expected a Uint8Array, got ${show(bytes)}`);
  }

  get processor(): { maxPhysAddr: number; pages1GiB: boolean } {
    return { ...this.#state.processor };
  }
  get control(): NativeState["control"] {
    return { ...this.#state.control };
  }
  /** Null where it was never written. */
  get cr3(): bigint | null {
    return this.#state.cr3;
  }
  get protectionKeys(): { pkru: bigint; pkrs: bigint } {
    const { pkru, pkrs } = this.#state;
    return { pkru, pkrs };
  }
  /** What TLBs and structure caches were made of, and a machine's configuration. */
  get config(): StateConfig {
    return structuredClone(this.#config);
  }
}
