// SPDX-License-Identifier: MIT
// Writes lib/generated/ from the native tables. With --check it writes nothing and fails if something is stale.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const native = require("node-gyp-build")(root);

const banner = (source) => `// SPDX-License-Identifier: MIT
// Generated from ${source} by \`npm run generate\`; never edited.
`;

const list = (name, entries) =>
  `export const ${name} = [\n${entries.map((entry) => `  ${JSON.stringify(entry.name)},\n`).join("")}] as const;\n`;

function unionFile({ source, constant, type, meaning, entries }) {
  return `${banner(source)}
/** ${meaning} */
export type ${type} = (typeof ${constant})[number];

${list(constant, entries)}`;
}

// A table with the type of its literals.
const tableFile = (source, constant, meaning, value) =>
  `${banner(source)}\n/** ${meaning} */\nexport const ${constant} = ${JSON.stringify(value, null, 2)} as const;\n`;

const files = {
  "policies.ts": unionFile({
    source: "native/policy/replacement/registry.cc",
    constant: "policyNames",
    type: "PolicyName",
    meaning: "The replacement policies.",
    entries: native.policies(),
  }),
  "formats.ts": unionFile({
    source: "native/trace/formats/table.cc",
    constant: "formatNames",
    type: "FormatName",
    meaning: "The trace formats.",
    entries: native.formats(),
  }),
  "generators.ts": unionFile({
    source: "native/trace/generators/table.cc",
    constant: "generatorNames",
    type: "GeneratorName",
    meaning: "The generators of synthetic traces.",
    entries: native.generators(),
  }),
  "presets.ts": unionFile({
    source: "native/machine/presets.cc",
    constant: "presetNames",
    type: "PresetName",
    meaning: "The named processors.",
    entries: native.presets(),
  }),
  "options.ts": tableFile(
    "the number options and word lists of native/",
    "optionTables",
    "What options may be: numbers with range, unit and default, and the words of closed lists.",
    native.optionTables(),
  ),
  "errors.ts": unionFile({
    source: "native/base/error.cc",
    constant: "errorCodes",
    type: "ErrorCode",
    meaning: "The codes of errors, besides ERR_PAGEWALK_NO_BINARY when the addon is missing.",
    entries: native.errors(),
  }),
};

const folder = path.join(root, "lib", "generated");
const contentOf = (file) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
const stale = Object.entries(files).filter(([name, text]) => contentOf(path.join(folder, name)) !== text);
if (process.argv.includes("--check")) {
  for (const [name] of stale) console.error(`lib/generated/${name} is stale: run npm run generate`);
  process.exitCode = stale.length ? 1 : 0;
} else {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of stale) fs.writeFileSync(path.join(folder, name), text);
}
