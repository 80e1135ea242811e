// SPDX-License-Identifier: MIT
// The optimum (Belady's MIN): the page whose next reference lies furthest ahead leaves. No choice, however
// random, has fewer faults, and none has more than one for each reference.
export function optimum(pages: readonly number[], frames: number): number {
  const resident = new Set<number>();
  let faults = 0;
  const nextUse = (page: number, after: number) => {
    const next = pages.indexOf(page, after + 1);
    return next < 0 ? Number.POSITIVE_INFINITY : next;
  };
  pages.forEach((page, now) => {
    if (resident.has(page)) return;
    faults++;
    if (resident.size === frames)
      resident.delete([...resident].reduce((a, b) => (nextUse(a, now) >= nextUse(b, now) ? a : b)));
    resident.add(page);
  });
  return faults;
}
