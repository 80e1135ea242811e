// SPDX-License-Identifier: MIT
// pagewalk tables: what page tables map, range by range.
import { addressJsonText } from "../../report/json.js";
import { tableDocument, tablesText } from "../../report/tables.js";
import { isTerminal, print, terminalWidth, wantsColor } from "../output.js";
import { pagingSource, type StateFlags } from "../paging-source.js";

export interface TableFlags extends StateFlags {
  tree?: boolean;
  physical?: boolean;
}

export async function tables(flags: TableFlags): Promise<void> {
  const { mmu } = pagingSource(flags);
  const { tree = false, physical = false } = flags;
  const document = tableDocument(mmu, { tree, physical });
  const form = { aligned: isTerminal(), color: wantsColor(flags.color), width: terminalWidth() };
  await print(flags.json ? addressJsonText(document) : tablesText(document, form));
}
