import { createHash } from 'node:crypto';
import { type JsonObject, type JsonValue, parseDefinitions, sourceText } from '@halyard/json';
import type { Definitions } from '@halyard/engine';
import type { Project, ProjectDefinitions } from '../ports.ts';
import type { Position } from '../position.ts';

/** Of the keys' contents: a process ignores what another version wrote. */
export const layout = 1;

/** Where the definitions of a project are. Tokens stand in keys as hashes: keys appear in the logs and tools of operators. */
export function entryKey(token: string, prefix?: string): string {
  return `${entryChannel(prefix)}:${createHash('sha256').update(token).digest('base64url')}`;
}

/** Where changes of definitions are told; also begins their keys. */
export function entryChannel(prefix = 'halyard'): string {
  return `${prefix}:${layout}:definitions`;
}

/** Fields of the Redis hash that holds a project's definitions; `sum` is over `body`. */
export const entryFields = ['body', 'sum', 'revision', 'main', 'persons', 'replica', 'at'] as const;

export type EntryFields = Readonly<Record<(typeof entryFields)[number], string>>;

/** Definitions as they were shared, with the time at which they were the newest. */
export interface SharedEntry extends ProjectDefinitions {
  readonly confirmedAt: number;
}

/** @returns null when parts of the definitions could not be read: such are not worth sharing */
export function encodeEntry(loaded: ProjectDefinitions, now: number): EntryFields | null {
  const { project, definitions, revision, position } = loaded;
  if (isFailed(definitions.cohorts) || isFailed(definitions.groupTypeMapping)) return null;
  const body = sourceText({ ...(project as unknown as JsonObject), definitions: definitions as unknown as JsonValue });
  return {
    body,
    sum: sumOf(body, revision),
    revision,
    main: String(position?.main ?? ''),
    persons: String(position?.persons ?? ''),
    replica: position?.replica === true ? '1' : '0',
    at: String(now),
  };
}

/** @throws {Error} for anything that was not written by `encodeEntry` for this token, or was damaged since */
export function decodeEntry(fields: readonly (string | null)[], token: string): SharedEntry {
  const [body, sum, revision, main, persons, replica, at] = fields;
  if (!isText(body) || !isText(revision) || revision === '' || sum !== sumOf(body, revision)) {
    throw new Error('a shared entry is damaged');
  }
  const { definitions, ...project } = parseDefinitions(body) as unknown as Project & { definitions: Definitions };
  if (project.token !== token || definitions.teamId !== project.teamId) {
    throw new Error('a shared entry is about something else');
  }
  const confirmedAt = numberOf(at);
  if (confirmedAt === null) throw new Error('a shared entry has no time');
  const position: Position = { main: numberOf(main), persons: numberOf(persons), replica: replica === '1' };
  return { project, definitions, revision, position, confirmedAt };
}

/** What is damaged by accident is found; whoever can write to Redis can write anything. */
function sumOf(body: string, revision: string): string {
  return createHash('sha256').update(revision).update('\n').update(body).digest('base64url');
}

function isFailed(part: object): boolean {
  return (part as { failed?: unknown }).failed === true;
}

function numberOf(text: string | null | undefined): number | null {
  return isText(text) && /^\d{1,16}$/.test(text) ? Number(text) : null;
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string';
}
