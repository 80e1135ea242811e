// SPDX-License-Identifier: MIT
// One section of a report: a title, named columns and rows whose cells know both their forms.

/** What a person reads and what a program reads. */
export interface Cell {
  text: string;
  raw: string;
}

export interface Section {
  /** Plural noun for people; its lower-case form leads the header row for programs. */
  title: string;
  columns: readonly string[];
  rows: readonly { name: string; cells: readonly Cell[] }[];
}

export const words = (text: string): Cell => ({ text, raw: text });

/** A counter: 1,234,567 for people, 1234567 for programs. */
export const count = (value: number): Cell => ({ text: value.toLocaleString("en-US"), raw: String(value) });

/** A share of `whole`, as a percentage for people. Nothing of nothing is a dash. */
export function share(part: number, whole: number): Cell {
  if (whole === 0) return { text: "-", raw: "" };
  const ratio = part / whole;
  const percent = ratio * 100;
  return { text: `${percent.toFixed(percent !== 0 && Math.abs(percent) < 0.1 ? 4 : 2)} %`, raw: ratio.toPrecision(8) };
}

/** A quotient with a fixed number of decimals. */
export function quotient(part: number, whole: number, decimals = 2): Cell {
  if (whole === 0) return { text: "-", raw: "" };
  return { text: (part / whole).toFixed(decimals), raw: (part / whole).toPrecision(8) };
}

export const decimal = (value: number, decimals = 2): Cell => ({
  text: value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  raw: value.toPrecision(8),
});
