// SPDX-License-Identifier: MIT
// The shape of MachineOptions: which names exist and which types they take. Meaning is checked later.
import { createRequire } from "node:module";
import type { z as Zod } from "zod";
import { type Problems, show } from "./problems.js";
import { faultCostNames, overcommitNames, swapNames } from "./processes.js";
import { didYouMean } from "./suggest.js";

const costNames = ["l1Hit", "l2Hit", "walkReference", "minorFault", "majorFault", "invalidation"] as const;

// Each name with what a message says was expected.
const expectations = {
  cpu: "the name of a preset",
  tlb: 'TLB geometries such as "l1d=64x4,l2=1536x12"',
  psc: 'entries such as "pml4e=2,pdpte=4,pde=32"',
  tlbPolicy: "a name such as lru",
  memory: "a size such as 4GiB or a number of bytes",
  residentLimit: "a number of pages, a size such as 64MiB, or a share such as 25%",
  policy: "the name of a policy",
  refs: "all, data or fetch",
  modify: "once or twice",
  crossing: "both or first",
  pageSize: "4KiB, 2MiB or 1GiB",
  observe: "exact or hardware",
  pscOnEvict: "all or none",
  levels: "4 or 5",
  seed: "a whole number",
  cost: `cycles by event: ${costNames.join(", ")}`,
  contents: "true or false",
  swap: 'areas such as [{ size: "1GiB" }]',
  overcommit: 'heuristic, always or never, or an object such as { mode: "never", ratio: 50 }',
  zeroPage: "true or false",
  maxMapCount: "a whole number",
  onViolation: "end-process or record",
  violationsKept: "a whole number",
  faultCost: `nanoseconds by kind of fault: ${faultCostNames.join(", ")}`,
  fileReadLatency: "nanoseconds",
  protectionKeys: "true or false",
} as const;

const optionNames = Object.keys(expectations);

const numbersNamed = (z: typeof Zod, names: readonly string[]): Zod.ZodType =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, z.number()]))).partial();

function processTypes(z: typeof Zod) {
  const number = z.number();
  const string = z.string();
  const latencies = { readLatency: number.optional(), writeLatency: number.optional() };
  const reserves = { ratio: number, adminReserve: number, userReserve: number };
  return {
    contents: z.boolean(),
    swap: z.array(z.strictObject({ size: z.union([number, string]), ...latencies })),
    overcommit: z.union([string, z.strictObject({ mode: string, ...reserves }).partial()]),
    zeroPage: z.boolean(),
    maxMapCount: number,
    onViolation: string,
    violationsKept: number,
    faultCost: numbersNamed(z, faultCostNames),
    fileReadLatency: number,
    protectionKeys: z.boolean(),
  };
}

function makeSchema(z: typeof Zod): Zod.ZodType {
  const number = z.number();
  const string = z.string();
  const geometry = z.union([string, number, z.strictObject({ entries: number, ways: number.optional() })]);
  const psc = z.strictObject({ pml4e: number, pdpte: number, pde: number }).partial();
  const types: Record<keyof typeof expectations, Zod.ZodType> = {
    cpu: string,
    tlb: z.union([string, z.record(string, geometry)]),
    psc: z.union([string, psc]),
    tlbPolicy: string,
    memory: z.union([number, z.bigint(), string]),
    residentLimit: z.union([number, string]),
    policy: string,
    refs: string,
    modify: string,
    crossing: string,
    pageSize: string,
    observe: string,
    pscOnEvict: string,
    levels: number,
    seed: z.union([number, z.bigint()]),
    ...processTypes(z),
    cost: numbersNamed(z, costNames),
  };
  return z.strictObject(types).partial();
}

const load = createRequire(__filename);
let schema: Zod.ZodType | undefined;

// Made for the first options that are checked: zod takes longer to load than the rest of the package.
const schemaOfOptions = (): Zod.ZodType => (schema ??= makeSchema((load("zod") as typeof import("zod")).z));

const childrenOf: Partial<Record<string, readonly string[]>> = {
  psc: ["pml4e", "pdpte", "pde"],
  cost: costNames,
  swap: swapNames,
  overcommit: overcommitNames,
  faultCost: faultCostNames,
};

function addUnknown(problems: Problems, path: string, keys: readonly string[]): void {
  const known = path ? (childrenOf[path] ?? []) : optionNames;
  for (const key of keys) {
    problems.add(path ? `${path}.${key}` : key, "UNKNOWN_NAME", `no option has this name${didYouMean(key, known)}`);
  }
}

type Issue = Zod.core.$ZodIssue;

// A union hides what is wrong inside its object form: look for the misspelled keys there.
function unknownKeys(issue: Issue): readonly string[] {
  if (issue.code === "unrecognized_keys") return issue.keys;
  return issue.code === "invalid_union" ? issue.errors.flat().flatMap(unknownKeys) : [];
}

// The same for a value of a wrong type: the path into the object form, if that is what was given.
function pathOf(issue: Issue): readonly PropertyKey[] {
  const inner = issue.code === "invalid_union" ? issue.errors.flat().find((one) => one.path.length > 0) : undefined;
  return inner ? [...issue.path, ...pathOf(inner)] : issue.path;
}

/** Notes every unknown name and every value of a wrong type. */
export function checkShape(problems: Problems, options: Record<string, unknown>): void {
  const result = schemaOfOptions().safeParse(options);
  if (result.success) return;
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? "");
    const keys = unknownKeys(issue);
    if (keys.length > 0 && name !== "tlb") {
      addUnknown(problems, name, keys);
    } else {
      const path = pathOf(issue);
      const expected = expectations[name as keyof typeof expectations];
      const text = `expected ${expected}; got ${show(valueAt(options, path))}`;
      problems.add(path.map(String).join("."), "INVALID_ARGUMENT", text);
    }
  }
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], options);
}
