// SPDX-License-Identifier: MIT
// For every access of the vectors, what explain says is what was observed, and it changes nothing by saying so; states
// that were saved and loaded answer as before.
import { describe, expect, it } from "vitest";
import { type Explanation, MachineState, Mmu } from "../../lib/index.js";
import {
  accessesOf,
  type AccessStep,
  playTo,
  type Vector,
  vectorMemory,
  vectorMmu,
  vectorOperations,
} from "../../lib/paging-vectors.js";
import { isObserved, vectorFamilies, vectorsOf } from "../support/paging-vectors.js";

const families = vectorFamilies();
const cases = (families ?? []).map((family) => ({ ...family, vectors: vectorsOf(family.name) }));

type Access = Omit<AccessStep, "op">;

const explained = (mmu: Mmu, { va, type, size, cpl, ac }: Access): Explanation =>
  mmu.explain(va, vectorOperations[type], { size, cpl, ac });

// What the error code says has to be what the checks and bits that were named say.
function contradictions({ verdict, walks, reason }: Explanation): string[] {
  const { end, refusedBy, reservedBits } = walks.at(-1)!;
  const problems = reason === "" || reason.includes("undefined") ? [`no reason: ${reason}`] : [];
  if (verdict.ok !== (end === "translated")) problems.push(`ended as ${end}`);
  const code = verdict.ok ? 0 : verdict.errorCode;
  const keyed = refusedBy.some((check) => check.startsWith("key-"));
  if (keyed !== ((code & 32) !== 0)) problems.push(`error code ${code}, refused by ${refusedBy.join()}`);
  if ((reservedBits !== 0n) !== ((code & 8) !== 0)) problems.push(`error code ${code}, reserved ${reservedBits}`);
  if ((end === "refused") !== refusedBy.length > 0) problems.push(`ended as ${end} by ${refusedBy.join()}`);
  return problems;
}

// What is spared is what the caches of the same MMU then hold.
function wrongSavings(mmu: Mmu, access: Access, { walks }: Explanation): string[] {
  const { va, type, size, cpl, ac } = access;
  mmu.access(va, vectorOperations[type], { size, cpl, ac });
  return walks.flatMap(({ address, steps, end }) => {
    if (end !== "translated") return [];
    const held = mmu.walk(address, vectorOperations[type], { cpl, ac }).steps.map((step) => step.cached);
    const spared = steps.map((step) => step.spared);
    return held.join() === spared.join() ? [] : [`${spared.join()} were to be spared, ${held.join()} are`];
  });
}

const stepsBetween = (vector: Vector, from: number, to: number): Vector =>
  vector.steps ? { ...vector, steps: vector.steps.slice(from, to) } : vector;

function problemsOf(vector: Vector, place: number): string[] {
  const memory = vectorMemory(vector);
  const mmu = vectorMmu(vector, memory);
  const accesses = accessesOf(vector);
  let at = 0;
  const problems = accesses.flatMap(([index, access], number) => {
    playTo(stepsBetween(vector, at, index), mmu, memory, index);
    at = index;
    const isLast = number === accesses.length - 1;
    // Comparing whole states takes most of the time; the first cases of each family have every kind of walk.
    const before = isLast && place < 100 ? mmu.encodeState() : undefined;
    const explanation = explained(mmu, access);
    const found = contradictions(explanation);
    if (!isObserved(explanation.verdict, access.result)) found.push(`explained as ${explanation.reason}`);
    if (before && Buffer.compare(before, mmu.encodeState()) !== 0) found.push("explaining changed the state");
    if (isLast && walksWithoutTlb(explanation)) found.push(...wrongSavings(mmu, access, explanation));
    return found.map((problem) => `${vector.id}, step ${index}: ${problem}`);
  });
  memory.clear(); // host memory goes with the garbage collector otherwise
  return problems;
}

// A TLB that answers fills no structure cache.
const walksWithoutTlb = ({ walks, verdict }: Explanation): boolean =>
  verdict.ok && walks.every(({ tlb }) => tlb === null);

describe.skipIf(!families)("every access of the vectors", () => {
  it.each(cases)("of $name is explained as it was observed", ({ vectors }) => {
    expect(vectors.flatMap(problemsOf).slice(0, 10)).toEqual([]);
  });
});

// The steps of a case with a save and a load before the first access and the last.
function roundTrips(vector: Vector): string[] {
  const accesses = accessesOf(vector);
  let now = vectorMemory(vector);
  let mmu = vectorMmu(vector, now, { tlb: "none", psc: "none" });
  let at = 0;
  return [...new Set([accesses[0]!, accesses.at(-1)!])].flatMap(([index, access]) => {
    playTo(stepsBetween(vector, at, index), mmu, now, index);
    at = index;
    const bytes = mmu.encodeState();
    const state = MachineState.decode(bytes);
    now.clear(); // host memory goes with the garbage collector otherwise
    mmu = Mmu.fromState(state);
    now = state.memory;
    const problems = isObserved(explained(mmu, access).verdict, access.result) ? [] : ["explained otherwise"];
    if (Buffer.compare(bytes, mmu.encodeState()) !== 0) problems.push("saved again, the state is another");
    return problems.map((problem) => `${vector.id}, step ${index}: ${problem}`);
  });
}

describe.skipIf(!families)("the state of every vector", () => {
  it.each(cases)("of $name, saved and loaded, answers as before", ({ vectors }) => {
    expect(vectors.flatMap(roundTrips).slice(0, 10)).toEqual([]);
  });
});
