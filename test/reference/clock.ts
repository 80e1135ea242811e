// SPDX-License-Identifier: MIT
// CLOCK with an n-bit counter: a reference counts up, the passing hand counts down, 0 leaves. Loaded with 0.
export function clock(pages: Iterable<number>, frames: number, bits = 1): number {
  const queue: { page: number; counter: number }[] = [];
  const highest = 2 ** bits - 1;
  let faults = 0;
  for (const page of pages) {
    const found = queue.find((entry) => entry.page === page);
    if (found) {
      found.counter = Math.min(found.counter + 1, highest);
      continue;
    }
    faults++;
    if (queue.length === frames) {
      let first = queue.shift()!;
      while (first.counter > 0) {
        queue.push({ page: first.page, counter: first.counter - 1 });
        first = queue.shift()!;
      }
    }
    queue.push({ page, counter: 0 });
  }
  return faults;
}
