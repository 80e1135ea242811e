// SPDX-License-Identifier: MIT
// Whatever JavaScript passes in: an error number of Linux's or a coded error, never a crash, and memory stays in order.
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Machine, type MachineOptions } from "../../lib/index.js";
import { Process } from "../../lib/process.js";
import { Random } from "../support/random.js";

const page = 4096n;
const odd: readonly unknown[] = [
  undefined,
  null,
  true,
  "",
  "garbage",
  "read|write",
  "rw",
  "fixed|private",
  "0x1000",
  "0xffffffffffffffff",
  "64KiB",
  "1PiB",
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  0.5,
  -1,
  -4096,
  1,
  4095,
  4096,
  2 ** 31,
  2 ** 32,
  2 ** 47,
  2 ** 53,
  1e300,
  -1n,
  0n,
  2n ** 47n - page,
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 64n,
  -(2n ** 63n) - 1n,
  {},
  [],
  [1, "x"],
  () => "return",
  Symbol("odd"),
  new Uint8Array(3),
  new Uint8Array(0),
  new Float64Array([Number.NaN, -5]),
  new BigUint64Array([1n, 2n ** 64n - 1n]),
  new Date(0),
  new Proxy({}, {}),
];

const methods = Object.getOwnPropertyNames(Process.prototype).filter((name) => name !== "constructor");
const machineMethods = ["createFile", "readFile", "setExceptionHandler", "createProcess", "process", "violations"];
// What they add stays until it is removed.
const hooks = Object.getOwnPropertyNames(Machine.prototype).filter((name) => /^on[A-Z]/.test(name));

// Of each seed; the long form sets it.
const callsOfSeed = Number(process.env.PAGEWALK_MISUSE_CALLS ?? 500);
const options: MachineOptions = { memory: "2MiB", contents: true, swap: [{ size: "1MiB" }], protectionKeys: true };

// An argument: odd, or one that often makes sense.
function argument(random: Random, addresses: readonly bigint[]): unknown {
  const kind = random.below(6);
  if (kind === 0) return random.one(odd);
  if (kind === 1) return random.one(addresses) + BigInt(random.below(20) - 2) * page;
  if (kind === 2) return random.below(12) * 4096;
  if (kind === 3) return random.below(64);
  if (kind === 4) return random.one(["dontneed", "read", "none", "populate", "maymove", "current", "SIGSEGV", "store"]);
  return {
    length: random.one([random.one(odd), random.below(40) * 4096]),
    address: random.one([undefined, random.one(odd), random.one(addresses)]),
    protection: random.one([undefined, random.one(odd), random.below(16)]),
    flags: random.one([undefined, random.one(odd), "fixed", "shared", "populate", "noreserve", random.below(2 ** 21)]),
    file: random.one([undefined, random.one(odd), random.below(3)]),
    size: random.one(odd),
    offset: random.one([undefined, random.one(odd)]),
    limits: random.one([undefined, {}, { data: random.one(odd) }]),
  };
}

function isExpected(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && code.startsWith("ERR_PAGEWALK_") && code !== "ERR_PAGEWALK_INTERNAL";
}

function invoke(target: object, name: string, args: readonly unknown[]): unknown {
  const property = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), name)!;
  if (property.get && args.length === 0) return property.get.call(target);
  if (property.set) return property.set.call(target, args[0]);
  return (property.value as ((...given: readonly unknown[]) => unknown) | undefined)?.apply(target, args);
}

// What a call answers; a process that waits for its handler may wait for ever, and then nothing.
async function answerOf(call: () => unknown): Promise<unknown> {
  const answer = Promise.resolve(call());
  answer.catch(() => {});
  return Promise.race([answer, nextTurn(undefined)]);
}

// Calls with random arguments; what threw without a code of ours.
async function storm(seed: number, calls: number): Promise<string[]> {
  const random = new Random(seed);
  const machine = new Machine(options);
  machine.createFile("file", 10_000);
  const unexpected: string[] = [];
  const removers: unknown[] = [];
  const living = (): Process[] => machine.processes().filter(({ state }) => state === "running");
  for (let i = 0; i < calls; ++i) {
    if (living().length === 0) {
      while (removers.length > 0) (removers.pop() as () => void)(); // a hook may have refused the frames of a new one
      machine.createProcess();
    }
    const processes = living();
    const process = random.one(processes);
    if (processes.length > 6) process.exit();
    const addresses = process.vmas().map(({ start }) => start);
    const onMachine = random.below(12) === 0;
    const name = random.one(onMachine ? [...machineMethods, random.one(hooks)] : methods);
    const args = Array.from({ length: random.below(5) }, () => argument(random, [...addresses, 0n]));
    try {
      // oxlint-disable-next-line no-await-in-loop -- one call after the other
      const answer = await answerOf(() => invoke(onMachine ? machine : process, name, args));
      if (typeof answer === "function") removers.push(answer);
    } catch (error) {
      if (!isExpected(error)) unexpected.push(`${name}: ${String(error)}`);
      // A machine that stopped stays so: a replaced exception handler may have stopped it.
      if (machine.tripleFault) return unexpected;
    }
    for (const { pid } of machine.processes()) machine.process(pid)!.reap();
    if (random.below(4) === 0) (removers.pop() as (() => void) | undefined)?.();
  }
  unexpected.push(...machine.health().problems);
  for (const process of machine.processes())
    if (process.state !== "ended" && process.state !== "suspended") process.exit();
  unexpected.push(...machine.health().problems);
  machine.close();
  return unexpected;
}

describe("any arguments", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))("leave memory in order (seed %i)", async (seed) => {
    expect(await storm(seed, callsOfSeed)).toEqual([]);
  });

  it("are refused one by one with a code, by every method", async () => {
    for (const name of methods) {
      for (const value of odd) {
        const unexpected: unknown[] = [];
        using machine = new Machine(options);
        const process = machine.createProcess();
        for (const args of [
          [value],
          [value, value],
          [0x1000, value],
          [value, 4096, value],
          [4096, 4096, 4096, value],
        ]) {
          try {
            // oxlint-disable-next-line no-await-in-loop -- one call after the other
            if (process.state === "running") await answerOf(() => invoke(process, name, args));
          } catch (error) {
            if (!isExpected(error)) unexpected.push(error);
          }
        }
        expect([...unexpected, ...machine.health().problems]).toEqual([]);
      }
    }
  });
});
