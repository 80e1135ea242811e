// SPDX-License-Identifier: MIT
// A set-associative TLB with true LRU: the set is page mod sets, each set a list with the oldest first.
export class Tlb {
  hits = 0;
  misses = 0;
  readonly #ways: number;
  readonly #sets: number[][];

  constructor(entries: number, ways: number) {
    this.#ways = ways;
    this.#sets = Array.from({ length: entries / ways }, () => []);
  }

  /** Whether the page hits, which makes it the most recent. */
  lookup(page: number): boolean {
    const set = this.#sets[page % this.#sets.length]!;
    const place = set.indexOf(page);
    if (place < 0) {
      this.misses++;
      return false;
    }
    this.hits++;
    set.push(...set.splice(place, 1));
    return true;
  }

  fill(page: number): void {
    const set = this.#sets[page % this.#sets.length]!;
    if (set.length === this.#ways) set.shift();
    set.push(page);
  }
}
