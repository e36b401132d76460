import { type Headers, header } from './messages.ts';

export type Runtime = 'client' | 'server' | 'all';

const SDK_RUNTIMES: ReadonlyMap<string, Runtime> = new Map([
  ...['python', 'ruby', 'php', 'java', 'go', 'node', 'dotnet', 'elixir', 'rs', 'server'].map(
    (sdk) => [sdk, 'server'] as const,
  ),
  ...['js', 'android', 'ios', 'react-native', 'flutter'].map((sdk) => [sdk, 'client'] as const),
]);

const BROWSER_MARKS = ['Mozilla/', 'Chrome/', 'Safari/', 'Firefox/', 'Edge/'];
const SCRIPT_MARKS = ['python-requests/', 'curl/'];
const BROWSER_HEADERS = ['origin', 'referer', 'sec-fetch-mode', 'sec-fetch-site'];

/** An SDK as it names itself: `posthog-<name>/<version>`. */
export interface Sdk {
  readonly name: string;
  readonly version: string;
}

const SDK_PREFIX = 'posthog-';

export function sdkOf(userAgent: string | undefined): Sdk | null {
  if (userAgent === undefined || !userAgent.startsWith(SDK_PREFIX)) return null;
  const slash = userAgent.indexOf('/');
  if (slash < 0) return null;
  const space = userAgent.indexOf(' ', slash);
  const version = userAgent.slice(slash + 1, space < 0 ? undefined : space);
  return version === '' ? null : { name: userAgent.slice(SDK_PREFIX.length, slash), version };
}

/** What asks, for logs: an SDK that is known, such as `posthog-node`, or `web` for a browser. */
export function libraryName(userAgent: string | undefined, sdk: Sdk | null): string | undefined {
  if (sdk !== null) return SDK_RUNTIMES.has(sdk.name) ? SDK_PREFIX + sdk.name : undefined;
  return userAgent !== undefined && isBrowser(userAgent) ? 'web' : undefined;
}

function isBrowser(userAgent: string): boolean {
  return BROWSER_MARKS.some((mark) => userAgent.includes(mark));
}

/** Where the caller runs, as far as the user agent and the headers tell (E168). Undefined: unknown. */
export function detectRuntime(headers: Headers): Runtime | undefined {
  const userAgent = header(headers, 'user-agent') ?? '';
  if (userAgent.startsWith(SDK_PREFIX)) {
    const known = SDK_RUNTIMES.get(sdkOf(userAgent)?.name ?? '');
    if (known !== undefined) return known;
  } else {
    if (isBrowser(userAgent)) return 'client';
    if (SCRIPT_MARKS.some((mark) => userAgent.includes(mark))) return 'server';
  }
  return BROWSER_HEADERS.some((name) => headers[name] !== undefined) ? 'client' : undefined;
}
