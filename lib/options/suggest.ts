// SPDX-License-Identifier: MIT
// "Did you mean": the known name nearest to a misspelled one.

/** Edits (insert, delete, replace, swap neighbors) that turn `a` into `b`. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  const cell = (i: number, j: number): number => (i < 0 || j < 0 ? Infinity : (rows[i]?.[j] ?? Infinity));
  for (let j = 1; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? cell(i - 2, j - 2) + 1 : Infinity;
      rows[i]![j] = Math.min(replaced, swapped, cell(i - 1, j) + 1, cell(i, j - 1) + 1);
    }
  }
  return cell(a.length, b.length);
}

/** The name that `given` was most likely meant to be, if one is near enough to be worth naming. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  const bare = wanted.replace(/[^a-z0-9]/g, "");
  let best: string | undefined;
  let least = Infinity;
  for (const name of names) {
    const known = name.toLowerCase();
    const near = known.replace(/[^a-z0-9]/g, "") === bare ? 0 : distance(wanted, known);
    const contained = bare.length >= 3 && known.includes(wanted) ? 2 : Infinity;
    const score = Math.min(near, contained);
    if (score < least) [best, least] = [name, score];
  }
  return least <= Math.max(1, Math.floor(given.length / 3)) + 1 ? best : undefined;
}

/** ` (did you mean "lru"?)`, or nothing. */
export function didYouMean(given: string, names: readonly string[]): string {
  const name = nearest(given, names);
  return name === undefined ? "" : ` (did you mean "${name}"?)`;
}
