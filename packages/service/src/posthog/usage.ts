import type { UsageKind } from 'halyard/host';
import { libraryName, sdkOf } from '../http/client-runtime.ts';
import { type Headers, header } from '../http/messages.ts';

/** Counts what projects use, for whoever bills them (H109 to H111). Nobody waits for it. */
export interface Usage {
  /** @param library as `libraryOf` gives it */
  record(kind: UsageKind, teamId: number, library: string): void;
}

/** The SDKs that are counted by their names (D97). */
const COUNTED = new Set(
  [
    'js',
    'node',
    'python',
    'php',
    'ruby',
    'go',
    'java',
    'dotnet',
    'elixir',
    'android',
    'ios',
    'react-native',
    'flutter',
    'server',
  ].map((name) => `posthog-${name}`),
);

const BROWSER = 'posthog-js';
const OTHER = 'other';

/** Under which SDK a request counts (D97): what its user agent names, `posthog-js` for browsers, else `other`. */
export function libraryOf(headers: Headers): string {
  const userAgent = header(headers, 'user-agent');
  const name = libraryName(userAgent, sdkOf(userAgent));
  if (name === 'web') return BROWSER;
  if (name !== undefined) return COUNTED.has(name) ? name : OTHER;
  if (userAgent?.startsWith('posthog-') === true) return OTHER;
  // Scripts outside of browsers cannot send these.
  const fetched = header(headers, 'sec-fetch-mode') ?? header(headers, 'sec-fetch-site');
  return fetched === undefined ? OTHER : BROWSER;
}
