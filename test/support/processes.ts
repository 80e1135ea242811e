// SPDX-License-Identifier: MIT
// A machine with a process, and what its calls answer with.
import { Machine, type MachineOptions, type PagewalkError, type Process } from "../../lib/index.js";
import { thrownBy } from "./errors.js";

export const page = 4096n;

export function started(options: MachineOptions = {}): { machine: Machine; process: Process } {
  const machine = new Machine({ memory: "4MiB", contents: true, ...options });
  return { machine, process: machine.createProcess() };
}

/** The error of a call, which has to throw one of ours. */
export const refusalOf = (call: () => unknown): PagewalkError => thrownBy(call);
export const errnoOf = (call: () => unknown): string | undefined => refusalOf(call).errno;

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
