// SPDX-License-Identifier: MIT
// Paging-structure caches with true LRU: how many page-table entries a walk of four levels reads.
class Cache {
  readonly #tags: number[] = [];
  constructor(readonly entries: number) {}

  lookup(tag: number): boolean {
    const place = this.#tags.indexOf(tag);
    if (place >= 0) this.#tags.push(...this.#tags.splice(place, 1));
    return place >= 0;
  }
  insert(tag: number): void {
    this.#tags.push(tag);
    if (this.#tags.length > this.entries) this.#tags.shift();
  }
}

export class StructureCaches {
  /** From the PDE cache up: pages of 2 MiB, 1 GiB and 512 GiB. */
  readonly #caches: readonly { cache: Cache; pages: number }[];

  constructor(sizes: { pml4e: number; pdpte: number; pde: number }) {
    this.#caches = [
      { cache: new Cache(sizes.pde), pages: 2 ** 9 },
      { cache: new Cache(sizes.pdpte), pages: 2 ** 18 },
      { cache: new Cache(sizes.pml4e), pages: 2 ** 27 },
    ];
  }

  /** References of a walk to this page, which leaves what it read. */
  walk(page: number): number {
    const tag = (pages: number) => Math.floor(page / pages);
    const hit = this.#caches.findIndex(({ cache, pages }) => cache.lookup(tag(pages)));
    const missed = hit < 0 ? this.#caches : this.#caches.slice(0, hit);
    for (const { cache, pages } of missed.toReversed()) cache.insert(tag(pages));
    return missed.length + 1;
  }
}
