import { createHash, timingSafeEqual } from 'node:crypto';
import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { Definitions } from 'halyard/host';
import { type Headers, header } from '../../http/messages.ts';
import type { Project } from '../ports.ts';

/** Reads the definitions of a project anew and compiles them with a change, for one request. Null: there is no such project. */
export type Recompile = (token: string, change: (definitions: Definitions) => Definitions) => Promise<Project | null>;

/** Requests of PostHog's own interface (H150). */
export interface InternalRequests {
  isInternal(headers: Headers): boolean;
  readonly recompile: Recompile;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** @param token what such requests send as `Authorization: Bearer …` */
export function internalRequests(token: string, recompile: Recompile): InternalRequests {
  const wanted = digest(`Bearer ${token}`);
  return {
    // Digests have one length, so the comparison takes one time.
    isInternal: (headers) => {
      const sent = header(headers, 'authorization');
      return sent !== undefined && timingSafeEqual(digest(sent), wanted);
    },
    recompile,
  };
}

/** What a request puts in the place of flags, and how many of them it hits. */
export interface Overridden {
  readonly project: Project;
  readonly flags: number;
}

/**
 * The project with some flags replaced (H150). An entry that does not repeat id, team and key of a flag replaces none.
 *
 * @param overrides flag definitions as the database has them, under any names
 */
export async function overridden(
  project: Project,
  token: string,
  overrides: JsonObject,
  recompile: Recompile,
): Promise<Overridden> {
  const entries = Object.values(overrides).filter(isObject);
  let hit = 0;
  const changed = await recompile(token, (definitions) => ({
    ...definitions,
    flags: definitions.flags.map((flag) => {
      const entry = entries.find((candidate) => isSame(candidate, flag, definitions.teamId));
      if (entry === undefined || !isObject(flag)) return flag;
      hit += 1;
      return { ...flag, ...entry };
    }),
  }));
  return hit === 0 || changed === null ? { project, flags: 0 } : { project: changed, flags: hit };
}

function isSame(entry: JsonObject, flag: JsonValue, teamId: number): boolean {
  const same = (name: string): boolean => isObject(flag) && member(entry, name) === member(flag, name);
  return member(entry, 'team_id') === teamId && member(entry, 'id') !== undefined && same('id') && same('key');
}
