// SPDX-License-Identifier: MIT
// One configuration file, YAML or JSON: its values, and where in the text each of them stands.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import type { Document, LineCounter, Pair } from "yaml";
import { PagewalkError } from "../errors.js";
import { checkedPath } from "../options/path.js";
import { type Place, type Problem, optionsError, show } from "../options/problems.js";

/** A name or an index. */
export type Key = string | number;

export interface ConfigDocument {
  file: string;
  values: Record<string, unknown>;
  /** Where the value at a path stands, or the name that leads to it; as far down as the text goes. */
  place(path: readonly Key[], of: "name" | "value"): Place | undefined;
}

const load = createRequire(__filename);

// Loaded with the first file that is read.
const yaml = (): typeof import("yaml") => load("yaml") as typeof import("yaml");

function textOf(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : (cause as Error).message;
    throw new PagewalkError("ERR_PAGEWALK_CONFIG_UNREADABLE", `${file}: ${why}`, { cause, file });
  }
}

function placeAt(file: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

function throwSyntaxErrors(file: string, document: Document, lines: LineCounter): void {
  if (document.errors.length === 0) return;
  const problems = document.errors.map(({ message, pos }): Problem => {
    const [sentence = message] = message.split("\n");
    const text = sentence.replace(/ at line \d+, column \d+:?$/, "").replace(/^./, (letter) => letter.toLowerCase());
    return { option: "text", code: "ERR_PAGEWALK_CONFIG_SYNTAX", text, at: placeAt(file, lines, pos[0]) };
  });
  throw optionsError(problems);
}

// Whole numbers that a double does not hold stay bigint; the others are plain.
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

function placeIn(document: Document, path: readonly Key[], of: "name" | "value"): number | undefined {
  const { isMap, isNode, isSeq, isScalar } = yaml();
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const [depth, key] of path.entries()) {
    const pair: Pair | undefined = isMap(node)
      ? node.items.find((one) => String(isScalar(one.key) ? one.key.value : one.key) === String(key))
      : undefined;
    const child: unknown = isSeq(node) ? node.items[Number(key)] : pair?.value;
    const isLast = depth === path.length - 1;
    const from: unknown = of === "name" && isLast && pair ? pair.key : (child ?? pair?.key);
    if (!isNode(from) || !from.range) return offset;
    offset = from.range[0];
    node = child;
  }
  return offset;
}

// Refused where aliases would make more of the text than a person meant.
function valuesOf(file: string, document: Document): unknown {
  try {
    return plain(document.toJS());
  } catch (error) {
    const at = { file, line: 1, column: 1 };
    const text = `expected at most 100 uses of aliases, got too many: ${(error as Error).message}`;
    throw optionsError([{ option: "text", code: "ERR_PAGEWALK_CONFIG_SYNTAX", text, at }]);
  }
}

/** Reads a file, `-` for standard input. Throws where it cannot be read or parsed, or holds something else than names. */
export function readDocument(path: string): ConfigDocument {
  const file = path === "-" ? path : checkedPath(path, "config");
  const { parseDocument, LineCounter: Lines } = yaml();
  const lines = new Lines();
  const shown = file === "-" ? "standard input" : file;
  const document = parseDocument(textOf(file), { lineCounter: lines, intAsBigInt: true, prettyErrors: true });
  throwSyntaxErrors(shown, document, lines);
  const values = valuesOf(shown, document);
  if (values !== null && (typeof values !== "object" || Array.isArray(values))) {
    const at = { file: shown, line: 1, column: 1 };
    const text = `expected names and values such as "memory: 4GiB", got ${show(values)}`;
    throw optionsError([{ option: basename(shown), code: "ERR_PAGEWALK_CONFIG_SYNTAX", text, at }]);
  }
  return {
    file: shown,
    values: (values ?? {}) as Record<string, unknown>,
    place(keys, of) {
      const offset = placeIn(document, keys, of);
      return offset === undefined ? undefined : placeAt(shown, lines, offset);
    },
  };
}
