// SPDX-License-Identifier: MIT
// FIFO: evicts the page that was loaded first. It has no onAccess, so references cost it nothing; and since none of
// them changes its mind, it names many victims at once.

const atOnce = 256;

export class Fifo {
  name = "my-fifo";
  #pages = new Set();
  #victims = new Float64Array(atOnce);

  onInsert(pages) {
    for (const page of pages) this.#pages.add(page);
  }

  onRemove(pages) {
    for (const page of pages) this.#pages.delete(page);
  }

  chooseVictim() {
    let count = 0;
    for (const page of this.#pages) {
      this.#victims[count++] = page;
      if (count === atOnce) break;
    }
    return this.#victims.subarray(0, count);
  }
}
