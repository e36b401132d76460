/** How much may wait for the database in one process (I170). */
export interface RoomLimits {
  readonly operations: number;
  readonly bytes: number;
}

/** Counts the bodies and operations that are in memory until they are stored, and says when there is room for no more. */
export class WaitingRoom {
  readonly #limits: RoomLimits;
  #operations = 0;
  #bytes = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  get operations(): number {
    return this.#operations;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more request may be read. */
  get isOpen(): boolean {
    return this.#operations < this.#limits.operations && this.#bytes < this.#limits.bytes;
  }

  /**
   * Takes room for bytes of a body. False: there is none. A body that is alone always has room, or it would never be taken.
   *
   * @param held what it has taken before
   */
  take(bytes: number, held: number): boolean {
    if (this.#bytes > held && this.#bytes + bytes > this.#limits.bytes) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Takes room for what is left of a request, beside its body. False: there is none. One request always has room. */
  enter(operations: number, bytes: number): boolean {
    const { operations: mostOperations, bytes: mostBytes } = this.#limits;
    const isFull = this.#operations + operations > mostOperations || this.#bytes + bytes > mostBytes;
    if (this.#operations > 0 && isFull) return false;
    this.#operations += operations;
    this.#bytes += bytes;
    return true;
  }

  leave(operations: number, bytes: number): void {
    this.#operations -= operations;
    this.#bytes -= bytes;
  }
}
