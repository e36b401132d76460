import { isObject, type JsonObject, type JsonValue, parseDefinitions, parseStored } from '@halyard/json';
import type { Project } from '../ports.ts';
import type { Row } from './statement.ts';

/** The row of `projectStatement`. */
export interface ProjectRow {
  readonly project: Project;
  readonly propertyMatchingVersion: number | null;
  readonly revision: string;
}

export function projectFromRow(row: Row, token: string): ProjectRow {
  const teamId = Number(row['team_id']);
  const team = objectOf(parseStored(row['team'] ?? '{}'));
  const projectId = team['project_id'];
  const version = team['property_matching_version'];
  return {
    project: {
      teamId,
      projectId: typeof projectId === 'number' ? projectId : teamId,
      token,
      name: textOr(team['name'], 'Default project'),
      timezone: textOr(team['timezone'], 'UTC'),
      settings: objectOf(parseStored(row['settings'] ?? '{}')),
    },
    propertyMatchingVersion: typeof version === 'number' ? version : null,
    revision: row['revision'] ?? '',
  };
}

/** The document of the row of `flagsStatement` (D7a); null: there is none, or it is no object. */
export function remoteConfigOf({ remote_config: text }: Row): JsonObject | null {
  try {
    const config = parseStored(text ?? 'null');
    return isObject(config) ? config : null;
  } catch {
    return null;
  }
}

/**
 * Reads lines of JSON, one after the other. A line that the parser refuses stands for itself: whoever compiles the
 * definitions finds a text where an object should be, and says so.
 */
export function* documentsOf(lines: string | null): Generator<JsonValue, void, void> {
  const text = lines ?? '';
  for (let from = 0, to = 0; from < text.length; from = to + 1) {
    to = text.indexOf('\n', from);
    if (to < 0) to = text.length;
    const line = text.slice(from, to);
    try {
      yield parseDefinitions(line);
    } catch {
      yield line;
    }
  }
}

export function groupTypesOf(mapping: string | null): Readonly<Record<string, string>> {
  return JSON.parse(mapping ?? '{}') as Record<string, string>;
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}
