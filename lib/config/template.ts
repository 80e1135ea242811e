// SPDX-License-Identifier: MIT
// The file that `pagewalk config init` writes: every option with its sentence, unit and default.
import { groups, optionNames, type OptionSpec, optionTable } from "../options/table.js";

const titles: Record<(typeof groups)[number], string> = {
  processor: "The processor",
  memory: "Physical memory",
  paging: "Demand paging and page replacement",
  traces: "What of a trace is simulated",
  processes: "Processes",
  checks: "Checks",
};

const width = 100;

// A comment in lines of bearable length; those after the first stand further in.
function wrapped(text: string, indent: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && indent.length + line.length + word.length > width) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => `${indent}${line}`);
}

const isPlain = (text: string): boolean => /^[A-Za-z0-9][\w./-]*$/.test(text) && Number.isNaN(Number(text));

/** A value as YAML in one line. */
export function flowText(value: unknown): string {
  if (typeof value === "string")
    return isPlain(value) && !/^(true|false|null|yes|no)$/i.test(value) ? value : JSON.stringify(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[${value.map(flowText).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, one]) => `${name}: ${flowText(one)}`)
      .join(", ")} }`;
  return String(value);
}

function rangeOf({ type }: OptionSpec): string | undefined {
  if (type.kind === "choice") return `One of ${type.words.join(", ")}.`;
  if (type.kind !== "number") return undefined;
  const { min, max, unit } = type.range;
  return `${min} to ${max}${unit && ` ${unit}`}.`;
}

function fieldLines(spec: OptionSpec): string[] {
  const { type } = spec;
  const objects = type.kind === "either" ? type.of : [type];
  return objects.flatMap((one) => {
    const inner = one.kind === "list" ? one.of : one;
    if (inner.kind !== "object") return [];
    return Object.entries(inner.fields).flatMap(([name, field]) => {
      const standard = field.standard === undefined ? "" : ` Default ${flowText(field.standard)}.`;
      return wrapped(`${name}: ${[field.summary, rangeOf(field)].filter(Boolean).join(" ")}${standard}`, "#   ");
    });
  });
}

function optionLines(name: keyof typeof optionTable): string[] {
  const spec = optionTable[name];
  const comment = wrapped([spec.summary, rangeOf(spec)].filter(Boolean).join(" "), "# ");
  const setting =
    spec.standard === undefined ? `#${name}: ${flowText(spec.example)}` : `${name}: ${flowText(spec.standard)}`;
  return [...comment, ...fieldLines(spec), setting, ""];
}

/** The commented file; it resolves to the machine of no options at all. */
export function configTemplate(): string {
  const head = [
    "# yaml-language-server: $schema=pagewalk.schema.json",
    "# A machine for pagewalk: pagewalk run TRACE --config FILE. Every option is here with its default; those without",
    "# one, or whose default the preset gives, are commented out. `pagewalk config schema > pagewalk.schema.json` lets",
    "# editors complete and check this file.",
    "",
    "# What this file is laid over: a preset, or another file.",
    "#extends: preset:amd-zen4",
    "",
  ];
  const parts = groups.flatMap((group) => [
    `# ---- ${titles[group]} ----`,
    "",
    ...optionNames.filter((name) => optionTable[name].group === group).flatMap(optionLines),
  ]);
  return `${[...head, ...parts].join("\n").trimEnd()}\n`;
}
