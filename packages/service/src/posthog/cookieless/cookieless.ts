import { type HttpRequest, header } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import { Failure } from '../wire/failure.ts';
import { cookielessDigest } from './digest.ts';
import { rootDomain } from './root-domain.ts';

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

/** A day is of use from 12 hours before it begins in UTC (it may have begun elsewhere) … */
const EARLY_MS = 12 * HOUR_MS;
/** … until 14 hours after its end somewhere, and three days more for what comes late. Counted from its beginning in UTC. */
const LATE_MS = (14 + 72) * HOUR_MS;

/** @param onError hears why the store could not be asked */
export function cookieless(store: CookielessStore, onError: (error: unknown) => void): Cookieless {
  return {
    async identify(visitor) {
      const { record, teamId, extra = '', now, sentAt = now } = visitor;
      const address = record.clientAddress;
      const host = header(visitor.request.headers, 'origin') ?? '';
      const userAgent = record.userAgent ?? '';
      if (address === '' || host === '' || userAgent === '') return new Failure('cookieless_incomplete');
      const day = dayAt(sentAt, visitor.timezones);
      if (day === null || !isOfUse(day, now)) {
        return new Failure(
          'cookieless_incomplete',
          'The clock of the client is too far off for an id without cookies.',
        );
      }
      const domain = rootDomain(host);
      try {
        const salt = await store.salt(day);
        const digest = (signIns: number): string =>
          cookielessDigest(salt, { teamId, address, domain, userAgent, signIns, extra });
        const count = await store.identified(teamId, digest(0));
        return `cookieless_${digest(count)}`;
      } catch (error) {
        onError(error);
        return new Failure('cookieless_failed');
      }
    },
  };
}

/** The calendar day at a time, in the first of these time zones that exists, else in UTC; null: no clock can show that time. */
function dayAt(time: number, timezones: readonly (string | undefined)[]): string | null {
  if (Number.isNaN(new Date(time).getTime())) return null;
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

/** Whether it is that day somewhere, or was lately: for other days nobody keeps a salt. */
function isOfUse(day: string, now: number): boolean {
  const start = Date.parse(`${day}T00:00:00Z`);
  return now >= start - EARLY_MS && now < start + LATE_MS;
}
