// SPDX-License-Identifier: MIT
// A configuration: a file, what it extends, and options that stand before both; where each value came from.
import { dirname, resolve as resolvePath } from "node:path";
import { presetNames } from "../generated/presets.js";
import { optionsError, type OptionsError, type Place, type Problem, show } from "../options/problems.js";
import { didYouMean } from "../options/suggest.js";
import type { MachineOptions } from "../options/types.js";
import { type ConfigDocument, type Key, readDocument } from "./document.js";

/** Options and where they came from. */
export interface LoadedConfig {
  options: MachineOptions;
  /** The file and place of an option, or the preset that a file extends. */
  origin(option: string): Place | string | undefined;
  /** The same error with the place of each violation that stands in a file. */
  located(error: unknown): unknown;
}

interface Layer {
  document: ConfigDocument | undefined;
  options: Record<string, unknown>;
  /** What is said of options that no file has. */
  name?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// Objects are merged name by name; anything else takes the place of what was there.
function merged(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(over).map(([name, value]): [string, unknown] => {
    const before = base[name];
    return [name, isObject(before) && isObject(value) ? merged(before, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

function refuse(document: ConfigDocument, code: string, text: string): never {
  const at = document.place(["extends"], "value");
  throw optionsError([{ option: "extends", code: `ERR_PAGEWALK_${code}`, text, ...(at ? { at } : {}) }]);
}

function presetLayer(document: ConfigDocument, name: string): Layer {
  if ((presetNames as readonly string[]).includes(name))
    return { document: undefined, options: { cpu: name }, name: `preset:${name}` };
  const text = `expected one of ${presetNames.join(", ")}; got ${show(name)}${didYouMean(name, presetNames)}`;
  return refuse(document, "UNKNOWN_NAME", text);
}

// JSON has no whole numbers above 2^53: a seed may be a text of digits there.
function withSeed(options: Record<string, unknown>): Record<string, unknown> {
  const { seed } = options;
  return typeof seed === "string" && /^\d{1,20}$/.test(seed) ? { ...options, seed: BigInt(seed) } : options;
}

function layersOf(path: string, seen: readonly string[] = []): Layer[] {
  const document = readDocument(path);
  const { extends: base, ...options } = document.values;
  const own: Layer = { document, options: withSeed(options) };
  if (base === undefined) return [own];
  if (typeof base !== "string")
    refuse(document, "INVALID_ARGUMENT", `expected "preset:NAME" or a file, got ${show(base)}`);
  if (base.startsWith("preset:")) return [presetLayer(document, base.slice("preset:".length)), own];
  const file = resolvePath(path === "-" ? "." : dirname(path), base);
  const chain = [...seen, resolvePath(path)];
  if (chain.includes(file)) refuse(document, "INVALID_CONFIG", `${show(base)} extends this file itself`);
  return [...layersOf(file, chain), own];
}

// "swap[0].size" and "tlb l1d.2MiB" as keys; a name after a space is one key, dots and all.
function keysOf(option: string): Key[] {
  const [path = "", ...names] = option.split(" ");
  const keys = [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([text, index]) =>
    index === undefined ? text : Number(index),
  );
  return names.length > 0 ? [...keys, names.join(" ")] : keys;
}

function has(options: unknown, keys: readonly Key[]): boolean {
  const [key, ...rest] = keys;
  if (key === undefined) return true;
  if (typeof options !== "object" || options === null || !(key in options)) return false;
  return rest.length === 0 || has((options as Record<Key, unknown>)[key], rest);
}

// The last layer that says something of an option; of its part, if one does.
function layerOf(layers: readonly Layer[], keys: readonly Key[]): Layer | undefined {
  const inside = layers.findLast(({ options }) => has(options, keys));
  return inside ?? layers.findLast(({ options }) => has(options, keys.slice(0, 1)));
}

const isNameUnknown = (problem: Problem): boolean => problem.text.startsWith("no option has this name");

function locate(layers: readonly Layer[], problem: Problem): Problem {
  if (problem.at) return problem;
  const keys = keysOf(problem.option);
  const at = layerOf(layers, keys)?.document?.place(keys, isNameUnknown(problem) ? "name" : "value");
  return at ? { ...problem, at } : problem;
}

// File by file in the order of lines; what stands in none comes last.
function byPlace({ at: a }: Problem, { at: b }: Problem): number {
  if (!a || !b) return Number(!a) - Number(!b);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

/** Reads a file and what it extends; `over` stands before what they say. */
export function loadConfig(path: string, over: MachineOptions = {}): LoadedConfig {
  const given = Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined));
  const layers = [...layersOf(path), { document: undefined, options: given, name: "given" }];
  const options = layers.reduce<Record<string, unknown>>((base, layer) => merged(base, layer.options), {});
  // Memory may be said in two ways: the later layer's stands.
  const lasting = (name: string): number => layers.findLastIndex((layer) => name in layer.options);
  const [memory, map] = [lasting("memory"), lasting("memoryMap")];
  if (memory !== map && memory >= 0 && map >= 0) delete options[memory > map ? "memoryMap" : "memory"];
  return {
    options,
    origin(option) {
      const keys = keysOf(option);
      const layer = layerOf(layers, keys);
      return layer?.document?.place(keys, "name") ?? layer?.name;
    },
    located(error) {
      const { problems } = error as Partial<OptionsError>;
      return problems ? optionsError(problems.map((problem) => locate(layers, problem)).sort(byPlace)) : error;
    },
  };
}
