import { organizationsStatement, projectsStatement, projectStatement, type Work } from '@halyard/data/management';
import { Refusal } from '../refusal.ts';
import { type Caller, levelIn } from './caller.ts';
import { denied } from './denied.ts';

/** A project that a path names (M2): project and team in one. */
export interface Project {
  /** Of the team: what definitions, persons and history are kept under. */
  readonly teamId: number;
  /** What paths say; the same number wherever Halyard made the rows. */
  readonly id: number;
  readonly organizationId: string;
  readonly name: string;
  /** Everything that is stored of it but its secrets. */
  readonly row: Readonly<Record<string, unknown>>;
  /** The caller's level in its organization (M16). */
  readonly level: number;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly row: Readonly<Record<string, unknown>>;
  readonly level: number;
}

const LARGEST_ID = 2 ** 31 - 1;

/**
 * The project that a path names (M2), in the order of M13: restrictions of the key, then scope (`checkScope`), then membership.
 *
 * @throws {Refusal} 403 or 404
 */
export function* findProject(named: string, caller: Caller, checkScope: () => void): Work<Project> {
  const id = named === '@current' ? yield* currentTeam(caller) : numberOf(named);
  const [row] = id === null ? [] : yield projectStatement(id);
  const project = row === undefined ? null : projectFrom(row['found'] ?? '{}', caller);
  const { via } = caller;
  if (via.kind === 'personal_key') {
    const { scopedTeams, scopedOrganizations } = via;
    if (scopedTeams.length > 0 && !scopedTeams.includes(project?.teamId ?? id ?? 0)) {
      throw denied(`API key does not have access to the requested project: ID ${named}.`);
    }
    if (scopedOrganizations.length > 0 && project !== null && !scopedOrganizations.includes(project.organizationId)) {
      throw denied(`API key does not have access to the requested organization: ID ${project.organizationId}.`);
    }
  }
  checkScope();
  if (project === null) throw Refusal.notFound('Project not found.');
  if (project.level === 0) throw denied("You don't have access to the project.");
  return project;
}

/**
 * The organization that a path names by its id or as `@current`, in the same order.
 *
 * @throws {Refusal} 403 or 404
 */
export function* findOrganization(named: string, caller: Caller, checkScope: () => void): Work<Organization> {
  const id = named === '@current' ? currentOrganization(caller) : named.toLowerCase();
  const { via } = caller;
  if (via.kind === 'personal_key') {
    if (via.scopedOrganizations.length > 0 && (id === null || !via.scopedOrganizations.includes(id))) {
      throw denied(`API key does not have access to the requested organization: ID ${named}.`);
    }
    refuseScopedTeams(caller);
  }
  checkScope();
  const [row] = id === null ? [] : yield organizationsStatement([id]);
  if (row === undefined) throw Refusal.notFound('Organization not found.');
  const organization = organizationFrom(row['found'] ?? '{}', caller);
  if (organization.level === 0) throw denied('Your organization access level is insufficient.');
  return organization;
}

/** M15: a key for some projects opens nothing outside of them. */
export function refuseScopedTeams({ via }: Caller): void {
  if (via.kind === 'personal_key' && via.scopedTeams.length > 0) {
    const ids = via.scopedTeams.join(', ');
    throw denied(`This API key is restricted to projects (${ids}), and this address belongs to none.`);
  }
}

/** Organizations that the caller may see: those that it is a member of, within the restrictions of its key. */
export function visibleOrganizations({ user, via }: Caller): readonly string[] {
  const all = user.memberships.map(({ organizationId }) => organizationId);
  if (via.kind !== 'personal_key' || via.scopedOrganizations.length === 0) return all;
  return all.filter((id) => via.scopedOrganizations.includes(id));
}

/** The same with what is stored of them, oldest first (M146). */
export function* visibleOrganizationRows(caller: Caller): Work<readonly Organization[]> {
  const rows = yield organizationsStatement(visibleOrganizations(caller));
  return rows.map((row) => organizationFrom(row['found'] ?? '{}', caller));
}

/** All projects that the caller may see, of some organizations (M146). */
export function* visibleProjects(
  caller: Caller,
  organizations: readonly string[] = visibleOrganizations(caller),
): Work<readonly Project[]> {
  const { via } = caller;
  const teams = via.kind === 'personal_key' && via.scopedTeams.length > 0 ? via.scopedTeams : null;
  const rows = yield projectsStatement(organizations, teams);
  return rows.map((row) => projectFrom(row['found'] ?? '{}', caller));
}

/** The organization that the user works in (M146). */
export function currentOrganization(caller: Caller): string | null {
  const known = visibleOrganizations(caller);
  const { currentOrganizationId } = caller.user;
  return currentOrganizationId !== null && known.includes(currentOrganizationId)
    ? currentOrganizationId
    : (known[0] ?? null);
}

/** The project that the user works in; of a key for one project, that one (M2). */
export function* currentTeam(caller: Caller): Work<number | null> {
  const { user, via } = caller;
  const [only, second] = via.kind === 'personal_key' ? via.scopedTeams : [];
  if (only !== undefined && second === undefined) return only;
  const projects = yield* visibleProjects(caller);
  const current = projects.find(({ teamId }) => teamId === user.currentTeamId);
  const home = currentOrganization(caller);
  return (current ?? projects.find(({ organizationId }) => organizationId === home) ?? projects[0])?.id ?? null;
}

function projectFrom(text: string, caller: Caller): Project {
  const row = JSON.parse(text) as Record<string, unknown>;
  const organizationId = String(row['organization_id']);
  const teamId = Number(row['id']);
  return {
    teamId,
    id: typeof row['project_id'] === 'number' ? row['project_id'] : teamId,
    organizationId,
    name: textIn(row['name']),
    row,
    level: levelIn(caller, organizationId),
  };
}

function organizationFrom(text: string, caller: Caller): Organization {
  const row = JSON.parse(text) as Record<string, unknown>;
  const id = String(row['id']);
  return { id, name: textIn(row['name']), row, level: levelIn(caller, id) };
}

function numberOf(text: string): number | null {
  return /^\d{1,10}$/.test(text) && Number(text) <= LARGEST_ID ? Number(text) : null;
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
