// SPDX-License-Identifier: MIT
// Parts of the self-test for a machine as one demand-paged space.
import { codeOf } from "../errors.js";
import type { Machine } from "../machine.js";
import { knownPolicies } from "../native.js";
import { optionTables } from "../generated/options.js";
import { pageSizes } from "../options/page-size.js";
import { pageBytes } from "../options/sizes.js";
import type { Bench } from "./bench.js";

const base = 0x7f00_0000_0000;

interface Drive {
  pages: number;
  accesses: number;
  bytes?: number;
}

/** Accesses of every kind to random bytes of some pages. */
export function drive({ random }: Bench, machine: Machine, { pages, accesses, bytes = 4096 }: Drive): void {
  const addresses = new Float64Array(accesses);
  const kinds = new Uint8Array(accesses);
  for (let i = 0; i < accesses; i++) {
    addresses[i] = base + random.below(pages) * bytes + random.below(bytes);
    kinds[i] = random.below(4);
  }
  machine.accessMany(addresses, kinds);
}

/** Tables are made, and the pages stay where they are. */
export function mapping(bench: Bench): string {
  const machine = bench.machine({}, ["residentLimit"]);
  drive(bench, machine, { pages: 500, accesses: 20_000 });
  const { faults, memory } = machine.stats();
  bench.expect(faults.minor > 0 && faults.protection === 0, "minor faults and no other");
  bench.expectHealthy(machine);
  return `${faults.minor} pages in ${memory.tableFrames} tables`;
}

/** More pages than may be resident. */
export function replacement(bench: Bench): string {
  const machine = bench.machine({ residentLimit: 64, pageSize: "4KiB" });
  drive(bench, machine, { pages: 256, accesses: 20_000 });
  const { replacement: counts, memory } = machine.stats();
  bench.expect(counts.evictions > 0 && counts.writebacks > 0, "evictions and writebacks");
  bench.expect(memory.peakResidentPages <= 64, "at most 64 resident pages");
  bench.expectHealthy(machine);
  return `${counts.evictions} evictions, ${counts.writebacks} writebacks`;
}

/** Every policy, with both ways of seeing references. */
export function policies(bench: Bench): string {
  const online = knownPolicies().filter(({ family }) => family !== "bound"); // the optimum knows the future
  for (const { name } of online)
    for (const observe of optionTables.choices.observe) {
      const machine = bench.machine({ policy: name, observe, residentLimit: 32, pageSize: "4KiB" });
      drive(bench, machine, { pages: 96, accesses: 2_000 });
      bench.expect(machine.stats().replacement.evictions > 0, `evictions by ${name}`);
      bench.expectHealthy(machine);
      machine.close();
    }
  return `${online.length} policies`;
}

/** Every way choice of TLBs that all of them can have, under evictions. */
export function tlbs(bench: Bench): string {
  for (const tlbPolicy of optionTables.choices.tlbPolicy) {
    const machine = bench.machine({
      tlbPolicy,
      tlb: "l1i=64x4,l1d=64x4,l2=512x8",
      residentLimit: 600,
      pageSize: "4KiB",
    });
    drive(bench, machine, { pages: 2_500, accesses: 10_000 });
    const { invalidations } = machine.stats();
    bench.expect(invalidations > 0, `invalidations with ${tlbPolicy}`);
    bench.expectHealthy(machine);
    machine.close();
  }
  return `${optionTables.choices.tlbPolicy.length} way choices`;
}

/** Pages of every size that memory holds a few of. */
export function hugePages(bench: Bench): string {
  const { memory } = bench.machine().config;
  const held = pageSizes.filter((size) => memory >= 4 * Number(pageBytes[size]));
  for (const pageSize of held) {
    const machine = bench.machine({ pageSize, residentLimit: 2 });
    drive(bench, machine, { pages: 4, accesses: 500, bytes: Number(pageBytes[pageSize]) });
    bench.expect(machine.stats().replacement.evictions > 0, `evictions of pages of ${pageSize}`);
    bench.expectHealthy(machine);
    machine.close();
  }
  return held.join(", ") || "memory is too small for a few pages";
}

function refusedWith(machine: Machine, address: bigint): string | undefined {
  try {
    machine.access(address, "store");
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** Refused accesses leave no trace. */
export function refusals(bench: Bench): string {
  const machine = bench.machine({ pageSize: "4KiB" }, ["residentLimit"]);
  bench.expect(refusedWith(machine, 1n << 60n) === "ERR_PAGEWALK_NOT_CANONICAL", "an address to be refused");
  const remove = machine.onPageFault(({ address }) => ((address >> 12n) & 1n ? "segmentation-fault" : "pass"));
  let refused = 0;
  for (let page = 0; page < 200; page++)
    if (refusedWith(machine, BigInt(base + page * 4096)) === "ERR_PAGEWALK_SEGV") refused++;
  remove();
  bench.expect(refused === machine.stats().faults.protection && refused > 0, "every refusal to be counted");
  bench.expectHealthy(machine);
  return `${refused} refused`;
}
