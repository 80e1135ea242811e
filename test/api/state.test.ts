// SPDX-License-Identifier: MIT
// States in files and in bytes: what comes back, what is refused and how.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Machine, MachineState, Mmu, type MmuOptions, PagewalkError, PhysicalMemory } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-state-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const code = (run: () => unknown): unknown => (thrownBy(run) as { code?: unknown }).code;

function small(options: Partial<MmuOptions> = {}): Mmu {
  const memory = new PhysicalMemory({ size: "1GiB" });
  for (const table of [1, 2, 3]) memory.write64(table * 0x1000, BigInt((table + 1) * 0x1000 + 7));
  memory.write64(0x4000, 0x5007n);
  const mmu = new Mmu({ memory, processor: { maxPhysAddr: 40, pages1GiB: 0 }, ...options });
  mmu.setControl({ wp: 0, smap: 1, pke: 1, pcide: 1 });
  mmu.setProtectionKeys({ pkru: 0x55555554, pkrs: 7 });
  mmu.writeCr3(0x1005n);
  return mmu;
}

describe("a saved state", () => {
  it("comes back from its file with registers, memory and what the caches were made of", () => {
    const path = join(folder, "one.pws");
    const mmu = small({ tlb: { l1d: "16x4" }, psc: { pde: 3 }, seed: 2n ** 60n + 1n });
    mmu.saveState(path);
    const loaded = Mmu.loadState(path);
    expect([loaded.control, loaded.protectionKeys, loaded.cr3]).toEqual([mmu.control, mmu.protectionKeys, mmu.cr3]);
    expect([loaded.processor, loaded.structureCaches]).toEqual([mmu.processor, mmu.structureCaches]);
    expect(loaded.access(0x123, "write", { cpl: 3 })).toEqual({ ok: true, pa: 0x5123n, pageSize: 4096 });
    expect(MachineState.load(path).config.caches).toEqual({
      tlb: { l1d: "16x4" },
      psc: { pde: 3 },
      seed: 2n ** 60n + 1n,
    });
    expect(readdirSync(folder)).toEqual(["one.pws"]);
  });

  it("is the same bytes as a file, and has a memory of its own", () => {
    const mmu = small();
    const path = join(folder, "two.pws");
    mmu.saveState(path);
    expect(Buffer.compare(readFileSync(path), mmu.encodeState())).toBe(0);
    const state = MachineState.decode(mmu.encodeState());
    state.memory.write64(0x4000, 0);
    expect(mmu.access(0x123).ok).toBe(true);
    expect(Mmu.fromState(state).access(0x123).ok).toBe(false);
  });

  it("takes other caches than it was saved with, and no other options", () => {
    const state = MachineState.decode(small().encodeState());
    expect(Mmu.fromState(state, { psc: "none" }).structureCaches).toEqual({ pml4e: 0, pdpte: 0, pde: 0 });
    expect(code(() => Mmu.fromState(state, { memory: state.memory } as never))).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
  });

  it("before CR3 was written leaves the number of levels open", () => {
    const mmu = new Mmu({ memory: new PhysicalMemory({ size: "1MiB" }) });
    const state = MachineState.decode(mmu.encodeState());
    expect(state.cr3).toBeNull();
    const loaded = Mmu.fromState(state);
    loaded.setControl({ la57: 1 });
    expect(loaded.control.la57).toBe(true);
  });

  it("of a memory of 2^52 bytes is as large as the frames that hold something", () => {
    const memory = new PhysicalMemory(2 ** 52);
    memory.write64(2n ** 52n - 8n, 1n);
    const bytes = new Mmu({ memory }).encodeState();
    expect(bytes.length).toBeLessThan(8192);
    expect(MachineState.decode(bytes).memory.read64(2n ** 52n - 8n)).toBe(1n);
  });
});

describe("a machine's state", () => {
  it("maps what the machine mapped, under 4 and 5 levels, and carries its configuration", () => {
    for (const levels of [4, 5] as const) {
      using machine = new Machine({ levels, memory: "64MiB", residentLimit: 20, psc: { pde: 5 } });
      const where = Array.from(
        { length: 30 },
        (_, page) => machine.access(0x7f0000001000 + page * 0x200000, "store").pa,
      );
      const state = MachineState.decode(machine.encodeState());
      expect([state.config.machine, state.control.la57]).toEqual([machine.config, levels === 5]);
      const mmu = Mmu.fromState(state);
      expect(mmu.structureCaches.pde).toBe(5);
      // The first ten were evicted.
      const found = where.map((_, page) => mmu.explain(0x7f0000001000 + page * 0x200000, "write").verdict);
      expect(found.map((verdict) => verdict.ok)).toEqual(where.map((_, page) => page >= 10));
      expect(found.slice(10)).toEqual(where.slice(10).map((pa) => ({ ok: true, pa, pageSize: 4096 })));
      expect(mmu.tables().totals.pages["4KiB"]).toBe(machine.stats().memory.residentPages);
      machine.close();
      expect(code(() => machine.encodeState())).toBe("ERR_PAGEWALK_CLOSED");
    }
  });
});

describe("what is refused", () => {
  const kindOf = (bytes: Uint8Array): unknown => code(() => MachineState.decode(bytes));

  it("says where, with a code of its own", () => {
    const bytes = small().encodeState();
    const path = join(folder, "cut.pws");
    writeFileSync(path, bytes.subarray(0, 100));
    const error = thrownBy(() => MachineState.load(path)) as PagewalkError;
    expect(error).toBeInstanceOf(PagewalkError);
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_STATE_TRUNCATED", file: path, offset: 100 });
    expect(error.message).toMatch(/^.*cut\.pws: the state ends within .*expected \d+ bytes from byte \d+, got \d+$/);
    const damaged = Buffer.from(bytes);
    damaged[60]! ^= 1;
    expect(kindOf(damaged)).toBe("ERR_PAGEWALK_STATE_CORRUPT");
    const later = Buffer.from(bytes);
    later[8] = 2;
    expect(kindOf(later)).toBe("ERR_PAGEWALK_STATE_FORMAT");
    expect(kindOf(Buffer.from("rubbish that is no state at all"))).toBe("ERR_PAGEWALK_STATE_FORMAT");
    expect(kindOf(new Uint8Array())).toBe("ERR_PAGEWALK_STATE_TRUNCATED");
  });

  it("is every damaged byte, and every cut", () => {
    const bytes = small().encodeState();
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      expect(kindOf(damaged)).toMatch(/^ERR_PAGEWALK_STATE_(CORRUPT|FORMAT|TRUNCATED)$/);
      expect(kindOf(bytes.subarray(0, at))).toBe("ERR_PAGEWALK_STATE_TRUNCATED");
    }
  });

  it("is what is no path, no file and no bytes", () => {
    expect(code(() => MachineState.load(join(folder, "missing.pws")))).toBe("ERR_PAGEWALK_STATE_NOT_FOUND");
    expect(code(() => MachineState.load(folder))).toBe("ERR_PAGEWALK_STATE_UNREADABLE");
    expect(code(() => MachineState.load(5 as never))).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(code(() => MachineState.load("a\0b"))).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(code(() => MachineState.decode("x" as never))).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(code(() => small().saveState(join(folder, "no", "such", "folder")))).toBe("ERR_PAGEWALK_WRITE_FAILED");
    expect(code(() => small().saveState(""))).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });
});
