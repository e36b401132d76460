import { Subject } from '../bucketing/subject.ts';

/**
 * The strings that one evaluation hashes. They come with buffers that are worth keeping, so a set is lent to one evaluation at a
 * time; texts are in it only between `lend` and `giveBack`.
 */
export class Subjects {
  /** The distinct id, from the beginning of the evaluation. */
  readonly person: Subject = new Subject();
  readonly device: Subject = new Subject();
  readonly anonymous: Subject = new Subject();
  /** Whatever else is hashed: a group key, a stored hash key. */
  readonly other: Subject = new Subject();
}

let idle: Subjects | null = null;

/** A set whose subjects are empty. An evaluation inside another one gets a set of its own. */
export function lend(): Subjects {
  const subjects = idle ?? new Subjects();
  idle = null;
  return subjects;
}

/** Wipes a set and keeps it for the next evaluation. One that is not given back, because of an error, is simply lost. */
export function giveBack(subjects: Subjects): void {
  subjects.person.wipe();
  subjects.device.wipe();
  subjects.anonymous.wipe();
  subjects.other.wipe();
  idle = subjects;
}
