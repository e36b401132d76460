import type { StoredFacts } from '@halyard/data';
import { isRecord, kindOf, knownKeys, object, reading } from './arguments.ts';
import { type DefinitionsHost, urlOfHost } from './host-definitions.ts';
import type { PostgresSource } from './postgres-project.ts';
import type { DefinitionsRedis } from './redis-definitions.ts';
import type { DefinitionsDocument, DefinitionsFile, DefinitionsUrl } from './sources.ts';
import { toStoredFacts } from './stored-facts.ts';

/** What `createHalyard` takes: `definitions`, or `host` and `secretKey`. */
export type HalyardOptions = (FromDefinitions | FromHost) & CommonOptions;

/** Definitions of a Halyard or PostHog, which is asked for changes (`pollMs`). */
export type FromHost = DefinitionsHost & { readonly definitions?: undefined };

/** Definitions from anywhere but a host with a key. */
export interface FromDefinitions {
  readonly host?: undefined;
  readonly secretKey?: undefined;
  /**
   * Where the definitions come from: a document as PostHog's local-evaluation endpoint serves it, `{ file }`, `{ url, headers }`,
   * or `{ postgres, token }` for a project in a PostHog or Halyard database, stored persons and groups included.
   */
  readonly definitions: DefinitionsDocument | DefinitionsFile | DefinitionsUrl | PostgresSource;
}

/** What can be said wherever the definitions come from. */
export interface CommonOptions {
  /**
   * Persons, groups and memberships to know about besides what each call says. Not with PostgreSQL, which has its own. With a host, flags whose
   * value something stored could change fail (`failed`, `stored_facts_unknown`) unless facts are given: `{}` when nothing is stored about anybody.
   */
  readonly facts?: StoredFacts;
  /** The clock, in milliseconds since the epoch. Default: the system's. */
  readonly now?: () => number;
  /** Told when definitions could not be refreshed; those at hand stay in use. */
  readonly onError?: (error: unknown) => void;
}

/** The definitions' source, told apart. */
export type Source =
  | { readonly from: 'document'; readonly document: DefinitionsDocument }
  | { readonly from: 'file'; readonly file: DefinitionsFile }
  | { readonly from: 'url'; readonly url: DefinitionsUrl }
  | { readonly from: 'host'; readonly url: DefinitionsUrl }
  | { readonly from: 'postgres'; readonly postgres: PostgresSource };

/** Options that have been checked, each read once. */
export interface CheckedOptions {
  readonly source: Source;
  readonly facts: StoredFacts | undefined;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

const HOST_KEYS = ['host', 'secretKey', 'token', 'pollMs'];
const SOURCES = 'a document with flags, { file }, { url } or { postgres, token }';
const ROUTER_KEYS = ['write', 'read', 'personsRead', 'personsWrite', 'maxConnections', 'acquireTimeoutMs'];
const FURTHER_ROUTER_KEYS = ['statementTimeoutMs', 'pools', 'prepare', 'log', 'onStatement'];

/** @throws TypeError naming the option and the key that cannot be used, what was expected and what to do */
export function checkOptions(options: HalyardOptions): CheckedOptions {
  if (!isRecord(options)) {
    throw new TypeError(`createHalyard takes an object such as { definitions: { file } }, not ${kindOf(options)}`);
  }
  const { definitions, facts, now = Date.now, onError = ignore, ...rest } = reading('options', () => ({ ...options }));
  knownKeys({ ...rest }, ['definitions', ...HOST_KEYS, 'facts', 'now', 'onError'], 'options');
  if (typeof now !== 'function') throw new TypeError(`now must be a function such as Date.now, not ${kindOf(now)}`);
  if (typeof onError !== 'function') throw new TypeError(`onError must be a function, not ${kindOf(onError)}`);
  const host = hostIn(rest);
  if (host !== null && definitions !== undefined) {
    throw new TypeError('options has definitions and host: leave one of them out');
  }
  const source = host === null ? sourceOf(definitions) : ({ from: 'host', url: urlOfHost(checkHost(host)) } as const);
  if (facts === undefined) return { source, facts, now, onError };
  if (source.from === 'postgres') throw new TypeError('facts come from PostgreSQL: leave `facts` out');
  return { source, facts: toStoredFacts(facts), now, onError };
}

function ignore(): void {
  // Whoever wants to hear of failures passes `onError`.
}

/** The host that the options name; null: none. */
function hostIn(options: Readonly<Record<string, unknown>>): DefinitionsHost | null {
  const isNamed = HOST_KEYS.some((name) => options[name] !== undefined);
  return isNamed ? (options as unknown as DefinitionsHost) : null;
}

/** @throws TypeError naming the option that cannot be used */
export function checkHost(source: DefinitionsHost): DefinitionsHost {
  knownKeys(source, HOST_KEYS, 'options');
  const { host, secretKey, token, pollMs } = source;
  const address =
    host instanceof URL ? host.href : filled(host, 'host', 'an address such as https://flags.example.com');
  checkAddress(address, 'host', 'secretKey');
  filled(secretKey, 'secretKey', 'a secret key of the project, such as phs_…, or a personal key');
  if (!canBeSent('authorization', `Bearer ${secretKey}`)) throw new TypeError('secretKey cannot be sent as a header');
  if (token !== undefined) filled(token, 'token', "the project's public token, such as phc_…");
  checkPause(pollMs, 'pollMs');
  return source;
}

/**
 * The address is judged here, because what would refuse it later is loaded later.
 *
 * @throws TypeError naming the option that cannot be used, without showing the address, in which a password may stand
 */
export function checkRedis(source: DefinitionsRedis): DefinitionsRedis {
  knownKeys(source, ['redis', 'token', 'prefix'], 'options');
  const { redis, token, prefix } = source;
  const example = 'an address such as redis://user:password@host:6379/0';
  const address = redis instanceof URL ? redis.href : filled(redis, 'redis', example);
  // A scheme that the language does not know may have any host, also none.
  if (!/^(redis|valkey)s?:\/\/./i.test(address) || !URL.canParse(address) || new URL(address).hostname === '') {
    throw new TypeError(`redis must be ${example}`);
  }
  filled(token, 'token', "the project's public token, such as phc_…");
  if (prefix !== undefined) filled(prefix, 'prefix', 'the setting HALYARD_REDIS_PREFIX of the services');
  return source;
}

function sourceOf(definitions: FromDefinitions['definitions'] | undefined): Source {
  if (definitions === undefined) {
    throw new TypeError(`definitions is missing: pass ${SOURCES}, or host and its key`);
  }
  if (!isRecord(definitions)) {
    throw new TypeError(`definitions must be ${SOURCES}, not ${kindOf(definitions)}${adviceFor(definitions)}`);
  }
  if (Object.hasOwn(definitions, 'flags')) return { from: 'document', document: definitions };
  const named = (['postgres', 'url', 'file'] as const).filter((name) => Object.hasOwn(definitions, name));
  if (named.length > 1) throw new TypeError(`definitions has ${named.join(' and ')}: leave all but one out`);
  const copy: unknown = reading('definitions', () => ({ ...definitions }));
  switch (named[0]) {
    case 'postgres':
      return { from: 'postgres', postgres: checkPostgres(copy as PostgresSource) };
    case 'url':
      return { from: 'url', url: checkUrl(copy as DefinitionsUrl) };
    case 'file':
      return { from: 'file', file: checkFile(copy as DefinitionsFile) };
    default:
      throw new TypeError(`definitions must be ${SOURCES}; it has none of these keys`);
  }
}

function adviceFor(definitions: unknown): string {
  if (typeof definitions === 'string') return ': for a path write { file: path }, for an address { url: address }';
  return Array.isArray(definitions) ? ': for a list of flags write { flags: list }' : '';
}

function checkFile(source: DefinitionsFile): DefinitionsFile {
  knownKeys(source, ['file'], 'definitions');
  if (source.file instanceof URL) return source;
  return { file: filled(source.file, 'definitions.file', 'a path or a file: URL') };
}

function checkUrl(source: DefinitionsUrl): DefinitionsUrl {
  knownKeys(source, ['url', 'headers', 'pollMs'], 'definitions');
  const address = source.url instanceof URL ? source.url.href : filled(source.url, 'definitions.url', 'an address');
  checkAddress(address, 'definitions.url', 'definitions.headers');
  const { headers, pollMs } = source;
  for (const [name, value] of Object.entries(headers === undefined ? {} : object(headers, 'definitions.headers'))) {
    if (typeof value !== 'string') {
      throw new TypeError(`definitions.headers.${name} must be a string, not ${kindOf(value)}`);
    }
    if (!canBeSent(name, value)) throw new TypeError(`definitions.headers.${name} cannot be sent as a header`);
  }
  checkPause(pollMs, 'definitions.pollMs');
  return source;
}

/** @param place where keys belong instead */
function checkAddress(address: string, argument: string, place: string): void {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new TypeError(`${argument} must be an address that begins with http:// or https://`);
  }
  const { username, password } = new URL(address);
  if (username !== '' || password !== '') {
    throw new TypeError(`${argument} must hold no user and password: send them in ${place}`);
  }
}

function checkPause(pollMs: number | undefined, argument: string): void {
  if (pollMs !== undefined && !(typeof pollMs === 'number' && pollMs >= 0 && pollMs <= 2 ** 31 - 1)) {
    throw new TypeError(`${argument} must be a number of milliseconds, or 0 for no polling`);
  }
}

function checkPostgres(source: PostgresSource): PostgresSource {
  knownKeys(source, ['postgres', 'token'], 'definitions');
  const { postgres, token } = source;
  filled(token, 'definitions.token', "the project's public token, such as phc_…");
  if (typeof postgres === 'string') {
    filled(postgres, 'definitions.postgres', 'a URL such as postgresql://user@host/database');
    return source;
  }
  knownKeys(object(postgres, 'definitions.postgres'), [...ROUTER_KEYS, ...FURTHER_ROUTER_KEYS], 'definitions.postgres');
  filled(postgres.write, 'definitions.postgres.write', 'the URL of the database');
  for (const name of ['read', 'personsRead', 'personsWrite'] as const) {
    const url: unknown = postgres[name];
    if (url !== undefined && typeof url !== 'string') {
      throw new TypeError(`definitions.postgres.${name} must be a URL, not ${kindOf(url)}`);
    }
  }
  return source;
}

function filled(value: unknown, argument: string, expected: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  if (value === undefined) throw new TypeError(`${argument} is missing: pass ${expected}`);
  const got = typeof value === 'string' ? 'an empty string' : kindOf(value);
  throw new TypeError(`${argument} must be ${expected}, not ${got}`);
}

/** Asked here, because `fetch` would show the value in its error. */
function canBeSent(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name);
  } catch {
    return false;
  }
}
