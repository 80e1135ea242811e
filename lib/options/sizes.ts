// SPDX-License-Identifier: MIT
// Sizes as people write them: 64MiB, 64M, 16384p (pages of 4 KiB), or a bare number of bytes.

const units: Record<string, bigint> = { "": 1n, b: 1n, p: 4096n };
["k", "m", "g", "t", "p"].forEach((letter, index) => {
  const bytes = 1024n ** BigInt(index + 1);
  units[`${letter}ib`] = bytes;
  if (letter !== "p") units[letter] = bytes;
});

export const pageBytes = { "4KiB": 4096n, "2MiB": 2n << 20n, "1GiB": 1n << 30n } as const;

const decimalUnit = /^(k|m|g|t|p)b$/i;

/** Why a text is not a size. */
export interface NotASize {
  problem: string;
}

/** Bytes of a size, or what is wrong with it. A fraction is fine if it makes whole bytes. */
export function parseSize(text: string): bigint | NotASize {
  const match = /^(\d+)(?:\.(\d{1,6}))?\s*([a-z]*)$/i.exec(text.trim());
  const expected = "expected a size such as 64MiB, 4G, 16384p (pages of 4 KiB) or a number of bytes";
  if (!match) return { problem: expected };
  const [, whole = "", fraction = "", unit = ""] = match;
  if (decimalUnit.test(unit)) {
    return { problem: `expected a binary unit: write ${whole}${unit[0]!.toUpperCase()}iB instead of ${whole}${unit}` };
  }
  const scale = units[unit.toLowerCase()];
  if (scale === undefined) return { problem: expected };
  const scaled = BigInt(whole + fraction) * scale;
  const divisor = 10n ** BigInt(fraction.length);
  return scaled % divisor === 0n ? scaled / divisor : { problem: `${expected}; this is no whole number of bytes` };
}

/** A size in the largest unit that keeps it whole: 4096n is "4KiB". */
export function formatSize(bytes: bigint): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  let rest = bytes;
  while (unit < names.length - 1 && rest !== 0n && rest % 1024n === 0n) {
    rest /= 1024n;
    unit++;
  }
  return `${rest}${names[unit]}`;
}
