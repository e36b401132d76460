import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Answers } from './contract.ts';

/** What a client did; the pages about clients are made of it. */
export interface Result {
  readonly version: string;
  /** What it calls itself. */
  readonly userAgents: readonly string[];
  /** Where its answers differ from the right ones: by flag and question, what it says instead. */
  readonly remote: Answers;
  /** The same of local evaluation, if it has one. */
  readonly local?: Answers;
  /** What it gets when it asks for definitions again and nothing has changed. */
  readonly polls?: 'a 304' | 'all of them';
  /** What it has of a flag while every poll fails like this. */
  readonly polling?: Readonly<Record<string, string>>;
  /** What it gets of an encrypted configuration with a personal key. */
  readonly sealed?: string;
  /** What its user gets while every request fails like this, and how often it asks for that. */
  readonly failures: Readonly<Record<string, { readonly gets: string; readonly requests: number }>>;
  /** Method and path of every request that it made. */
  readonly requests: readonly string[];
}

export type Results = Readonly<Record<string, Result>>;

const file = new URL('../results.json', import.meta.url);

export function readResults(): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

export function writeResult(name: string, result: Result): void {
  const all = Object.entries({ ...readResults(), [name]: result }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}
