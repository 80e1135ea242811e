// SPDX-License-Identifier: MIT
// The JSON Schema of configuration files, for editors and other tools.
import { loadZod, optionSchema } from "../options/schema.js";
import type { OptionSpec } from "../options/table.js";

/** What a file may say besides options. */
export const fileOptions: Readonly<Record<string, OptionSpec>> = {
  extends: {
    type: { kind: "text" },
    summary: 'What this file is laid over: "preset:NAME", or another file, relative to this one.',
    expected: 'a text such as "preset:amd-zen4"',
  },
};

/** Draft 2020-12. */
export function configSchema(): Record<string, unknown> {
  const schema = loadZod().toJSONSchema(optionSchema("strict", fileOptions), { io: "input" });
  const { $schema, ...rest } = schema as Record<string, unknown>;
  return { $schema, title: "Configuration of a pagewalk machine", ...rest };
}
