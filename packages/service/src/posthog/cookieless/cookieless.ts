import { getDomain } from 'tldts';
import { type HttpRequest, header } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import { Failure } from '../wire/failure.ts';
import { sipHash128 } from './siphash.ts';

/** The id by which a browser says that it keeps none (H46). */
export const COOKIELESS = '$posthog_cookieless';

/** What all processes and the ingestion share about a day. Rejects when it cannot be had. */
export interface CookielessStore {
  /** The 16 random bytes of a day such as `2026-11-30`, the same for everybody who asks. */
  salt(day: string): Promise<Buffer>;
  /** How often somebody with this digest has signed in on that day. */
  identified(teamId: number, digest: string): Promise<number>;
}

/** Whose id is wanted. */
export interface Visitor {
  readonly request: HttpRequest;
  readonly record: RequestRecord;
  readonly teamId: number;
  /** IANA names, the request's before the project's. */
  readonly timezones: readonly (string | undefined)[];
  /** The client's clock, in milliseconds since the epoch; undefined: it does not say. */
  readonly sentAt: number | undefined;
  readonly now: number;
  readonly extra: string | undefined;
}

export interface Cookieless {
  /** A distinct id that holds for a day (H140), or why there is none. */
  identify(visitor: Visitor): Promise<string | Failure>;
}

const HOUR_MS = 3_600_000;

/** How far the client's clock may be behind and before ours. */
const LATE_MS = 36 * HOUR_MS;
const EARLY_MS = 14 * HOUR_MS;

const MOST_EXTRA = 100;

/** @param onError hears why the store could not be asked */
export function cookieless(store: CookielessStore, onError: (error: unknown) => void): Cookieless {
  return {
    async identify(visitor) {
      const { record, teamId, extra = '', now, sentAt = now } = visitor;
      const address = record.clientAddress;
      const domain = rootDomain(header(visitor.request.headers, 'origin'));
      const userAgent = record.userAgent ?? '';
      if (address === '' || domain === null || userAgent === '') {
        return new Failure('cookieless_incomplete');
      }
      if (sentAt < now - LATE_MS || sentAt > now + EARLY_MS) {
        return new Failure(
          'cookieless_incomplete',
          'The clock of the client is too far off for an id without cookies.',
        );
      }
      const day = dayAt(sentAt, visitor.timezones);
      try {
        const salt = await store.salt(day);
        const digest = (count: number): string => {
          const parts = [teamId, address, domain, userAgent, count, extra.slice(0, MOST_EXTRA)];
          return sipHash128(salt, parts.join('-')).toString('base64').replace(/=+$/, '');
        };
        const count = await store.identified(teamId, digest(0));
        return `cookieless_${digest(count)}`;
      } catch (error) {
        onError(error);
        return new Failure('cookieless_failed');
      }
    },
  };
}

/** What a site calls itself, whatever the part of it; null: there is no origin, or none that can be read. */
function rootDomain(origin: string | undefined): string | null {
  if (origin === undefined || !URL.canParse(origin)) return null;
  const { hostname } = new URL(origin);
  return hostname === '' ? null : (getDomain(hostname) ?? hostname);
}

/** The calendar day at a time, in the first of these time zones that exists, else in UTC. */
function dayAt(time: number, timezones: readonly (string | undefined)[]): string {
  for (const timeZone of timezones) {
    if (timeZone === undefined || timeZone === '') continue;
    try {
      // Swedish dates are written as ISO says.
      return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(time);
    } catch {
      // No such zone.
    }
  }
  return new Date(time).toISOString().slice(0, 10);
}
