import type { JsonObject } from '@halyard/json';
import type { HttpRequest } from '../../http/messages.ts';
import { header } from '../../http/messages.ts';
import {
  type Caller,
  denied,
  findOrganization,
  findProject,
  includesScope,
  isSessionDue,
  keepSession,
  levels,
  Refusal,
  refuseScopedTeams,
} from '@halyard/manage';
import { methodNotAllowed, throttled } from './api-error.ts';
import { readMembers, readRequestBody, type RequestBody } from './body.ts';
import { authenticate, type CredentialOptions } from './credentials.ts';
import type { Endpoint, Places, Reply } from './endpoint.ts';
import type { Services } from './services.ts';
import { isForwarded, refusedWrite, type WritePolicy } from './write-policy.ts';
import { forward } from './forward.ts';

/** What is the same for every call. */
export interface CallContext {
  readonly services: Services;
  readonly credentials: CredentialOptions;
  readonly writes: WritePolicy;
  /** Counts a request with a key in this project: seconds to wait where there were too many, else 0 (M17). */
  readonly countKey: (teamId: number) => Promise<number>;
}

/** A request as the router found its endpoint. */
export interface RoutedRequest {
  readonly request: HttpRequest;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly address: string;
}

/**
 * Answers a call in the order of M13: credential, whether the route is open to it, restrictions, scope, membership, whether anything may
 * be written here, the body, and then the endpoint with its object.
 *
 * @throws {Refusal}
 */
export async function handleCall(endpoint: Endpoint, routed: RoutedRequest, context: CallContext): Promise<Reply> {
  const { request, url, params, address } = routed;
  const read = await readLater(request);
  const { access } = endpoint;
  if (isUnsafe(request.method)) refuseForeignOrigin(request, url);
  const isPublic = 'only' in access && access.only === 'nobody in particular';
  const caller = isPublic ? NOBODY : await identify(routed, read.members, context.credentials);
  if (!isPublic) checkOpen(endpoint, caller);
  const found = isPublic ? {} : await findPlace(endpoint, params, caller, context.services);
  if ('project' in found && caller.via.kind === 'personal_key') {
    const seconds = await context.countKey(found.project?.teamId ?? 0);
    if (seconds > 0) throw throttled(seconds);
  }
  // Nothing that is stored has such a name, and the database does not even take the question.
  if (Object.values(params).some((part) => part.includes('\0'))) throw Refusal.notFound();
  const refused = refusedWrite(endpoint.changes, context.writes);
  if (refused !== null) throw refused;
  if (isForwarded(endpoint.changes, context.writes)) {
    const reply = await forward(request, context.writes.posthogUrl ?? '');
    if ('project' in found && found.project !== undefined)
      await context.services.definitionsWritten(found.project.teamId);
    return reply;
  }
  const { members, files } = read.body();
  const body = endpoint.body === undefined ? undefined : readMembers(endpoint.body, members);
  return endpoint.handle({
    ...found,
    caller,
    services: context.services,
    params,
    query: url.searchParams,
    url,
    body,
    sent: members,
    files,
    address,
  });
}

/** A body that is judged after its sender: until then, one that cannot be read holds no key. */
async function readLater({ headers, body }: HttpRequest): Promise<{ members: JsonObject; body: () => RequestBody }> {
  try {
    const read = await readRequestBody(headers, body);
    return { members: read.members, body: () => read };
  } catch (error) {
    return {
      members: {},
      body: () => {
        throw error;
      },
    };
  }
}

/** Refuses a method that a path does not have. Whoever may not come in hears that first, as in the reference. */
export async function refuseMethod(
  routed: RoutedRequest,
  context: CallContext,
  allowed: readonly string[],
): Promise<never> {
  const { members } = await readLater(routed.request);
  await identify(routed, members, context.credentials);
  throw methodNotAllowed(routed.request.method, allowed);
}

async function identify(
  { request, url }: RoutedRequest,
  members: JsonObject,
  credentials: CredentialOptions,
): Promise<Caller> {
  const caller = await authenticate({ headers: request.headers, members, query: url.searchParams }, credentials);
  const { via } = caller;
  if (isSessionDue(caller, credentials.clock()) && !credentials.readOnly) {
    // A session that cannot be noted is as good as before.
    await credentials.database.write(() => keepSession(caller)).catch(() => undefined);
  }
  // M11: a browser sends its cookie with requests of any page; only ours knows the token.
  if (via.kind === 'session' && isUnsafe(request.method)) {
    const token = header(request.headers, 'x-csrftoken');
    if (token !== via.csrfToken) throw denied('CSRF Failed: CSRF token missing or incorrect.');
  }
  return caller;
}

function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** A page of somebody else's must not even sign somebody in. */
function refuseForeignOrigin({ headers }: HttpRequest, url: URL): void {
  const origin = header(headers, 'origin');
  if (origin === undefined || header(headers, 'authorization') !== undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== url.host) {
    throw denied(
      'CSRF Failed: the request comes from a page of another site. Behind a proxy that changes Host, set HALYARD_PUBLIC_URL.',
    );
  }
}

function checkOpen({ access }: Endpoint, { via }: Caller): void {
  if ('only' in access && access.only === 'session' && via.kind === 'personal_key') {
    throw denied('This action does not support Personal API Key access.');
  }
}

async function findPlace(
  endpoint: Endpoint,
  params: Readonly<Record<string, string>>,
  caller: Caller,
  { database }: Services,
): Promise<Partial<Places['project'] & Places['organization']>> {
  const { access, place } = endpoint;
  const wanted = ('scopes' in access ? access.scopes : undefined) ?? [];
  const checkScope = (): void => {
    if (caller.via.kind !== 'personal_key') return;
    for (const scope of wanted) {
      if (!includesScope(caller.via.scopes, scope)) throw denied(`API key missing required scope '${scope}'`);
    }
  };
  const least = 'level' in access ? (access.level ?? levels.member) : levels.member;
  if (place === 'project') {
    const project = await database.read(() => findProject(params['project_id'] ?? '', caller, checkScope));
    checkLevel(project.level, least);
    return { project };
  }
  if (place === 'organization') {
    const organization = await database.read(() =>
      findOrganization(params['organization_id'] ?? '', caller, checkScope),
    );
    checkLevel(organization.level, least);
    return { organization };
  }
  if (!('only' in access)) refuseScopedTeams(caller);
  checkScope();
  return {};
}

function checkLevel(level: number, least: number): void {
  if (level < least) throw denied('Your organization access level is insufficient.');
}

/** Stands in for the caller of what everybody may call, which does not look at it. */
const NOBODY: Caller = {
  user: {
    id: 0,
    uuid: '',
    distinctId: '',
    email: '',
    firstName: '',
    lastName: '',
    isEmailVerified: null,
    dateJoined: null,
    memberships: [],
    currentOrganizationId: null,
    currentTeamId: null,
  },
  via: { kind: 'session', digest: '', confirmedAt: 0, lastSeenAt: 0, csrfToken: '' },
};
