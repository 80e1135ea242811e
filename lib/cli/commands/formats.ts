// SPDX-License-Identifier: MIT
// pagewalk formats: what this build reads.
import * as native from "../../native.js";
import { jsonText } from "../../report/json.js";
import { listing } from "../listing.js";
import { print } from "../output.js";

export async function formats(flags: { json?: boolean }): Promise<void> {
  const all = native.formats();
  const { decoders } = native.build();
  if (flags.json) return print(jsonText({ formats: all, decoders }));
  const rows = all.map((format) => [format.name, format.summary]);
  await print(`${listing(rows)}\nCompression: ${["none", ...decoders].join(", ")}\n`);
}
