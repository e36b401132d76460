import type { JsonObject, JsonValue } from '@halyard/json';
import type { JsonCodec, Project } from '../ports.ts';
import type { Row } from './statement.ts';

/** The row of `projectStatement`. */
export interface ProjectRow {
  readonly project: Project;
  readonly propertyMatchingVersion: number | null;
  readonly revision: string;
}

export function projectFromRow(row: Row, token: string, parse: JsonCodec['parse']): ProjectRow {
  const teamId = Number(row['team_id']);
  const team = objectOf(parse(row['team'] ?? '{}'));
  const projectId = team['project_id'];
  const version = team['property_matching_version'];
  return {
    project: {
      teamId,
      projectId: typeof projectId === 'number' ? projectId : teamId,
      token,
      name: textOr(team['name'], 'Default project'),
      timezone: textOr(team['timezone'], 'UTC'),
      settings: objectOf(parse(row['settings'] ?? '{}')),
    },
    propertyMatchingVersion: typeof version === 'number' ? version : null,
    revision: row['revision'] ?? '',
  };
}

/**
 * Reads a JSON list of JSON texts. A text that the codec refuses stands for itself: whoever compiles the definitions
 * finds a text where an object should be, and says so.
 */
export function documentsOf(list: string | null, parse: JsonCodec['parse']): readonly JsonValue[] {
  const texts = JSON.parse(list ?? '[]') as string[];
  return texts.map((text) => {
    try {
      return parse(text);
    } catch {
      return text;
    }
  });
}

export function groupTypesOf(mapping: string | null): Readonly<Record<string, string>> {
  return JSON.parse(mapping ?? '{}') as Record<string, string>;
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

function objectOf(value: JsonValue): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
