// SPDX-License-Identifier: MIT
// A list of replacement policies in one text. Commas divide the list and also the parameters of one policy; which of
// them is meant is always clear, since names have no "=" and parameters have one before any ":".
import { knownPolicies } from "../native.js";
import { type Problems, show } from "./problems.js";

const isParameter = (piece: string): boolean => /^[^:=]*=/.test(piece);

/** "lru,lecar:seed=1,learning-rate=0.3,clock" is lru, lecar with two parameters, and clock. */
export function splitPolicies(text: string): string[] {
  const specs: string[] = [];
  for (const piece of text.split(",").map((one) => one.trim())) {
    if (isParameter(piece) && specs.length > 0) specs.push(`${specs.pop()},${piece}`);
    else specs.push(piece);
  }
  return specs;
}

/** "all" as the names of all policies. */
export const spelledOut = (specs: readonly string[]): string[] =>
  specs.flatMap((spec) => (spec === "all" ? knownPolicies().map(({ name }) => name) : spec));

/** The policies of a comparison, with "all" spelled out; violations go to `problems`. */
export function resolvePolicies(problems: Problems, value: string | readonly string[]): string[] {
  const specs = typeof value === "string" ? splitPolicies(value) : value;
  if (Array.isArray(specs) && specs.some((spec) => typeof spec === "object" && spec !== null)) {
    const text = "expected policies by name; one written in JavaScript runs in a machine (machine.registerPolicy)";
    problems.add("policy", "INVALID_ARGUMENT", `${text}, not on the threads that simulate here`);
    return [];
  }
  if (!Array.isArray(specs) || specs.length === 0 || specs.some((spec) => typeof spec !== "string" || spec === "")) {
    problems.add("policy", "INVALID_ARGUMENT", `expected policies such as lru,clock:bits=2 or all; got ${show(value)}`);
    return [];
  }
  return spelledOut(specs);
}
