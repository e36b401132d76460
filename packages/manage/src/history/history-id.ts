import { randomBytes } from 'node:crypto';

let last = 0;
let count = 0;

/**
 * A UUID of version 7: sorts by the moment, and within one millisecond by the order in which it was asked for, so that what is written in
 * turn reads in turn.
 *
 * @param now milliseconds since the epoch
 */
export function historyId(now: number): string {
  count = now === last ? (count + 1) & 0xfff : 0;
  last = now;
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12);
  const order = count.toString(16).padStart(3, '0');
  const chance = randomBytes(8);
  chance[0] = ((chance[0] ?? 0) & 0x3f) | 0x80;
  const rest = chance.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}
