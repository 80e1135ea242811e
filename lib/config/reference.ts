// SPDX-License-Identifier: MIT
// The options as tables of Markdown, for docs/reference/configuration.md.
import { groups, optionNames, type OptionSpec, type OptionType, optionTable } from "../options/table.js";
import { flowText } from "./template.js";

const cell = (text: string): string => text.replaceAll("|", "\\|");
const code = (text: string): string => `\`${text}\``;

const simple = {
  text: "a text",
  size: "a size or bytes",
  address: "an address",
  limit: "pages, a size or a share",
  flag: "`true` or `false`",
  seed: "0 to 2^64 - 1",
} as const;

function typeText(type: OptionType): string {
  switch (type.kind) {
    case "choice":
      return type.words.map(code).join(", ");
    case "number":
      return `${type.range.min} to ${type.range.max}${type.range.unit && ` ${type.range.unit}`}`;
    case "object":
      return "an object";
    case "list":
      return "a list of objects";
    case "map":
      return "an object by name";
    case "either":
      return [...new Set(type.of.map(typeText))].join("; or ");
    default:
      return simple[type.kind];
  }
}

function fieldsOf(type: OptionType): [string, OptionSpec][] {
  if (type.kind === "object") return Object.entries(type.fields);
  if (type.kind === "list" || type.kind === "map") return fieldsOf(type.of);
  return type.kind === "either" ? type.of.flatMap(fieldsOf) : [];
}

const row = (name: string, spec: OptionSpec): string => {
  const standard = spec.standard === undefined ? "" : code(flowText(spec.standard));
  return `| ${code(name)} | ${cell(typeText(spec.type))} | ${cell(standard)} | ${cell(spec.summary)} |`;
};

function rowsOf(name: keyof typeof optionTable): string[] {
  const spec = optionTable[name];
  const inside = spec.type.kind === "list" ? `${name}[]` : name;
  return [row(name, spec), ...fieldsOf(spec.type).map(([field, one]) => row(`${inside}.${field}`, one))];
}

/** A table for each part of a configuration. */
export function referenceText(): string {
  const parts = groups.map((group) => {
    const title = `### ${group[0]!.toUpperCase()}${group.slice(1)}`;
    const rows = optionNames.filter((name) => optionTable[name].group === group).flatMap(rowsOf);
    return [title, "", "| option | takes | default | |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
  });
  return `${parts.join("\n").trimEnd()}\n`;
}
