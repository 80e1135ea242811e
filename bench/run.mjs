// SPDX-License-Identifier: MIT
// npm run bench: the cases of the JavaScript side, or those whose names are given.
import { readdirSync } from "node:fs";

const all = readdirSync(new URL("./cases/", import.meta.url)).map((file) => file.replace(/\.mjs$/, ""));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`bench: expected some of ${all.join(", ")}; got ${unknown.join(", ")}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : all) {
  const { run } = await import(new URL(`./cases/${name}.mjs`, import.meta.url));
  await run();
}
