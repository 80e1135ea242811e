// SPDX-License-Identifier: MIT
// Where explain and tables take their page tables from: a saved state, or a case of a file of vectors.
import { rangeError } from "../errors.js";
import { Mmu } from "../mmu.js";
import { accessesOf, type AccessStep, playTo, readVector, vectorMemory, vectorMmu } from "../paging-vectors.js";

export interface StateFlags {
  state?: string;
  vectors?: string;
  case?: string;
  step?: number;
  json?: boolean;
  color: boolean;
}

export interface PagingSource {
  mmu: Mmu;
  /** The case's access at the step. */
  access?: Omit<AccessStep, "op">;
}

function wrong(message: string): RangeError {
  return rangeError("ERR_PAGEWALK_INVALID_CONFIG", message);
}

function fromVectors(path: string, id: string, step: number | undefined): PagingSource {
  const vector = readVector(path, id);
  const accesses = accessesOf(vector);
  const steps = vector.steps?.length ?? 1;
  if (step !== undefined && step >= steps)
    throw wrong(`--step: expected a step from 0 to ${steps - 1} of case ${id}, got ${step}`);
  const at = step ?? accesses.at(-1)?.[0] ?? 0;
  const memory = vectorMemory(vector);
  const mmu = vectorMmu(vector, memory);
  playTo(vector, mmu, memory, at);
  const access = accesses.find(([index]) => index === at)?.[1];
  return access ? { mmu, access } : { mmu };
}

/** The MMU that the flags name. */
export function pagingSource(flags: StateFlags): PagingSource {
  const { state, vectors, case: id, step } = flags;
  if (vectors !== undefined) {
    if (id === undefined) throw wrong("--vectors: expected --case with the id of a case");
    return fromVectors(vectors, id, step);
  }
  if (id !== undefined || step !== undefined) throw wrong("--case and --step: expected --vectors with a file");
  if (state === undefined) throw wrong("expected --state with a file, or --vectors with --case");
  return { mmu: Mmu.loadState(state) };
}
