// SPDX-License-Identifier: MIT
// Violations, collected so that one error names all of them.

/** One thing that is wrong with the options. `text` is to be read after the option's name. */
export interface Problem {
  option: string;
  code: string;
  text: string;
  /** Where it stands, if it came from a configuration file. */
  at?: Place;
}

/** A place in a file; line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** "machine.yaml:3:9". */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;

const typeCodes = new Set(["ERR_PAGEWALK_INVALID_ARGUMENT"]);

/** What callers see: the code of the only kind of problem, or INVALID_CONFIG where several kinds meet. */
export type OptionsError = (TypeError | RangeError) & { code: string; problems: readonly Problem[] };

export class Problems {
  readonly #list: Problem[] = [];
  readonly #parent: Problems | undefined;

  constructor(parent?: Problems) {
    this.#parent = parent;
  }

  add(option: string, code: string, text: string): undefined {
    this.#list.push({ option, code: `ERR_PAGEWALK_${code}`, text });
    this.#parent?.add(option, code, text);
    return undefined;
  }

  /** A part whose own violations can be asked for; they are this one's as well. */
  child(): Problems {
    return new Problems(this);
  }

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** Throws one error for everything collected so far; returns if there is nothing. */
  throwIfAny(): void {
    if (this.#list.length === 0) return;
    throw optionsError(this.#list);
  }
}

/** One error for all of these violations. */
export function optionsError(problems: readonly Problem[]): OptionsError {
  const codes = new Set(problems.map((problem) => problem.code));
  const code = codes.size === 1 ? problems[0]!.code : "ERR_PAGEWALK_INVALID_CONFIG";
  const lines = problems.map(({ at, option, text }) => `${at ? `${placeText(at)}: ` : ""}${option}: ${text}`);
  const message = lines.length === 1 ? lines[0]! : `${lines.length} options are wrong:\n  ${lines.join("\n  ")}`;
  const Class = typeCodes.has(code) ? TypeError : RangeError;
  return Object.assign(new Class(message), { code, problems });
}

/** A value as it is quoted in messages. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return "an array";
  return "an object";
}
