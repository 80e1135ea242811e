// SPDX-License-Identifier: MIT
// LRU: the page whose last reference lies furthest back leaves.
export function lru(pages: Iterable<number>, frames: number): number {
  const byAge: number[] = [];
  let faults = 0;
  for (const page of pages) {
    const place = byAge.indexOf(page);
    if (place >= 0) byAge.splice(place, 1);
    else {
      faults++;
      if (byAge.length === frames) byAge.shift();
    }
    byAge.push(page);
  }
  return faults;
}
