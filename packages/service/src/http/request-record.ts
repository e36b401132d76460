import type { LoadedFacts } from 'halyard/host';
import { clientAddress } from './client-address.ts';
import { libraryName, sdkOf } from './client-runtime.ts';
import { type Headers, type HttpRequest, header } from './messages.ts';
import { requestId } from './request-id.ts';

/**
 * What one request's log line tells (H231), collected while the request is answered.
 * Every field is set from the start, so that all requests share one object shape. Property values and
 * tokens have no place here (H232).
 */
export interface RequestRecord {
  readonly requestId: string;
  /** Probes and other routine traffic are logged at debug level only. */
  routine: boolean;
  errorCode: string | undefined;
  teamId: number | undefined;
  distinctId: string | undefined;
  deviceId: string | undefined;
  anonDistinctId: string | undefined;
  readonly clientAddress: string;
  readonly userAgent: string | undefined;
  lib: string | undefined;
  libVersion: string | undefined;
  apiVersion: number | undefined;
  flagsEvaluated: number | undefined;
  flagsErrored: number | undefined;
  flagsDisabled: boolean | undefined;
  readonly queueTimeMs: number | undefined;
  /** The project was held in memory; undefined: nobody looked for it. */
  teamHeld: boolean | undefined;
  /** Stored facts were asked for; undefined: nothing was evaluated. */
  factsAsked: boolean | undefined;
  /** Codes of the flags that failed. */
  failureCodes: readonly string[] | undefined;
  /** What of the store was loaded for it. */
  loaded: LoadedFacts | undefined;
  /** As what it counts as usage (H109, H110); undefined: it does not. */
  usage: 'decide' | 'flag_definitions' | undefined;
  /** Flags of the answer with experience continuity, and those that hash the device that was named; undefined: the project has none. */
  continuityFlags: number | undefined;
  deviceFlags: number | undefined;
  /** What was put right before the body could be read, by the reference's names (H230). */
  kludges: readonly string[] | undefined;
  /** How definitions were asked for; undefined: they were not. */
  definitions: DefinitionsRecord | undefined;
  /** Persons of a batch (H195); undefined: it is none. */
  batch: { readonly persons: number } | undefined;
  /** What a trace is made of; undefined: nobody traces. */
  traced: { readonly method: string; readonly route: string; readonly parent: string | undefined } | undefined;
  /** What only some requests have to tell. */
  readonly notes: RequestNotes;
}

/** What a request for definitions met (H230), as far as it got. */
export interface DefinitionsRecord {
  auth?: 'secret_api_key' | 'personal_api_key';
  /** The budget of H100 that was used up, and whether the request was let in all the same. */
  limited?: { readonly budget: 'full' | 'conditional'; readonly bypassed: boolean };
  /** The document was there already. */
  held?: boolean;
  /** The tag sent along is the current one, is another one, or there was none. */
  etag?: 'hit' | 'miss' | 'none';
}

/** What a request tells when something out of the ordinary was switched on, or happened. */
export interface RequestNotes {
  /** It was over a rate limit (H97). */
  rateLimited?: true;
  /** Its answer carries the warning (H98). */
  rateLimitWarned?: true;
  botCategory?: string;
  botSource?: 'user_agent' | 'ip';
  /** The project is over its quota of flags (H106). */
  quotaLimited?: true;
  /** The caller says that it is elsewhere than its address is (H130). */
  geoipDiffers?: true;
  /** Flags that an internal request put its own definitions in place of (H150). */
  flagsOverridden?: number;
  /** Flags that cannot be evaluated for a dependency (E138, E140). */
  dependencyErrors?: number;
}

/** The record of a request as far as its request line and headers tell. `now` is in milliseconds since the epoch. */
export function startRecord(request: HttpRequest, trustProxy: boolean, now: number): RequestRecord {
  return new StartedRecord(request, trustProxy, now);
}

class StartedRecord implements RequestRecord {
  readonly #headers: Headers;
  #requestId: string | undefined = undefined;
  routine = false;
  errorCode: string | undefined = undefined;
  teamId: number | undefined = undefined;
  distinctId: string | undefined = undefined;
  deviceId: string | undefined = undefined;
  anonDistinctId: string | undefined = undefined;
  readonly clientAddress: string;
  readonly userAgent: string | undefined;
  lib: string | undefined;
  libVersion: string | undefined;
  apiVersion: number | undefined = undefined;
  flagsEvaluated: number | undefined = undefined;
  flagsErrored: number | undefined = undefined;
  flagsDisabled: boolean | undefined = undefined;
  readonly queueTimeMs: number | undefined;
  teamHeld: boolean | undefined = undefined;
  factsAsked: boolean | undefined = undefined;
  failureCodes: readonly string[] | undefined = undefined;
  loaded: LoadedFacts | undefined = undefined;
  usage: RequestRecord['usage'] = undefined;
  continuityFlags: number | undefined = undefined;
  deviceFlags: number | undefined = undefined;
  kludges: readonly string[] | undefined = undefined;
  definitions: DefinitionsRecord | undefined = undefined;
  batch: RequestRecord['batch'] = undefined;
  traced: RequestRecord['traced'] = undefined;
  readonly notes: RequestNotes = {};

  constructor({ headers, peer }: HttpRequest, trustProxy: boolean, now: number) {
    const userAgent = header(headers, 'user-agent');
    const sdk = sdkOf(userAgent);
    this.#headers = headers;
    this.clientAddress = clientAddress(headers, peer, trustProxy);
    this.userAgent = userAgent;
    this.lib = libraryName(userAgent, sdk);
    this.libVersion = sdk?.version;
    this.queueTimeMs = queueTime(header(headers, 'x-request-start'), now);
  }

  /** Made when somebody asks for it: of an answer that says nothing of it and is not logged, nobody does. */
  get requestId(): string {
    return (this.#requestId ??= requestId(this.#headers));
  }
}

/** Time since a proxy took the request, from `X-Request-Start: t=<seconds.millis>` (H52). */
function queueTime(start: string | undefined, now: number): number | undefined {
  const seconds = start === undefined ? undefined : /^t=(\d+(?:\.\d*)?)$/.exec(start)?.[1];
  if (seconds === undefined) return undefined;
  const waited = now - Number(seconds) * 1000;
  return waited >= 0 ? waited : undefined;
}
