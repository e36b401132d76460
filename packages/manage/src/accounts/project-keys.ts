import {
  deleteProjectKeyStatement,
  insertProjectKeyStatement,
  lockTeamStatement,
  projectKeysStatement,
  rollProjectKeyStatement,
  type Row,
  updateProjectKeyStatement,
  type Work,
} from '@halyard/data/management';
import { Refusal } from '../refusal.ts';
import type { Caller } from './caller.ts';
import type { Project } from './places.ts';
import { newKeyRow, newSecret } from './secrets.ts';

/** Most secret keys of one project (M151). */
const MOST = 50;

/** What a project's secret key may do here. */
const SCOPES: readonly string[] = ['feature_flag:read'];

/** A secret key of a project, as far as it is stored. */
export type ProjectKey = Readonly<Record<string, unknown>>;

export interface ProjectKeyInput {
  readonly label?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/** Newest first (M151). */
export function* projectKeys({ teamId }: Project): Work<readonly ProjectKey[]> {
  return (yield projectKeysStatement(teamId)).map(found);
}

/** @throws {Refusal} 404, also for a key of another project (M4) */
export function* projectKey({ teamId }: Project, id: string): Work<ProjectKey> {
  const [row] = yield projectKeysStatement(teamId, id);
  if (row === undefined) throw Refusal.notFound();
  return found(row);
}

/** @throws {Refusal} */
export function* createProjectKey(
  { user }: Caller,
  project: Project,
  { label, scopes }: ProjectKeyInput & { readonly label: string },
): Work<{ readonly key: ProjectKey; readonly value: string }> {
  checkScopes(scopes ?? []);
  yield lockTeamStatement(project.teamId);
  if ((yield projectKeysStatement(project.teamId)).length >= MOST) {
    throw Refusal.invalid(
      'invalid_input',
      `A project can only have ${MOST} secret API keys. Remove an existing key first.`,
    );
  }
  const { value, row } = newKeyRow('phs_', label, scopes ?? []);
  const made = yield insertProjectKeyStatement(project.teamId, user.id, row);
  if (made.length === 0) throw labelTaken();
  return { key: yield* projectKey(project, row.id), value };
}

/** @throws {Refusal} */
export function* changeProjectKey(project: Project, id: string, { label, scopes }: ProjectKeyInput): Work<ProjectKey> {
  if (scopes !== undefined) checkScopes(scopes);
  yield lockTeamStatement(project.teamId);
  yield* projectKey(project, id);
  const changed = yield updateProjectKeyStatement(project.teamId, id, label ?? null, scopes ?? null);
  if (changed.length === 0) throw labelTaken();
  return yield* projectKey(project, id);
}

/** @throws {Refusal} 404 */
export function* rollProjectKey(
  project: Project,
  id: string,
): Work<{ readonly key: ProjectKey; readonly value: string }> {
  yield* projectKey(project, id);
  const { value, mask, secureValue } = newSecret('phs_');
  yield rollProjectKeyStatement(project.teamId, id, mask, secureValue);
  return { key: yield* projectKey(project, id), value };
}

/** @throws {Refusal} 404 */
export function* deleteProjectKey(project: Project, id: string): Work<void> {
  yield* projectKey(project, id);
  yield deleteProjectKeyStatement(project.teamId, id);
}

function checkScopes(scopes: readonly string[]): void {
  if (scopes.length === 0)
    throw Refusal.invalid('required', 'A project secret key needs at least one scope.', 'scopes');
  const unknown = scopes.find((scope) => !SCOPES.includes(scope));
  if (unknown !== undefined) throw Refusal.invalid('invalid_input', `Invalid scope: ${unknown}`, 'scopes');
}

function labelTaken(): Refusal {
  return Refusal.invalid('unique', 'There is already a key with this label in this project.', 'label');
}

function found(row: Row): ProjectKey {
  return JSON.parse(row['found'] ?? '{}') as ProjectKey;
}
