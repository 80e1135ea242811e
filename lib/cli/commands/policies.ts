// SPDX-License-Identifier: MIT
// pagewalk policies: the page replacement policies and their parameters.
import * as native from "../../native.js";
import type { NativePolicy } from "../../native.js";
import { jsonText } from "../../report/json.js";
import { listing } from "../listing.js";
import { print } from "../output.js";

const parametersOf = (policy: NativePolicy): string =>
  policy.parameters.map(({ name, default: value, min, max }) => `${name}=${value} (${min} to ${max})`).join(", ");

export async function policies(flags: { json?: boolean }): Promise<void> {
  const all = native.policies();
  const rows = all.map((policy) => [policy.name, policy.family, parametersOf(policy), policy.summary]);
  await print(flags.json ? jsonText(all) : listing(rows));
}
