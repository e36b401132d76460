import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { CommandContext } from '../command.ts';
import { Refusal } from '../refusal.ts';
import type { Flag, FlagFields } from './flag.ts';

/*
 * Payloads of flags with `has_encrypted_payloads` (H189, M32): sealed in the row, in the open for personal keys, and a mask for everybody
 * else. A mask that is sent back stands for what is stored.
 */

/** What stands for an encrypted payload (H189). */
export const maskedPayload = '"********* (encrypted)"';

type Payloads = Pick<FlagFields, 'filters' | 'has_encrypted_payloads'>;

/** The filters with a mask for every sealed payload. */
export function maskedFilters(flag: Payloads): JsonObject {
  return withPayloads(flag, () => maskedPayload);
}

/** The filters as whoever asks may see them. A payload that no key opens stays masked. */
export function shownFilters({ actor, secrets }: CommandContext, flag: Payloads): JsonObject {
  if (actor.via !== 'key' || secrets === undefined) return maskedFilters(flag);
  return withPayloads(flag, (sealed) => (typeof sealed === 'string' ? secrets.open(sealed) : null) ?? maskedPayload);
}

/** A flag with the filters that `shownFilters` gives: what an editor may have started from. */
export function shownFlag(context: CommandContext, flag: Flag): Flag {
  return { ...flag, filters: shownFilters(context, flag) };
}

/** Refuses payloads that cannot be sealed, and masks that stand for nothing. @throws {Refusal} */
export function refuseSecrets({ secrets }: CommandContext, next: Payloads, stored: Payloads | null): void {
  const wasSealed = stored?.has_encrypted_payloads === true;
  if (next.has_encrypted_payloads !== true) {
    if (wasSealed && payloadsOf(next).some(([, text]) => text === maskedPayload)) {
      const detail =
        'Payloads are not encrypted any more only when they are sent with it: what is stored stays sealed.';
      throw Refusal.invalid('invalid_input', detail, 'has_encrypted_payloads');
    }
    return;
  }
  const known = new Set(wasSealed ? payloadsOf(stored).map(([key]) => key) : []);
  const payloads = payloadsOf(next);
  if (secrets === undefined && (!wasSealed || payloads.some(([, text]) => text !== maskedPayload))) {
    const detail =
      'Payloads are encrypted only with a key: set FLAGS_SECRET_KEYS or SECRET_KEY. Everything else of such a flag can be changed.';
    throw Refusal.invalid('unsupported', detail, 'has_encrypted_payloads');
  }
  const [stray] = payloads.filter(([key, text]) => text === maskedPayload && !known.has(key));
  if (stray === undefined) return;
  throw Refusal.invalid(
    'invalid_input',
    `payloads.${stray[0]}: The mask stands for nothing that is stored.`,
    'filters',
  );
}

/** The filters as they are stored: new payloads sealed, masks and payloads that stay the same as they were. */
export function sealedFilters({ secrets }: CommandContext, next: Payloads, stored: Payloads | null): JsonObject {
  const before = new Map(stored?.has_encrypted_payloads === true ? payloadsOf(stored) : []);
  return withPayloads(next, (text, key) => {
    const sealed = before.get(key);
    if (typeof text !== 'string' || text === maskedPayload) return sealed ?? text;
    if (typeof sealed === 'string' && secrets?.open(sealed) === text) return sealed;
    return secrets?.seal(text) ?? text;
  });
}

function withPayloads(flag: Payloads, change: (payload: JsonValue, key: string) => JsonValue): JsonObject {
  const { filters, has_encrypted_payloads: isSealed } = flag;
  if (isSealed !== true || !isObject(member(filters, 'payloads'))) return filters;
  return {
    ...filters,
    payloads: Object.fromEntries(payloadsOf(flag).map(([key, payload]) => [key, change(payload, key)])),
  };
}

function payloadsOf({ filters }: Payloads): readonly (readonly [key: string, payload: JsonValue])[] {
  const payloads = member(filters, 'payloads');
  return isObject(payloads) ? Object.entries(payloads) : [];
}
