// SPDX-License-Identifier: MIT
// Policies written in JavaScript: what they are told, that they count like their native twins, and that none of them
// breaks the machine.
import { describe, expect, it } from "vitest";
import { Clock } from "../../examples/policies/clock.mjs";
import { Fifo } from "../../examples/policies/fifo.mjs";
import { Lru } from "../../examples/policies/lru.mjs";
import { Sieve } from "../../examples/policies/sieve.mjs";
import { Machine, type MachineOptions, type ReplacementPolicy, Trace } from "../../lib/index.js";
import { rejectionOf, thrownBy } from "../support/errors.js";
import { sharedTrace } from "../support/shared.js";
import { chance, pagesOf, traceOf } from "../support/streams.js";

const twins = { fifo: Fifo, lru: Lru, sieve: Sieve, clock: Clock } as unknown as Record<
  string,
  new () => ReplacementPolicy
>;

const page = (number: number): number => number * 4096;

/** FIFO that notes what it is told. */
class Recorder implements ReplacementPolicy {
  name = "recorder";
  events: string[] = [];
  pages: number[] = [];
  onReset({ capacity, observe }: { capacity: number; observe: string }): void {
    this.events.push(`reset ${capacity} ${observe}`);
    this.pages = [];
  }
  onInsert(pages: Float64Array, slots: Uint32Array): void {
    this.#note("insert", pages, slots);
    this.pages.push(...pages);
  }
  onAccess(pages: Float64Array, slots: Uint32Array, counts: Uint32Array): void {
    pages.forEach((one, i) => this.events.push(`access ${one} in ${slots[i]} x${counts[i]}`));
  }
  onRemove(pages: Float64Array, slots: Uint32Array): void {
    this.#note("remove", pages, slots);
    this.pages = this.pages.filter((one) => !pages.includes(one));
  }
  chooseVictim(fault: number): number {
    this.events.push(`choose for ${fault}`);
    return this.pages[0]!;
  }
  #note(what: string, pages: Float64Array, slots: Uint32Array): void {
    pages.forEach((one, i) => this.events.push(`${what} ${one} in ${slots[i]}`));
  }
  take(): string[] {
    return this.events.splice(0);
  }
}

/** FIFO that does something else now and then. */
const fifoBut = (changes: Partial<ReplacementPolicy>): ReplacementPolicy => {
  const pages: number[] = [];
  return {
    name: "changed-fifo",
    onInsert: (loaded) => void pages.push(...loaded),
    onRemove: (left) => left.forEach((one) => void pages.splice(pages.indexOf(one), 1)),
    chooseVictim: () => pages[0]!,
    ...changes,
  };
};

async function outcomeOf(trace: Trace | string, options: MachineOptions, policy?: ReplacementPolicy) {
  using machine = new Machine(options);
  if (policy) machine.registerPolicy(policy);
  const { faults, replacement, tlb, walks, memory } = await machine.run(trace);
  expect(machine.validate()).toEqual([]);
  return { faults, replacement: { ...replacement, policy: "" }, tlb, walks, memory };
}

describe("what a policy is told", () => {
  it("comes in order: inserts, runs of references, the question, the removal", () => {
    using machine = new Machine({ residentLimit: 2, modify: "once" });
    const policy = new Recorder();
    machine.registerPolicy(policy);
    machine.accessMany(Float64Array.of(page(1), page(1), page(1), page(2), page(1), page(3)));
    expect(policy.take()).toEqual([
      "reset 2 exact",
      "insert 1 in 0",
      "access 1 in 0 x2",
      "insert 2 in 1",
      "access 1 in 0 x1",
      "choose for 3",
      "remove 1 in 0",
      "insert 3 in 0",
    ]);
  });

  it("is told by the end of each call", () => {
    using machine = new Machine({ residentLimit: 2 });
    const policy = new Recorder();
    machine.registerPolicy(policy);
    machine.access(page(1));
    expect(policy.take()).toEqual(["reset 2 exact", "insert 1 in 0"]);
    machine.access(page(1));
    expect(policy.take()).toEqual(["access 1 in 0 x1"]);
  });

  it("leaves references out where there is no onAccess", () => {
    using machine = new Machine({ residentLimit: 2 });
    const policy = new Recorder();
    Object.assign(policy, { onAccess: undefined });
    machine.registerPolicy(policy);
    machine.accessMany(Float64Array.of(page(1), page(1), page(2)));
    expect(policy.take()).toEqual(["reset 2 exact", "insert 1 in 0", "insert 2 in 1"]);
  });

  it("has page numbers of the machine's page size, of high addresses too", () => {
    using machine = new Machine({ pageSize: "2MiB", residentLimit: 1 });
    const policy = new Recorder();
    machine.registerPolicy(policy);
    machine.access(0xffff_ffff_ffff_f000n);
    expect(policy.take().at(-1)).toBe(`insert ${0xffff_ffff_ffff_f000n >> 21n} in 0`);
  });

  it("is a use of the page it named, with hardware observation, and then another question", () => {
    using machine = new Machine({ residentLimit: 1, observe: "hardware" });
    const policy = new Recorder();
    machine.registerPolicy(policy);
    machine.access(page(1));
    machine.access(page(2));
    expect(policy.take()).toEqual([
      "reset 1 hardware",
      "insert 1 in 0",
      "choose for 2",
      "access 1 in 0 x1",
      "choose for 2",
      "remove 1 in 0",
      "insert 2 in 0",
    ]);
  });

  it("is, at a reset, the removal of every page, or onReset where there is one", () => {
    using machine = new Machine({ residentLimit: 3 });
    const policy = fifoBut({});
    const removed: number[] = [];
    const onRemove = policy.onRemove.bind(policy);
    policy.onRemove = (pages, slots) => {
      removed.push(...pages);
      onRemove(pages, slots);
    };
    machine.registerPolicy(policy);
    machine.accessMany(Float64Array.of(page(1), page(2), page(3), page(4)));
    expect(removed.splice(0)).toEqual([1]);
    machine.reset();
    expect(removed.toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
  });

  it("has every event of a long run, however many there are in one batch", () => {
    using machine = new Machine({ residentLimit: 50_000 });
    let [inserts, accesses] = [0, 0];
    machine.registerPolicy({
      name: "counter",
      onInsert: (pages) => void (inserts += pages.length),
      onAccess: (_pages, _slots, counts) => counts.forEach((count) => void (accesses += count)),
      onRemove: () => {},
      chooseVictim: () => Number.NaN,
    });
    const pages = Float64Array.from({ length: 120_000 }, (_, i) => page(i % 50_000));
    machine.accessMany(pages);
    expect([inserts, accesses]).toEqual([50_000, 70_000]);
  });
});

describe.each(Object.keys(twins))("%s in JavaScript counts like its native twin", (name) => {
  const Policy = twins[name]!;

  it.each(["exact", "hardware"] as const)("on random streams, with %s observation", async (observe) => {
    for (let seed = 0; seed < 12; ++seed) {
      using trace = traceOf(pagesOf(seed, 6000, 300, seed % 2 === 0 ? 1 : 513));
      const residentLimit = 1 + Math.floor(chance(seed + 100)() * 200);
      const native = await outcomeOf(trace, { residentLimit, observe, policy: name });
      expect(await outcomeOf(trace, { residentLimit, observe }, new Policy()), `seed ${seed}`).toEqual(native);
    }
  });

  it("after a reset as before, and with 2 MiB pages and several references to a page in a row", async () => {
    const addresses = pagesOf(1, 4000, 90).flatMap((one) => [one * 2 ** 20, one * 2 ** 20 + 64]);
    using trace = Trace.fromAddresses(Float64Array.from(addresses));
    const options = { pageSize: "2MiB", residentLimit: 17 } as const;
    const native = await outcomeOf(trace, { ...options, policy: name });
    using machine = new Machine(options);
    machine.registerPolicy(new Policy());
    for (let round = 0; round < 2; ++round) {
      expect((await machine.run(trace)).faults).toEqual(native.faults);
      machine.reset();
    }
  });

  it.each(["sqlite", "redis"])(
    "on %s",
    async (file) => {
      const path = sharedTrace(file);
      if (!path) return;
      using trace = await Trace.open(path);
      for (const observe of ["exact", "hardware"] as const) {
        const options = { residentLimit: "10%", refs: "data", observe } as const;
        const native = await outcomeOf(trace, { ...options, policy: name });
        expect(native.faults.major).toBeGreaterThan(100);
        expect(await outcomeOf(trace, options, new Policy())).toEqual(native);
      }
    },
    120_000,
  );
});

describe("several victims at once", () => {
  it("are evicted in their order, one a fault", () => {
    using machine = new Machine({ residentLimit: 4 });
    const removed: number[] = [];
    let asked = 0;
    machine.registerPolicy({
      name: "several",
      onInsert: () => {},
      onRemove: (pages) => void removed.push(...pages),
      chooseVictim: () => (++asked === 1 ? [3, 1, 2] : 4),
    });
    machine.accessMany(Float64Array.from({ length: 8 }, (_, i) => page(i + 1)));
    expect(removed).toEqual([3, 1, 2, 4]);
    expect(asked).toBe(2);
  });
});

describe("a policy that is none", () => {
  const good = { onInsert() {}, onRemove() {}, chooseVictim: () => 0 };
  it.each([
    [undefined, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    ["lru", "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{}, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good }, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good, name: "" }, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good, name: "a:b=1" }, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good, name: "mine", onInsert: undefined }, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good, name: "mine", onRemove: 1 }, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good, name: "mine", chooseVictim: null }, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good, name: "mine", onAccess: null }, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{ ...good, name: "mine", onAcces() {} }, "ERR_PAGEWALK_UNKNOWN_NAME"],
    [{ ...good, name: "lru" }, "ERR_PAGEWALK_NAME_TAKEN"],
    [{ ...good, name: "belady" }, "ERR_PAGEWALK_NAME_TAKEN"],
  ])("%o is refused with %s, and the machine stays as it was", (policy, code) => {
    using machine = new Machine({ residentLimit: 1 });
    expect(thrownBy(() => machine.registerPolicy(policy as ReplacementPolicy)).code).toBe(code);
    machine.accessMany(Float64Array.of(page(1), page(2)));
    expect(machine.config.policy).toBe("lru");
    expect(machine.validate()).toEqual([]);
  });

  it("is one that is registered already; another takes its place", () => {
    using machine = new Machine({ residentLimit: 1 });
    machine.registerPolicy(fifoBut({}));
    expect(thrownBy(() => machine.registerPolicy(fifoBut({}))).code).toBe("ERR_PAGEWALK_NAME_TAKEN");
    machine.registerPolicy(fifoBut({ name: "second" }));
    expect(machine.config.policy).toBe("second");
  });

  it("comes too late once something was simulated, until a reset", () => {
    using machine = new Machine({ residentLimit: 2 });
    machine.access(page(1));
    expect(thrownBy(() => machine.registerPolicy(fifoBut({}))).code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
    machine.reset();
    machine.registerPolicy(fifoBut({}));
    machine.accessMany(Float64Array.of(page(1), page(2), page(3)));
    expect(machine.stats().replacement.evictions).toBe(1);
  });

  it("comes too late while a run goes on and after close", async () => {
    const machine = new Machine();
    using trace = traceOf(pagesOf(1, 1000, 10));
    const run = machine.run(trace);
    expect(thrownBy(() => machine.registerPolicy(fifoBut({}))).code).toBe("ERR_PAGEWALK_BUSY");
    await run;
    machine.close();
    expect(thrownBy(() => machine.registerPolicy(fifoBut({}))).code).toBe("ERR_PAGEWALK_CLOSED");
  });
});

describe("a wrong answer", () => {
  const answers: [string, () => unknown][] = [
    ["a page that is not resident", () => 77],
    ["the page that is being loaded", () => 3],
    ["nothing", () => undefined],
    ["null", () => null],
    ["NaN", () => Number.NaN],
    ["infinity", () => Number.POSITIVE_INFINITY],
    ["a negative number", () => -1],
    ["a fraction", () => 1.5],
    ["2^53", () => 2 ** 53],
    ["a bigint", () => 1n],
    ["text", () => "1"],
    ["an empty array", () => []],
    ["an array with something else in it", () => [1, "2"]],
    ["an array with a page that is not resident", () => [1, 77]],
    ["bigints", () => BigUint64Array.of(1n)],
    ["too many pages", () => Array.from({ length: 1025 }, () => 1)],
    ["a promise", () => Promise.resolve(1)],
    ["a promise that rejects", () => Promise.reject(new Error("no"))],
  ];

  it.each(answers)("%s refuses the access, in calls and in runs, and the machine goes on", async (_, answer) => {
    using machine = new Machine({ residentLimit: 2 });
    let isWrong = true;
    const policy = fifoBut({});
    const chooseVictim = policy.chooseVictim.bind(policy);
    policy.chooseVictim = (fault, bits) => (isWrong ? (answer() as number) : chooseVictim(fault, bits));
    machine.registerPolicy(policy);
    machine.accessMany(Float64Array.of(page(1), page(2)));
    for (const failing of [
      () => machine.access(page(3)),
      () => machine.accessMany(Float64Array.of(page(1), page(3))),
      () => machine.accessMany(BigUint64Array.of(BigInt(page(3)))),
    ])
      expect(thrownBy(failing).code).toBe("ERR_PAGEWALK_POLICY_ANSWER");
    const rejection = await rejectionOf(machine.run(traceOf([1, 3])));
    expect(rejection.code).toBe("ERR_PAGEWALK_POLICY_ANSWER");
    expect(rejection.partial?.partial).toBe(true);
    expect(machine.validate()).toEqual([]);
    expect(machine.stats()).toMatchObject({ faults: { total: 2 }, replacement: { evictions: 0 } });
    isWrong = false;
    expect(machine.access(page(3)).fault).toBe("minor");
    expect(machine.access(page(1)).fault).toBe("major");
    expect(machine.validate()).toEqual([]);
  });

  it("says what came and what was expected", () => {
    using machine = new Machine({ residentLimit: 1 });
    machine.registerPolicy(fifoBut({ chooseVictim: () => 77 }));
    machine.access(page(1));
    expect(thrownBy(() => machine.access(page(2))).message).toBe(
      'policy "changed-fifo": chooseVictim answered 77, which is no resident page; ' +
        "expected the number of a resident page, or an array of 1 to 1024 of them",
    );
  });
});

describe("a hook that breaks down", () => {
  const boom = (): never => {
    throw new TypeError("boom");
  };
  it.each([
    ["onReset", boom, "ERR_PAGEWALK_POLICY_FAILED"],
    ["onInsert", boom, "ERR_PAGEWALK_POLICY_FAILED"],
    ["onAccess", boom, "ERR_PAGEWALK_POLICY_FAILED"],
    ["onRemove", boom, "ERR_PAGEWALK_POLICY_FAILED"],
    ["chooseVictim", boom, "ERR_PAGEWALK_POLICY_FAILED"],
    ["onInsert", async () => {}, "ERR_PAGEWALK_POLICY_ANSWER"],
    ["onAccess", async () => boom(), "ERR_PAGEWALK_POLICY_ANSWER"],
  ] as const)("%s ends calls and runs with its code; the machine is whole", async (hook, change, code) => {
    for (const failing of [
      (machine: Machine) => rejectionOf((async () => machine.accessMany(Float64Array.of(...[1, 1, 2, 3].map(page))))()),
      (machine: Machine) => rejectionOf(machine.run(traceOf([1, 1, 2, 3]))),
    ]) {
      using machine = new Machine({ residentLimit: 2 });
      machine.registerPolicy(fifoBut({ [hook]: change }));
      const error = await failing(machine);
      expect(error.code).toBe(code);
      expect(error.cause instanceof TypeError).toBe(change === boom);
      expect(machine.validate()).toEqual([]);
    }
  });

  it("may break down once: the machine and the policy go on", async () => {
    using machine = new Machine({ residentLimit: 10 });
    let calls = 0;
    const policy = fifoBut({});
    const onInsert = policy.onInsert.bind(policy);
    policy.onInsert = (pages, slots) => {
      onInsert(pages, slots);
      if (++calls === 5) throw new Error("once");
    };
    machine.registerPolicy(policy);
    using trace = traceOf(pagesOf(1, 5000, 100));
    expect((await rejectionOf(machine.run(trace))).code).toBe("ERR_PAGEWALK_POLICY_FAILED");
    await machine.run(trace);
    expect(machine.validate()).toEqual([]);
  });
});

describe("a policy that calls the machine that waits for it", () => {
  const calls: [string, (machine: Machine) => unknown][] = [
    ["access", (machine) => machine.access(0)],
    ["accessMany", (machine) => machine.accessMany([0])],
    ["stats", (machine) => machine.stats()],
    ["reset", (machine) => machine.reset()],
    ["validate", (machine) => machine.validate()],
    ["registerPolicy", (machine) => machine.registerPolicy(fifoBut({ name: "other" }))],
    ["close", (machine) => machine.close()],
  ];
  it.each(calls)("is refused %s from every hook", async (_, call) => {
    for (const hook of ["onReset", "onInsert", "onAccess", "onRemove", "chooseVictim"] as const) {
      using machine = new Machine({ residentLimit: 2 });
      machine.registerPolicy(fifoBut({ [hook]: () => call(machine) as never }));
      const error = thrownBy(() => machine.accessMany(Float64Array.of(...[1, 1, 2, 3].map(page))));
      expect(error.code).toBe("ERR_PAGEWALK_POLICY_FAILED");
      expect((error.cause as { code: string }).code).toBe("ERR_PAGEWALK_REENTERED");
      expect(machine.validate()).toEqual([]);
    }
  });

  it("is refused a run inside a run", async () => {
    using machine = new Machine({ residentLimit: 1 });
    using trace = traceOf([1, 2]);
    let inner: Promise<unknown> | undefined;
    machine.registerPolicy(fifoBut({ onRemove: () => void (inner = machine.run(trace)) }));
    await machine.run(trace);
    expect((await rejectionOf(inner!)).code).toBe("ERR_PAGEWALK_BUSY");
  });
});

describe("the bits of pages", () => {
  it("can be tested only while a victim is chosen, of resident pages, and with hardware observation", () => {
    using exact = new Machine({ residentLimit: 1 });
    let codes: unknown[] = [];
    let kept: { isDirty(page: number): boolean } | undefined;
    const note = (call: () => unknown) => codes.push(thrownBy(call).code);
    const policy = (resident: number[]) =>
      fifoBut({
        onInsert: (pages) => void resident.push(...pages),
        chooseVictim: (_, bits) => {
          kept = bits;
          note(() => bits.isDirty(77));
          note(() => bits.isDirty(undefined as unknown as number));
          note(() => bits.testAndClearAccessed(resident[0]!));
          return resident.shift()!;
        },
      });
    exact.registerPolicy(policy([]));
    exact.accessMany(Float64Array.of(page(1), page(2)));
    note(() => kept!.isDirty(2));
    expect(codes).toEqual([
      "ERR_PAGEWALK_INVALID_ARGUMENT",
      "ERR_PAGEWALK_INVALID_ARGUMENT",
      "ERR_PAGEWALK_INVALID_CONFIG",
      "ERR_PAGEWALK_INVALID_ARGUMENT",
    ]);
  });

  it("tell accessed from unaccessed and dirty from clean", () => {
    using machine = new Machine({ residentLimit: 2, observe: "hardware" });
    const seen: [boolean, boolean, boolean][] = [];
    machine.registerPolicy(
      fifoBut({
        chooseVictim: (_, bits) => {
          seen.push(
            [bits.testAndClearAccessed(1), bits.testAndClearAccessed(1), bits.isDirty(1)],
            [true, false, bits.isDirty(2)],
          );
          return 1;
        },
      }),
    );
    machine.access(page(1), "store");
    machine.access(page(2), "load");
    machine.access(page(3));
    expect(seen).toEqual([
      [true, false, true],
      [true, false, false],
    ]);
  });
});

describe("a run with a policy of JavaScript's", () => {
  it("leaves the event loop free, can be aborted and tells its progress", async () => {
    using machine = new Machine({ residentLimit: 50 });
    const policy = fifoBut({});
    const chooseVictim = policy.chooseVictim.bind(policy);
    policy.chooseVictim = (fault, bits) => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      return chooseVictim(fault, bits);
    };
    machine.registerPolicy(policy);
    using trace = traceOf(Array.from({ length: 5000 }, (_, i) => i));
    const abort = new AbortController();
    let turns = 0;
    const timer = setInterval(() => ++turns, 1);
    setTimeout(() => abort.abort(), 300);
    const start = performance.now();
    const error = await rejectionOf(machine.run(trace, { signal: abort.signal }));
    clearInterval(timer);
    expect(error.code).toBe("ERR_PAGEWALK_ABORTED");
    expect(performance.now() - start).toBeLessThan(2000);
    expect(turns).toBeGreaterThan(5);
    expect(machine.validate()).toEqual([]);
  });

  it("goes together with fault handlers that answer later", async () => {
    using machine = new Machine({ residentLimit: 5 });
    using native = new Machine({ residentLimit: 5, policy: "fifo" });
    machine.registerPolicy(new Fifo());
    const remove = machine.onPageFault(async () => "pass");
    using trace = traceOf(pagesOf(2, 300, 20));
    expect((await machine.run(trace)).faults).toEqual((await native.run(trace)).faults);
    remove();
    expect((await machine.run(trace)).faults).toEqual((await native.run(trace)).faults);
  });

  it("says its name in the result", async () => {
    using machine = new Machine({ residentLimit: "50%" });
    machine.registerPolicy(new Fifo());
    using trace = traceOf([1, 2, 3, 4, 1]);
    const result = await machine.run(trace);
    expect(result.config.policy).toBe("my-fifo");
    expect(result.config.residentLimit).toBe(2);
    machine.reset();
    expect((await machine.run(trace)).faults).toEqual(result.faults);
  });
});
