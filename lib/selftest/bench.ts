// SPDX-License-Identifier: MIT
// What the parts of a self-test stand on: machines of one configuration that check themselves, and random numbers.
import { Machine } from "../machine.js";
import type { MachineOptions } from "../options/types.js";

/** What is expected of the machine did not happen. */
export class Unexpected extends Error {}

/** The generator mulberry32: 32 bits of state, the same on every host. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `end` - 1. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }
}

/** Some memory, so that it runs out soon. */
export const smallMemory = 4 << 20;

export class Bench {
  readonly random: Random;
  readonly #options: MachineOptions;
  readonly #machines: Machine[] = [];

  constructor(options: MachineOptions) {
    this.#options = options;
    this.random = new Random(Number(BigInt.asUintN(32, BigInt(options.seed ?? 0))) ^ 0x9e3779b9);
  }

  /** A machine of the configuration with some options changed, or left out; closed with the bench. */
  machine(changes: MachineOptions = {}, without: readonly (keyof MachineOptions)[] = []): Machine {
    const options = Object.entries(this.#options).filter(([name]) => !without.includes(name as keyof MachineOptions));
    const machine = new Machine({ ...(Object.fromEntries(options) as MachineOptions), ...changes });
    this.#machines.push(machine);
    return machine;
  }
  /** For processes: the options that these do not have are left out. */
  system(changes: MachineOptions = {}, without: readonly (keyof MachineOptions)[] = []): Machine {
    return this.machine({ contents: true, ...changes }, ["residentLimit", "pageSize", "tlbPolicy", ...without]);
  }
  /** The same with little memory. */
  smallSystem(changes: MachineOptions = {}): Machine {
    return this.system({ memory: smallMemory, ...changes }, ["memoryMap"]);
  }

  expect(holds: boolean, what: string): void {
    if (!holds) throw new Unexpected(`expected ${what}`);
  }
  /** The machine is healthy, and closed: what it says of itself. */
  expectHealthy(machine: Machine): void {
    const { problems } = machine.health();
    if (problems.length > 0) throw new Unexpected(problems.join("; "));
  }

  close(): void {
    for (const machine of this.#machines) machine.close();
  }
}
