// SPDX-License-Identifier: MIT
// FIFO: the page that was loaded first leaves.
export function fifo(pages: Iterable<number>, frames: number): number {
  const resident: number[] = [];
  let faults = 0;
  for (const page of pages) {
    if (resident.includes(page)) continue;
    faults++;
    if (resident.length === frames) resident.shift();
    resident.push(page);
  }
  return faults;
}
