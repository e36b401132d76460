import {
  addProjectStatement,
  deleteProjectStatements,
  lockAccountsStatement,
  type ProjectChange,
  updateProjectStatement,
  type Work,
  randomText,
} from '@halyard/data/management';
import { Refusal } from '../refusal.ts';
import type { Caller } from './caller.ts';
import { findProject, type Organization, type Project } from './places.ts';

/** Makes a project in an organization (M147). @throws {Refusal} for a time zone that nobody knows */
export function* createProject(
  caller: Caller,
  organization: Organization,
  { name, timezone = 'UTC' }: { readonly name: string; readonly timezone?: string | undefined },
): Work<Project> {
  checkTimezone(timezone);
  yield lockAccountsStatement;
  const [row] = yield addProjectStatement(organization.id, name, timezone, `phc_${randomText()}`);
  return yield* findProject(row?.['id'] ?? '', caller, () => undefined);
}

/** Changes what people set of a project (M147, M148). @throws {Refusal} */
export function* changeProject(caller: Caller, project: Project, change: ProjectChange): Work<Project> {
  if (typeof change.timezone === 'string') checkTimezone(change.timezone);
  yield updateProjectStatement(project.teamId, change);
  return yield* findProject(String(project.id), caller, () => undefined);
}

/** Deletes a project with its flags, cohorts and keys; persons stay where they are, and nobody finds them any more. */
export function* deleteProject(project: Project): Work<void> {
  yield lockAccountsStatement;
  for (const statement of deleteProjectStatements(project.teamId)) yield statement;
}

function checkTimezone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone }).format(0);
  } catch {
    throw Refusal.invalid('invalid_choice', `"${zone}" is not a valid choice.`, 'timezone');
  }
}
