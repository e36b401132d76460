/** A list with that many places, none of them taken. */
export function places<T>(count: number): (T | undefined)[] {
  // oxlint-disable-next-line unicorn/no-new-array -- Array.from takes many times as long, and requests wait for it
  return new Array<T | undefined>(count);
}
