import { createHash } from 'node:crypto';

/** Namespace of the uuids that PostHog makes of distinct ids (I88). */
const PERSONS = '932979b4-65c3-4424-8467-0b66ec27bc22';

/** Ours, for events that come without a uuid (I152). */
const EVENTS = '6f2c7c1e-58f5-4c39-9d7d-0c6a1d1f8a53';

/** The uuid of a new person (I88). */
export function personUuid(team: number, distinctId: string): string {
  return uuidV5(PERSONS, `${team}:${distinctId}`);
}

/** What stands for the uuid of an event that has none (I152). */
export function eventUuid(text: string): string {
  return uuidV5(EVENTS, text);
}

/** UUID version 5 (RFC 9562): of a namespace and a name, always the same. */
function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8');
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50; // version
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80; // variant
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
