import { StoreError } from '@halyard/data';
import { messageOf } from './arguments.ts';
import type { PostgresSource } from './postgres-project.ts';

/** What else to say about an error by its SQLSTATE. */
const ADVICE: Readonly<Record<string, string>> = {
  '42P01': "the database has neither PostHog's tables nor Halyard's; `halyard import` creates Halyard's",
  '42501': 'the role may not read it; docs/drop-in.md has the grants',
  '28P01': 'check user and password',
  '28000': 'check user and password',
  '3D000': 'check the name after the last slash of the URL',
};

/** An error of the start, with the database's address and, where it can be told, what to do. Shows no password. */
export function explainedError(error: unknown, { postgres }: PostgresSource): Error {
  if (!(error instanceof StoreError)) return new Error(`definitions.postgres: ${messageOf(error)}`, { cause: error });
  const advice = error.code === null ? undefined : ADVICE[error.code];
  const url = typeof postgres === 'string' ? postgres : (postgres.read ?? postgres.write);
  const message = `definitions.postgres: cannot read the project from ${placeOf(url)}: ${error.message}`;
  return new Error(advice === undefined ? message : `${message}: ${advice}`, { cause: error });
}

/** Host, port and database of a URL, without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'the database';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
