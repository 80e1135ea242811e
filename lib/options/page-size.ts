// SPDX-License-Identifier: MIT
// The three page sizes of x86-64 and the ways to write them.
import type { PageSize } from "../native-config.js";

export const pageSizes: readonly PageSize[] = ["4KiB", "2MiB", "1GiB"];

/** The page size of "2MiB", "2M", "2m" or "2mib"; undefined for anything else. */
export function pageSizeOf(text: string): PageSize | undefined {
  const bare = text.trim().toLowerCase().replace(/i?b$/, "");
  return pageSizes.find((size) => size.toLowerCase().replace(/ib$/, "") === bare);
}
