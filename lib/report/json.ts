// SPDX-License-Identifier: MIT
// The result document as JSON text. A bigint becomes a number where that is exact, a decimal string otherwise; a typed
// array becomes a list.

const plain = (_key: string, value: unknown): unknown => {
  if (value instanceof Float64Array) return [...value];
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
};

/** Indented JSON with a newline at its end. */
export const jsonText = (document: unknown): string => `${JSON.stringify(document, plain, 2)}\n`;

/** The same, with each list of numbers on one line: for documents that hold long ones. */
export const numbersJsonText = (document: unknown): string =>
  jsonText(document).replace(/\[\n[-+.e\d,\s]*\]/g, (list) => list.replace(/\s+/g, " "));

/** The same, with every bigint as text such as "0x7fff1000": for documents whose bigints are addresses and entries. */
export const addressJsonText = (document: unknown): string =>
  jsonText(
    JSON.parse(
      JSON.stringify(document, (_key, value: unknown) =>
        typeof value === "bigint" ? `0x${value.toString(16)}` : value,
      ),
    ),
  );

/** JSON on one line, with a newline at its end. */
export const jsonLine = (document: unknown): string => `${JSON.stringify(document, plain)}\n`;
