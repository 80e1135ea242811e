// SPDX-License-Identifier: MIT
// The shape of MachineOptions: which names exist and which types they take. Meaning is checked later.
import { z } from "zod";
import { type Problems, show } from "./problems.js";
import { didYouMean } from "./suggest.js";

const number = z.number();
const count = z.number();
const geometry = z.union([z.string(), number, z.strictObject({ entries: count, ways: count.optional() })]);
const costs = { l1Hit: count, l2Hit: count, walkReference: count, minorFault: count, majorFault: count };

// Each name with its type and what a message says was expected.
const fields = {
  cpu: [z.string(), "the name of a preset"],
  tlb: [z.union([z.string(), z.record(z.string(), geometry)]), 'TLB geometries such as "l1d=64x4,l2=1536x12"'],
  psc: [
    z.union([z.string(), z.strictObject({ pml4e: count, pdpte: count, pde: count }).partial()]),
    'entries such as "pml4e=2,pdpte=4,pde=32"',
  ],
  tlbPolicy: [z.string(), "a name such as lru"],
  memory: [z.union([number, z.bigint(), z.string()]), "a size such as 4GiB or a number of bytes"],
  residentLimit: [z.union([number, z.string()]), "a number of pages, a size such as 64MiB, or a share such as 25%"],
  policy: [z.string(), "the name of a policy"],
  refs: [z.string(), "all, data or fetch"],
  modify: [z.string(), "once or twice"],
  crossing: [z.string(), "both or first"],
  pageSize: [z.string(), "4KiB, 2MiB or 1GiB"],
  observe: [z.string(), "exact or hardware"],
  pscOnEvict: [z.string(), "all or none"],
  levels: [number, "4 or 5"],
  seed: [z.union([number, z.bigint()]), "a whole number"],
  cost: [
    z.strictObject({ ...costs, invalidation: count }).partial(),
    "cycles by event: l1Hit, l2Hit, walkReference, minorFault, majorFault, invalidation",
  ],
} as const;

const optionNames = Object.keys(fields);

const shape = Object.fromEntries(Object.entries(fields).map(([name, [type]]) => [name, type.optional()]));
const schema = z.strictObject(shape);

const childrenOf: Partial<Record<string, readonly string[]>> = {
  psc: ["pml4e", "pdpte", "pde"],
  cost: [...Object.keys(costs), "invalidation"],
};

function addUnknown(problems: Problems, path: string, keys: readonly string[]): void {
  const known = path ? (childrenOf[path] ?? []) : optionNames;
  for (const key of keys) {
    problems.add(path ? `${path}.${key}` : key, "UNKNOWN_NAME", `no option has this name${didYouMean(key, known)}`);
  }
}

type Issue = z.core.$ZodIssue;

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
  const result = schema.safeParse(options);
  if (result.success) return;
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? "");
    const keys = unknownKeys(issue);
    if (keys.length > 0 && name !== "tlb") {
      addUnknown(problems, name, keys);
    } else {
      const path = pathOf(issue);
      const [, expected] = fields[name as keyof typeof fields];
      const text = `expected ${expected}; got ${show(valueAt(options, path))}`;
      problems.add(path.map(String).join("."), "INVALID_ARGUMENT", text);
    }
  }
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], options);
}
