// SPDX-License-Identifier: MIT
// The result document as JSON text. A bigint becomes a number where that is exact, a decimal string otherwise.

const plain = (_key: string, value: unknown): unknown => {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
};

/** Indented JSON with a newline at its end. */
export const jsonText = (document: unknown): string => `${JSON.stringify(document, plain, 2)}\n`;

/** JSON on one line, with a newline at its end. */
export const jsonLine = (document: unknown): string => `${JSON.stringify(document, plain)}\n`;
