import type { KeyGrant, PersonalGrant } from 'halyard/host';
import { header } from '../http/messages.ts';
import type { Visit } from '../http/route.ts';
import type { Keys, Project, Projects } from './ports.ts';
import { Failure } from './wire/failure.ts';

/** A project, and with what kind of key it was opened. */
export interface KeyedProject {
  readonly project: Project;
  readonly by: KeyGrant['kind'];
}

/** Why a key opens nothing of what was asked for. */
export type Refused = 'missing' | 'invalid' | 'other project' | 'no project named' | 'no such project';

type Awaitable<T> = T | Promise<T>;

const SCHEME = 'Bearer ';

/** Finds the project that a request's key opens (H166, H167). */
export class KeyedProjects {
  readonly #keys: Keys;
  readonly #projects: Projects;

  constructor(keys: Keys, projects: Projects) {
    this.#keys = keys;
    this.#projects = projects;
  }

  /** The project of a request for definitions. Throws or rejects when the store cannot say. */
  find(visit: Visit): Awaitable<KeyedProject | Failure> {
    const grant = this.grant(visit);
    return grant instanceof Promise ? grant.then((known) => this.#open(known, visit)) : this.#open(grant, visit);
  }

  /** What the key of a request opens; null: nothing, undefined: it brings none. */
  grant({ request, record }: Visit): Awaitable<KeyGrant | null | undefined> {
    const credential = header(request.headers, 'authorization');
    if (credential === undefined) return undefined;
    if (!credential.startsWith(SCHEME)) return undefined;
    const key = credential.slice(SCHEME.length);
    return key === '' ? undefined : this.#keys.find(key, record.clientAddress);
  }

  /** The project with this public token as far as the key opens it. */
  opened(grant: KeyGrant, token: string, { record }: Visit): Awaitable<KeyedProject | Refused> {
    // Whoever has a key for one project need not learn which others there are.
    const project = this.#projects.byToken(token, record.clientAddress);
    const check = (found: Project | null): KeyedProject | Refused => {
      if (found === null) return 'no such project';
      const opens = grant.kind === 'project' ? grant.teamId === found.teamId : opensPersonally(grant, found);
      return opens ? { project: found, by: grant.kind } : 'other project';
    };
    return project instanceof Promise ? project.then(check) : check(project);
  }

  #open(grant: KeyGrant | null | undefined, visit: Visit): Awaitable<KeyedProject | Failure> {
    if (grant === undefined) return new Failure('key_missing');
    if (grant === null) return new Failure('key_invalid');
    const token = namedToken(visit) ?? (grant.kind === 'project' ? grant.token : undefined);
    if (token === undefined) return new Failure('token_missing');
    if (lacksScope(grant)) return new Failure('scope_missing');
    const opened = this.opened(grant, token, visit);
    const failed = (found: KeyedProject | Refused) => (typeof found === 'string' ? new Failure('key_invalid') : found);
    return opened instanceof Promise ? opened.then(failed) : failed(opened);
  }
}

/** The public token that a request names: in the query, or as posthog-rs does (H167). */
export function namedToken({ search, request }: Visit): string | undefined {
  const named = search === '' ? null : new URLSearchParams(search).get('token');
  return named || header(request.headers, 'x-posthog-project-api-key') || undefined;
}

/** H86: it is the key alone that is told of, so that nobody learns from it which projects there are. */
export function lacksScope(grant: KeyGrant): boolean {
  return grant.kind === 'personal' && !grant.opensFlags;
}

/** H166, D62: the owner is a member, and the key is not restricted to others. */
function opensPersonally(grant: PersonalGrant, { teamId, organizationId }: Project): boolean {
  const { organizations, scopedTeams, scopedOrganizations } = grant;
  if (organizationId === undefined || !organizations.includes(organizationId)) return false;
  if (scopedTeams.length > 0 && !scopedTeams.includes(teamId)) return false;
  return scopedOrganizations.length === 0 || scopedOrganizations.includes(organizationId);
}
