import { z } from '@hono/zod-openapi';
import {
  beginSession,
  changeProfile,
  type Caller,
  confirmSession,
  endSession,
  findProject,
  hashPassword,
  invalidCredentials,
  ownerOfAddress,
  ownerOfSession,
  passwordProblem,
  Refusal,
  requireFresh,
  setUp,
  verifyPassword,
} from '@halyard/manage';
import { type Call, endpoint, nothing, ok, type Reply } from '../frame/endpoint.ts';
import { integerField, textField } from '../frame/fields.ts';
import { csrfTokenOf, signInCookie, signOutCookie } from '../frame/session-cookie.ts';
import { userBrief } from './shapes.ts';

const sessionShape = z.object({ csrf_token: z.string() }).openapi('Session');
const password = () => textField({ untrimmed: true, longest: 1_000 });
const email = () => textField({ longest: 254 });

const signInBody = z.object({ email: email(), password: password() });

/** `POST /api/login` (M185). Unknown addresses and wrong passwords are answered alike, and as slowly. */
const loginEndpoint = endpoint({
  method: 'post',
  place: 'root',
  path: '/login/',
  access: { only: 'nobody in particular' },
  changes: 'accounts',
  summary: 'Sign in',
  body: signInBody,
  answers: { 200: sessionShape },
  handle: async ({ body, address, url, services: { database, signIn } }) => {
    await signIn.count(body.email, address);
    const owner = await database.read(() => ownerOfAddress(body.email));
    const isRight = await verifyPassword(body.password, owner?.password ?? null);
    if (owner === null || !isRight) throw invalidCredentials();
    await signIn.forget(body.email, address);
    return signedIn(await database.write(() => beginSession(owner.userId)), url);
  },
});

const logoutEndpoint = endpoint({
  method: 'post',
  place: 'root',
  path: '/logout/',
  alias: '/logout',
  access: { only: 'session' },
  changes: 'accounts',
  summary: 'Sign out',
  answers: { 204: 'The session is over.' },
  handle: async ({ caller, url, services: { database } }) => {
    await database.write(() => endSession(caller));
    return { ...nothing(), headers: { 'set-cookie': signOutCookie(url.protocol === 'https:') } };
  },
});

/** What a page that was loaded anew has to know. */
const sessionEndpoint = endpoint({
  method: 'get',
  place: 'root',
  path: '/halyard/session/',
  access: { only: 'session' },
  changes: 'nothing',
  summary: 'The session of this browser, and the token that its changes have to bring',
  answers: { 200: sessionShape },
  handle: ({ caller: { user, via } }) =>
    Promise.resolve(ok({ csrf_token: via.kind === 'session' ? via.csrfToken : null, user: userBrief(user) })),
});

const confirmEndpoint = endpoint({
  method: 'post',
  place: 'root',
  path: '/halyard/session/confirm/',
  access: { only: 'session' },
  changes: 'accounts',
  summary: 'Give the password again, for what matters most',
  body: z.object({ password: password() }),
  answers: { 204: 'The password is right.' },
  handle: async (call) => {
    const { caller, body, services } = call;
    await checkPassword(call, body.password);
    await services.database.write(() => confirmSession(caller));
    return nothing();
  },
});

const setupEndpoint = endpoint({
  method: 'post',
  place: 'root',
  path: '/halyard/setup/',
  access: { only: 'nobody in particular' },
  changes: 'accounts',
  summary: 'Make the first user, with the secret that the first start prints',
  body: z.object({
    secret: textField({ longest: 200 }),
    email: email(),
    password: password(),
    first_name: textField({ longest: 150, mayBeBlank: true }).optional(),
    organization: textField({ longest: 64 }).optional(),
  }),
  answers: { 200: sessionShape },
  handle: async ({ body, address, url, services: { database, signIn } }) => {
    await signIn.count('setup', address);
    const passwordHash = await newPasswordHash(body.password);
    checkEmail(body.email);
    const user = { email: body.email, firstName: body.first_name ?? '', passwordHash };
    const cookie = await database.write(function* () {
      return yield* beginSession(yield* setUp(body.secret, user, body.organization ?? 'Default organization'));
    });
    return signedIn(cookie, url);
  },
});

/** `PATCH /api/users/@me/`: with a session, since a key must not make itself another owner. */
const profileEndpoint = endpoint({
  method: 'patch',
  place: 'root',
  path: '/users/@me/',
  access: { only: 'session' },
  changes: 'accounts',
  summary: "Change one's own name, password, or the project that one works in",
  body: z.object({
    first_name: textField({ longest: 150, mayBeBlank: true }).optional(),
    last_name: textField({ longest: 150, mayBeBlank: true }).optional(),
    set_current_team: integerField({ least: 1 }).optional(),
    current_password: password().optional(),
    password: password().optional(),
  }),
  answers: { 200: sessionShape },
  handle: async (call) => {
    const { caller, body, services } = call;
    const passwordHash = body.password === undefined ? undefined : await changedPassword(call, body);
    const team = body.set_current_team;
    await services.database.write(function* () {
      const project = team === undefined ? undefined : yield* findProject(String(team), caller, () => undefined);
      yield* changeProfile(caller, {
        firstName: body.first_name,
        lastName: body.last_name,
        teamId: project?.teamId,
        passwordHash,
      });
    });
    const { user } = caller;
    return ok(
      userBrief({ ...user, firstName: body.first_name ?? user.firstName, lastName: body.last_name ?? user.lastName }),
    );
  },
});

async function changedPassword(
  call: PasswordCall,
  body: { readonly current_password?: string | undefined; readonly password?: string | undefined },
): Promise<string> {
  requireFresh(call.caller, call.services.clock());
  await checkPassword(call, body.current_password ?? '', 'current_password');
  return newPasswordHash(body.password ?? '');
}

type PasswordCall = Pick<Call<'root', unknown>, 'services' | 'address'> & { readonly caller: Caller };

async function checkPassword(
  { caller, address, services }: PasswordCall,
  given: string,
  attr = 'password',
): Promise<void> {
  await services.signIn.count(caller.user.email, address);
  const owner = await services.database.read(() => ownerOfSession(caller));
  if (!(await verifyPassword(given, owner?.password ?? null))) {
    throw Refusal.invalid('incorrect_password', 'Your password was entered incorrectly. Please enter it again.', attr);
  }
  await services.signIn.forget(caller.user.email, address);
}

async function newPasswordHash(text: string): Promise<string> {
  const problem = passwordProblem(text);
  if (problem !== null) throw Refusal.invalid(problem.code, problem.detail, 'password');
  return hashPassword(text);
}

function checkEmail(text: string): void {
  if (!/^[^\s@]+@[^\s@]+$/.test(text)) throw Refusal.invalid('invalid_input', 'Enter a valid email address.', 'email');
}

function signedIn(cookie: string, url: URL): Reply {
  const headers = { 'set-cookie': signInCookie(cookie, url.protocol === 'https:') };
  return { ...ok({ csrf_token: csrfTokenOf(cookie) }), headers };
}

/** Signing in and out, the first user, and what people change of themselves (M185). */
export const sessionEndpoints = [
  loginEndpoint,
  logoutEndpoint,
  sessionEndpoint,
  confirmEndpoint,
  setupEndpoint,
  profileEndpoint,
];
