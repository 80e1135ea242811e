// SPDX-License-Identifier: MIT
// The shape of MachineOptions, from the table of options: which names exist and which types they take. Meaning is
// checked later. Where it is strict it says what values may be, too, for the JSON Schema of configuration files.
import { createRequire } from "node:module";
import type { z as Zod } from "zod";
import { type Problems, show } from "./problems.js";
import { didYouMean } from "./suggest.js";
import { fieldNames, type OptionSpec, type OptionType, optionNames, optionTable } from "./table.js";

/** Whether a schema is about types alone, or also about values. */
export type Strictness = "shape" | "strict";

const sizePattern = /^\d+(\.\d{1,6})?\s*([KkMmGgTtPp]i?[Bb]?|[Bb]|[Pp])?$/;
const addressPattern = /^(0x[0-9A-Fa-f]+|\d+(\.\d{1,6})?\s*([KkMmGgTtPp]i?[Bb]?|[Bb])?)$/;

function simpleType(z: typeof Zod, kind: string, strictness: Strictness): Zod.ZodType {
  const strict = strictness === "strict";
  const whole = strict ? z.int().min(0) : z.number();
  switch (kind) {
    case "size":
      return strict ? z.union([whole, z.string().regex(sizePattern)]) : z.union([z.number(), z.bigint(), z.string()]);
    case "address":
      return strict
        ? z.union([whole, z.string().regex(addressPattern)])
        : z.union([z.number(), z.bigint(), z.string()]);
    case "limit":
      return z.union([strict ? z.int().min(1) : z.number(), z.string()]);
    case "seed":
      return strict
        ? z.union([z.number().min(0).multipleOf(1), z.string().regex(/^\d{1,20}$/)])
        : z.union([z.number(), z.bigint()]);
    case "flag":
      return z.boolean();
    default:
      return z.string();
  }
}

function zodType(z: typeof Zod, type: OptionType, strictness: Strictness): Zod.ZodType {
  const strict = strictness === "strict";
  switch (type.kind) {
    case "choice":
      return strict ? z.enum([...type.words]) : z.string();
    case "number":
      return strict ? z.int().min(type.range.min).max(type.range.max) : z.number();
    case "object":
      return zodObject(z, type.fields, strictness);
    case "list":
      return z.array(zodType(z, type.of, strictness));
    case "map":
      return z.record(z.string(), zodType(z, type.of, strictness));
    case "either":
      return z.union(type.of.map((one) => zodType(z, one, strictness)));
    default:
      return simpleType(z, type.kind, strictness);
  }
}

const described = ({ summary, type }: OptionSpec): string =>
  type.kind === "number" && type.range.unit ? `${summary} In ${type.range.unit}.` : summary;

function zodObject(z: typeof Zod, fields: Readonly<Record<string, OptionSpec>>, strictness: Strictness): Zod.ZodObject {
  const entries = Object.entries(fields).map(([name, spec]) => {
    const type = zodType(z, spec.type, strictness);
    if (strictness === "shape") return [name, spec.required ? type : type.optional()];
    const meta = { description: described(spec), ...(spec.standard === undefined ? {} : { default: spec.standard }) };
    return [name, (spec.required ? type : type.optional()).meta(meta)];
  });
  return z.strictObject(Object.fromEntries(entries) as Record<string, Zod.ZodType>);
}

const load = createRequire(__filename);

/** zod, loaded with the first options that are checked: it takes longer than the rest of the package. */
export const loadZod = (): typeof Zod => (load("zod") as typeof import("zod")).z;

/** The schema of options; `more` are further names at the top. */
export const optionSchema = (strictness: Strictness, more: Readonly<Record<string, OptionSpec>> = {}): Zod.ZodObject =>
  zodObject(loadZod(), { ...more, ...optionTable }, strictness);

let shape: Zod.ZodType | undefined;

function addUnknown(problems: Problems, path: string, name: string, keys: readonly string[]): void {
  const type = name === "" ? undefined : optionTable[name as keyof typeof optionTable].type;
  const known = type === undefined ? optionNames : fieldNames(type);
  for (const key of keys) {
    problems.add(path ? `${path}.${key}` : key, "UNKNOWN_NAME", `no option has this name${didYouMean(key, known)}`);
  }
}

type Issue = Zod.core.$ZodIssue;

interface Unknown {
  keys: readonly string[];
  path: readonly PropertyKey[];
}

// A union hides what is wrong inside its object form: look for the misspelled keys there.
function unknownKeys(issue: Issue): Unknown | undefined {
  if (issue.code === "unrecognized_keys") return { keys: issue.keys, path: issue.path };
  if (issue.code !== "invalid_union") return undefined;
  const inner = issue.errors.flat().map(unknownKeys).find(Boolean);
  return inner && { keys: inner.keys, path: [...issue.path, ...inner.path] };
}

// The same for a value of a wrong type: the path into the object form, if that is what was given.
function pathOf(issue: Issue): readonly PropertyKey[] {
  const inner = issue.code === "invalid_union" ? issue.errors.flat().find((one) => one.path.length > 0) : undefined;
  return inner ? [...issue.path, ...pathOf(inner)] : issue.path;
}

/** ["swap", 0, "size"] as "swap[0].size". */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

// What the field at a path expects; the option's own words where it says nothing.
function expectedAt(path: readonly PropertyKey[]): string {
  const top = optionTable[path[0] as keyof typeof optionTable];
  const last = path.at(-1);
  const fields = path.length > 1 && typeof last === "string" ? fieldsOf(top.type) : {};
  return fields[String(last)]?.expected ?? top.expected;
}

function fieldsOf(type: OptionType): Record<string, OptionSpec> {
  if (type.kind === "object") return type.fields;
  if (type.kind === "list") return fieldsOf(type.of);
  return type.kind === "either" ? Object.assign({}, ...type.of.map(fieldsOf)) : {};
}

/** Notes every unknown name and every value of a wrong type; the names of options that cannot be used. */
export function checkShape(problems: Problems, options: Record<string, unknown>): Set<string> {
  shape ??= optionSchema("shape");
  const result = shape.safeParse(options);
  const unusable = new Set<string>();
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0] ?? "");
    const unknown = unknownKeys(issue);
    for (const key of name === "" ? (unknown?.keys ?? []) : [name]) unusable.add(key);
    if (unknown && name !== "tlb") {
      addUnknown(problems, pathText(unknown.path), name, unknown.keys);
    } else {
      const path = pathOf(issue);
      const text = `expected ${expectedAt(path)}; got ${show(valueAt(options, path))}`;
      problems.add(pathText(path), "INVALID_ARGUMENT", text);
    }
  }
  return unusable;
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], options);
}
