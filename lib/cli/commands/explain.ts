// SPDX-License-Identifier: MIT
// pagewalk explain: the page walk for one access, from CR3 to the page or to what stops it.
import { rangeError } from "../../errors.js";
import type { Operation } from "../../mmu.js";
import { vectorOperations } from "../../paging-vectors.js";
import { explanationText } from "../../report/explanation.js";
import { addressJsonText } from "../../report/json.js";
import { isTerminal, print, terminalWidth, wantsColor } from "../output.js";
import { pagingSource, type StateFlags } from "../paging-source.js";

export interface ExplainFlags extends StateFlags {
  access?: Operation;
  cpl?: number;
  size?: number;
  ac?: boolean;
}

export async function explain(address: bigint | undefined, flags: ExplainFlags): Promise<void> {
  const { mmu, access } = pagingSource(flags);
  const at = address ?? (access && BigInt(access.va));
  if (at === undefined)
    throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", "address: expected one, as no access of a case was named");
  // An address of one's own is accessed as the flags say; only its defaults are the case's.
  const operation = flags.access ?? (access && vectorOperations[access.type]) ?? "read";
  const explanation = mmu.explain(at, operation, {
    cpl: flags.cpl ?? access?.cpl ?? 3,
    size: flags.size ?? access?.size ?? 1,
    ac: flags.ac ?? access?.ac ?? 0,
  });
  const form = { aligned: isTerminal(), color: wantsColor(flags.color), width: terminalWidth() };
  await print(flags.json ? addressJsonText(explanation) : explanationText(explanation, form));
}
