import { type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import type { Definitions, FactFailure } from '@halyard/engine';
import {
  cohortsStatement,
  documentsOf,
  factFailure,
  flagsStatement,
  groupTypesOf,
  groupTypesRevisionStatement,
  groupTypesStatement,
  mainRevisionStatement,
  projectFromRow,
  projectStatement,
  type Row,
  type Statement,
  StoreError,
} from '@halyard/data/statements';
import { numberOf, parseObject, stringOf } from './request.ts';
import { shapeOf } from './shapes.ts';
import { answerOrStep, rowsOf, storeFailure, type StepResults } from './steps.ts';

/** Tokens are `varchar(200)`; nothing longer exists. */
const LONGEST_TOKEN = 200;

/** Stands in a revision for a part that could not be read, so that the next look finds a difference. */
const UNREAD = '-';

/**
 * Reads a project's definitions. The call: `{"store", "token", "results"}`. Answer: `?` and a step, or `=` and
 * `{"teamId", "revision", "announcesChanges", "definitions"}`, the last as text, or `=null` when there is certainly no such token.
 */
export function loadProject(text: string): string {
  const call = parseObject(text);
  const token = stringOf(call, 'token');
  return asked(() => {
    if (token.length > LONGEST_TOKEN || token.includes('\0')) return null;
    const { store, results } = storeOf(call);
    const shape = shapeOf(store, 'non-persons reader', results);
    const row = main('project', projectStatement(token), results);
    if (row === undefined) return null;
    const { project, propertyMatchingVersion, revision } = projectFromRow(row, token);
    const { teamId, timezone } = project;
    const flags = main('flags', flagsStatement(teamId, shape), results);
    const cohorts = orFailure(() => main('cohorts', cohortsStatement(teamId), results));
    const types = orFailure(() => persons('group types', groupTypesStatement(teamId), results));
    const definitions: Definitions = {
      teamId,
      timezone,
      ...(propertyMatchingVersion === null ? {} : { propertyMatchingVersion }),
      flags: documentsOf(flags?.['flags'] ?? null),
      cohorts: isFailed(cohorts) ? cohorts : documentsOf(cohorts?.['cohorts'] ?? null),
      groupTypeMapping: isFailed(types) ? types : groupTypesOf(types?.['mapping'] ?? null),
    };
    return {
      teamId,
      revision: revisionOf(revision, [flags?.['revision'], revisionIn(cohorts), revisionIn(types)]),
      announcesChanges: shape.announcesChanges,
      // As text: the host only hands it back, and might write its numbers differently.
      definitions: jsonText(definitions as unknown as JsonObject),
    };
  });
}

/** The revision that `loadProject` would give. The call has `teamId` besides; the answer is `=` and a text, or `=null`. */
export function projectRevision(text: string): string {
  const call = parseObject(text);
  const teamId = numberOf(call, 'teamId');
  return asked(() => {
    const { store, results } = storeOf(call);
    const shape = shapeOf(store, 'non-persons reader', results);
    const row = main('revision', mainRevisionStatement(stringOf(call, 'token'), teamId, shape), results);
    if (row === undefined) return null;
    const types = orFailure(() => persons('group types revision', groupTypesRevisionStatement(teamId), results));
    return revisionOf(row['team'] ?? '', [row['flags'], row['cohorts'], revisionIn(types)]);
  });
}

/**
 * What flags refer to and a caller did not hand over. The call: `{"store", "teamId", "cohorts", "groupTypes", "results"}`,
 * the last two saying what is wanted. Answer: `?` and a step, or `=` and the `references` of `loadDefinitions`, as text.
 */
export function loadReferences(text: string): string {
  const call = parseObject(text);
  const teamId = numberOf(call, 'teamId');
  return asked(() => {
    const { results } = storeOf(call);
    const found: Record<string, JsonValue> = {};
    if (call['cohorts'] === true) {
      const row = orFailure(() => main('cohorts', cohortsStatement(teamId), results));
      found['cohorts'] = isFailed(row) ? { ...row } : documentsOf(row?.['cohorts'] ?? null);
    }
    if (call['groupTypes'] === true) {
      const row = orFailure(() => persons('group types', groupTypesStatement(teamId), results));
      found['groupTypeMapping'] = isFailed(row) ? { ...row } : groupTypesOf(row?.['mapping'] ?? null);
    }
    return jsonText(found);
  });
}

function asked(answer: () => JsonValue): string {
  return answerOrStep(() => {
    try {
      return `=${jsonText(answer())}`;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return `!${jsonText(storeFailure(error))}`;
    }
  });
}

function main(step: string, statement: Statement, results: StepResults | undefined): Row | undefined {
  return rowsOf(results, { step, pool: 'non-persons reader', statement })[0];
}

function persons(step: string, statement: Statement, results: StepResults | undefined): Row | undefined {
  return rowsOf(results, { step, pool: 'persons reader', statement })[0];
}

/** A part whose loss leaves the rest of the definitions of use (D43). */
function orFailure(read: () => Row | undefined): Row | FactFailure | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return factFailure(error);
  }
}

function isFailed(part: Row | FactFailure | undefined): part is FactFailure {
  return (part as Partial<FactFailure> | undefined)?.failed === true;
}

function revisionIn(part: Row | FactFailure | undefined): string | null | undefined {
  return isFailed(part) ? UNREAD : part?.['revision'];
}

function revisionOf(team: string, parts: readonly (string | null | undefined)[]): string {
  return [team, ...parts.map((part) => part ?? '')].join('.');
}

function storeOf(call: JsonObject): { store: number; results: StepResults | undefined } {
  return { store: numberOf(call, 'store'), results: call['results'] as unknown as StepResults | undefined };
}
