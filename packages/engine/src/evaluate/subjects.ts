import { Subject } from '../bucketing/subject.ts';

/**
 * The strings that one evaluation hashes. They come with buffers that are worth keeping, so a set is lent to one evaluation at a
 * time; texts are in it only between `lend` and `giveBack`.
 */
export class Subjects {
  /** An evaluation has it. */
  lent = false;
  /** The distinct id, from the beginning of the evaluation. */
  readonly person: Subject = new Subject();
  readonly #device = new Subject();
  readonly #anonymous = new Subject();
  readonly #other = new Subject();
  /** Some other than the person was asked for, which few requests do. */
  #others = false;

  get device(): Subject {
    this.#others = true;
    return this.#device;
  }

  get anonymous(): Subject {
    this.#others = true;
    return this.#anonymous;
  }

  /** Whatever else is hashed: a group key, a stored hash key. */
  get other(): Subject {
    this.#others = true;
    return this.#other;
  }

  /** Leaves nothing of any text. */
  wipe(): void {
    this.person.wipe();
    if (!this.#others) return;
    this.#others = false;
    this.#device.wipe();
    this.#anonymous.wipe();
    this.#other.wipe();
  }
}

const SHARED = new Subjects();

/** A set whose subjects are empty. An evaluation inside another one gets a set of its own. */
export function lend(): Subjects {
  const subjects = SHARED.lent ? new Subjects() : SHARED;
  subjects.lent = true;
  return subjects;
}

/** Wipes a set, for the next evaluation. */
export function giveBack(subjects: Subjects): void {
  subjects.wipe();
  subjects.lent = false;
}
