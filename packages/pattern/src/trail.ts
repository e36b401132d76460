const UNSET = -1;

/** Numbers kept for one untried way: instruction, place, how much of `#undo` belongs to the ways before. */
const WAY = 3;

/** What grows beyond this many numbers is let go of after the search. */
const MOST_KEPT = 1 << 14;

/**
 * What a backtracking search remembers: the untried ways it put aside, and slots (places and counters) that get back the values
 * they had when a way was put aside. Everything is a list of plain numbers that grows as needed, never the call stack. It
 * serves one search after another, so that a search allocates little.
 */
export class Trail {
  /** Where the way that `takeBack` took back goes on. */
  pc = 0;
  at = 0;
  readonly #slotCount: number;
  #slots: Int32Array;
  /** Where in `#undo` the latest entry of each slot stands. */
  #undoOf: Int32Array;
  /** Overwritten values, two numbers each: slot, former value. */
  #undo: Int32Array = new Int32Array(64);
  #undoLength = 0;
  #ways: Int32Array = new Int32Array(WAY * 32);
  #wayLength = 0;
  /** Entries of `#undo` from here on belong to the latest way. */
  #since = Infinity;

  /** `slotCount` slots, all unset. More come to be when they are set. */
  constructor(slotCount: number) {
    this.#slotCount = slotCount;
    this.#slots = new Int32Array(slotCount).fill(UNSET);
    this.#undoOf = new Int32Array(slotCount).fill(UNSET);
  }

  /** Untried ways at the moment. */
  get ways(): number {
    return this.#wayLength / WAY;
  }

  get(slot: number): number {
    return this.#slots[slot] ?? UNSET;
  }

  /** Sets a slot. Its former value is kept once for the latest way put aside. */
  set(slot: number, value: number): void {
    if (slot >= this.#slots.length) {
      this.#slots = longer(this.#slots);
      this.#undoOf = longer(this.#undoOf);
    }
    const length = this.#undoLength;
    if (this.#since <= length) {
      const entry = this.#undoOf[slot] as number;
      if (entry < this.#since || entry >= length || this.#undo[entry] !== slot) {
        if (length + 2 > this.#undo.length) this.#undo = longer(this.#undo);
        this.#undoOf[slot] = length;
        this.#undo[length] = slot;
        this.#undo[length + 1] = this.#slots[slot] as number;
        this.#undoLength = length + 2;
      }
    }
    this.#slots[slot] = value;
  }

  /** Puts a way aside for the time when the present one fails. */
  putAside(pc: number, at: number): void {
    const length = this.#wayLength;
    if (length + WAY > this.#ways.length) this.#ways = longer(this.#ways);
    const ways = this.#ways;
    ways[length] = pc;
    ways[length + 1] = at;
    ways[length + 2] = this.#undoLength;
    this.#wayLength = length + WAY;
    this.#since = this.#undoLength;
  }

  /** Goes back to the latest way put aside; false when there is none. */
  takeBack(): boolean {
    if (this.#wayLength === 0) return false;
    const from = this.#wayLength - WAY;
    const ways = this.#ways;
    this.pc = ways[from] as number;
    this.at = ways[from + 1] as number;
    const mark = ways[from + 2] as number;
    const undo = this.#undo;
    const slots = this.#slots;
    for (let entry = this.#undoLength - 2; entry >= mark; entry -= 2) {
      slots[undo[entry] as number] = undo[entry + 1] as number;
    }
    this.#undoLength = mark;
    this.#trim(from);
    return true;
  }

  /** Drops the latest ways until no more than `count` are left. */
  dropWays(count: number): void {
    const length = count * WAY;
    if (length < this.#wayLength) this.#trim(length);
  }

  #trim(wayLength: number): void {
    this.#wayLength = wayLength;
    this.#since = wayLength === 0 ? Infinity : (this.#ways[wayLength - 1] as number);
  }

  /** Unsets all slots and forgets all ways. */
  clear(): void {
    if (this.#undo.length > MOST_KEPT) this.#undo = new Int32Array(64);
    if (this.#ways.length > MOST_KEPT) this.#ways = new Int32Array(WAY * 32);
    if (this.#slots.length > this.#slotCount) {
      this.#slots = this.#slots.slice(0, this.#slotCount);
      this.#undoOf = this.#undoOf.slice(0, this.#slotCount);
    }
    for (let slot = 0; slot < this.#slotCount; slot += 1) this.#slots[slot] = UNSET;
    this.#undoLength = 0;
    this.#trim(0);
  }
}

function longer(list: Int32Array): Int32Array {
  const result = new Int32Array(2 * list.length + 2).fill(UNSET);
  result.set(list);
  return result;
}
