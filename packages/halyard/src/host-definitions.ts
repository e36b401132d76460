import type { DefinitionsUrl } from './sources.ts';

/** A Halyard or PostHog that serves definitions for local evaluation. */
export interface DefinitionsHost {
  /** Its address, such as `https://flags.example.com`; a path in it stands before those of the protocol. */
  readonly host: string | URL;
  /** The project's secret token, a project secret key, or a personal key. */
  readonly secretKey: string;
  /** The project's public token; needed with a personal key only. */
  readonly token?: string;
  /** How long after an answer to look for changes, in milliseconds; 0 = never. Default 30 000. Failures make it longer. */
  readonly pollMs?: number;
}

/** Where the definitions of a host are, and how to ask for them (H165, H166). */
export function urlOfHost({ host, secretKey, token, pollMs }: DefinitionsHost): DefinitionsUrl {
  const url = new URL(host);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/flags/definitions`;
  url.search = token === undefined ? '' : new URLSearchParams({ token }).toString();
  url.hash = '';
  const headers = { authorization: `Bearer ${secretKey}` };
  return { url: url.href, headers, ...(pollMs === undefined ? {} : { pollMs }) };
}
