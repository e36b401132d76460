/** A queue: first in, first out, in constant time however long it is. The `shift` of a long array moves all that are behind. */
export class Line<Item extends object> {
  #items: (Item | undefined)[] = [];
  /** Where the first one is; all before it have left. */
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the first one. */
  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // Moving the rest costs no more than the steps that led here.
    if (this.#head * 2 >= this.#items.length) this.keep(() => true);
    return item;
  }

  keep(wanted: (item: Item) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter((item) => item !== undefined && wanted(item));
    this.#head = 0;
  }
}
