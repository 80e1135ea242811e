// SPDX-License-Identifier: MIT
// The machine's synchronous calls, its counters and its life cycle keep their promises.
import { describe, expect, it } from "vitest";
import { Machine, PagewalkError } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

const page = 4096;
const kinds = { fetch: 0, load: 1, store: 2, modify: 3 };

describe("access", () => {
  it("reports the first touch as a minor fault and the second as none", () => {
    using machine = new Machine();
    expect(machine.access(0x1000, "load")).toEqual({ pa: expect.any(BigInt), pageSize: "4KiB", fault: "minor" });
    expect(machine.access(0x1008, "store").fault).toBeNull();
  });

  it("keeps the offset in the page and gives two pages two frames", () => {
    using machine = new Machine();
    const first = machine.access(0x1234);
    const second = machine.access(0x2234);
    expect(first.pa & 0xfffn).toBe(0x234n);
    expect(second.pa & 0xfffn).toBe(0x234n);
    expect(second.pa).not.toBe(first.pa);
  });

  it("takes the same address as a number, a bigint and a hex string", () => {
    using machine = new Machine();
    const { pa } = machine.access(0x7fff12345678);
    expect(machine.access(0x7fff12345678n).pa).toBe(pa);
    expect(machine.access("0x7fff12345678").pa).toBe(pa);
    expect(machine.stats().memory.residentPages).toBe(1);
  });

  it("takes a negative number as its sign extension", () => {
    using machine = new Machine();
    const { pa } = machine.access(-page);
    expect(machine.access(0xfffffffffffff000n).pa).toBe(pa);
    expect(machine.access(-4096n).pa).toBe(pa);
    expect(machine.access("0xfffffffffffff000").fault).toBeNull();
  });

  it("maps 2 MiB pages when asked to", () => {
    using machine = new Machine({ pageSize: "2MiB" });
    expect(machine.access(0x200000).pageSize).toBe("2MiB");
    expect(machine.access(0x3fffff).fault).toBeNull();
    expect(machine.access(0x400000).fault).toBe("minor");
  });

  it("reports the return of an evicted page as a major fault", () => {
    using machine = new Machine({ residentLimit: 1 });
    machine.access(0x1000);
    machine.access(0x2000);
    expect(machine.access(0x1000).fault).toBe("major");
    expect(machine.stats().replacement.evictions).toBe(2);
  });

  it.each([
    [Number.NaN, "ERR_PAGEWALK_OUT_OF_RANGE"],
    [2 ** 53, "ERR_PAGEWALK_OUT_OF_RANGE"],
    [1.5, "ERR_PAGEWALK_OUT_OF_RANGE"],
    [1n << 64n, "ERR_PAGEWALK_OUT_OF_RANGE"],
    ["12", "ERR_PAGEWALK_INVALID_ARGUMENT"],
    ["0x", "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [undefined, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [null, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [{}, "ERR_PAGEWALK_INVALID_ARGUMENT"],
    [0x8000_0000_0000, "ERR_PAGEWALK_NOT_CANONICAL"],
  ])("refuses the address %s with %s and stays usable", (address, code) => {
    using machine = new Machine();
    expect(thrownBy(() => machine.access(address as number)).code).toBe(code);
    expect(machine.access(0x1000).fault).toBe("minor");
    expect(machine.validate()).toEqual([]);
  });

  it("refuses a kind that does not exist", () => {
    using machine = new Machine();
    const error = thrownBy(() => machine.access(0, "read" as "load"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(error.message).toContain("fetch, load, store, modify");
  });
});

describe("accessMany", () => {
  const addresses = [0x1000, 0x2000, 0x1000, -page];

  it.each([
    ["BigUint64Array", BigUint64Array.from(addresses, (value) => BigInt.asUintN(64, BigInt(value)))],
    ["Float64Array", Float64Array.from(addresses)],
    ["an array", addresses],
  ])("counts the same from %s", (_name, batch) => {
    using machine = new Machine();
    expect(machine.accessMany(batch)).toEqual({ accesses: 4, misses: 3, walks: 3, faults: 3 });
    expect(machine.accessMany(batch)).toEqual({ accesses: 4, misses: 0, walks: 0, faults: 0 });
  });

  it("counts the same as single accesses of the same kinds", () => {
    using many = new Machine();
    using single = new Machine();
    const count = 5000;
    const words = BigUint64Array.from({ length: count }, (_, i) => BigInt((i * 7919 * 512) % (1 << 24)));
    const kindOf = Uint8Array.from({ length: count }, (_, i) => i % 4);
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    many.accessMany(words, kindOf);
    words.forEach((word, i) => single.access(word, names[kindOf[i]!]));
    expect(many.stats()).toEqual(single.stats());
  });

  it("takes an empty batch", () => {
    using machine = new Machine();
    expect(machine.accessMany(new BigUint64Array(0))).toEqual({ accesses: 0, misses: 0, walks: 0, faults: 0 });
  });

  it("works on shared memory", () => {
    using machine = new Machine();
    const shared = new BigUint64Array(new SharedArrayBuffer(16));
    shared[1] = 0x5000n;
    expect(machine.accessMany(shared).faults).toBe(2);
  });

  it("names the element of a Float64Array that is no safe integer, and simulates nothing", () => {
    using machine = new Machine();
    const error = thrownBy(() => machine.accessMany(Float64Array.of(0x1000, 0.5)));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(error.message).toContain("addresses[1]");
    expect(machine.stats().accesses.total).toBe(0);
  });

  it("says which access of the batch was refused", () => {
    using machine = new Machine();
    const error = thrownBy(() => machine.accessMany(BigUint64Array.of(0x1000n, 0x2000n, 1n << 60n)));
    expect(error.code).toBe("ERR_PAGEWALK_NOT_CANONICAL");
    expect(error.message).toContain("access 2 of the batch");
    expect(machine.access(0x2000).fault).toBeNull();
  });

  it("refuses as many kinds as do not fit, a kind above 3 and other arrays", () => {
    using machine = new Machine();
    const batch = BigUint64Array.of(0n, 1n);
    expect(thrownBy(() => machine.accessMany(batch, Uint8Array.of(1))).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(thrownBy(() => machine.accessMany(batch, Uint8Array.of(1, 4))).message).toContain("access 1 of the batch");
    expect(thrownBy(() => machine.accessMany(batch, [1, 1] as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(thrownBy(() => machine.accessMany(new Uint32Array(2) as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(machine.validate()).toEqual([]);
  });
});

describe("counters", () => {
  it("add up to hits and misses by level", () => {
    using machine = new Machine();
    machine.accessMany(BigUint64Array.from({ length: 1000 }, (_, i) => BigInt(i % 100) << 12n));
    const { accesses, tlb, walks, faults, memory } = machine.stats();
    expect(accesses.total).toBe(1000);
    expect(tlb.l1d.hits + tlb.l1d.misses).toBe(1000);
    expect(tlb.l2.hits + tlb.l2.misses).toBe(tlb.l1d.misses);
    expect(walks.total).toBe(tlb.l2.misses);
    expect(faults).toEqual({ total: 100, minor: 100, major: 0, protection: 0 });
    expect(memory.residentPages).toBe(100);
  });

  it("go back to zero with reset, and so does the memory", () => {
    using machine = new Machine();
    const fresh = machine.stats();
    machine.accessMany(BigUint64Array.from({ length: 1000 }, (_, i) => BigInt(i) << 12n));
    machine.reset();
    expect(machine.stats()).toEqual(fresh);
    expect(machine.access(0).fault).toBe("minor");
    expect(machine.validate()).toEqual([]);
  });

  it("are the same for the same seed", () => {
    const run = () => {
      using machine = new Machine({ policy: "random", residentLimit: 50, seed: 7n });
      machine.accessMany(BigUint64Array.from({ length: 5000 }, (_, i) => BigInt((i * 37) % 97) << 12n));
      return machine.stats();
    };
    expect(run()).toEqual(run());
  });
});

describe("configuration", () => {
  it("is plain JSON and says what was resolved", () => {
    using machine = new Machine({ cpu: "amd-zen2", memory: "64MiB", seed: 5 });
    expect(JSON.parse(JSON.stringify(machine.config))).toEqual(machine.config);
    expect(machine.config).toMatchObject({ cpu: "amd-zen2", memory: 64 * 2 ** 20, residentLimit: null, seed: 5 });
  });

  it("says that a share of a trace's pages needs a run", () => {
    using machine = new Machine({ residentLimit: "25%" });
    const error = thrownBy(() => machine.access(0));
    expect(error.code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
    expect(error.message).toContain("25%");
  });

  it("fails with out of memory when nothing can be evicted, and the process lives", () => {
    const error = thrownBy(() => {
      using machine = new Machine({ memory: 4096 * 5 });
      for (let i = 0; i < 100; ++i) machine.access(i * 2 ** 39);
    });
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toMatch(/^ERR_PAGEWALK_(OUT_OF_MEMORY|INVALID_CONFIG)$/);
  });
});

describe("the end of a machine", () => {
  it("makes every later call fail with one code", () => {
    const machine = new Machine();
    machine.close();
    machine.close();
    const calls = [
      () => machine.access(0),
      () => machine.accessMany(new BigUint64Array(1)),
      () => machine.stats(),
      () => machine.reset(),
      () => machine.validate(),
      () => machine.onPageFault(() => "pass"),
    ];
    for (const call of calls) {
      const error = thrownBy(call);
      expect(error).toBeInstanceOf(PagewalkError);
      expect(error.code).toBe("ERR_PAGEWALK_CLOSED");
    }
  });

  it("comes with Symbol.dispose", () => {
    const machine = new Machine();
    machine[Symbol.dispose]();
    expect(thrownBy(() => machine.stats()).code).toBe("ERR_PAGEWALK_CLOSED");
  });

  it("does not let methods be called on something else", () => {
    expect(() => Machine.prototype.access.call({} as Machine, 0)).toThrow(TypeError);
  });
});
