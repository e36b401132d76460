import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from '../../generated/management-api.ts';
import { readJson, writeJson } from './exact-json.ts';
import { personalKey } from './personal-key.ts';
import { ApiProblem, problemOf } from './problem.ts';

/** What this browser's session sends with each change (M185); '' before somebody has signed in. */
let csrfToken = '';

export function rememberCsrfToken(token: string | null): void {
  csrfToken = token ?? '';
}

const sends: Middleware = {
  onRequest: ({ request }) => {
    const key = personalKey();
    if (key !== null) request.headers.set('authorization', `Bearer ${key}`);
    if (request.method !== 'GET' && csrfToken !== '') request.headers.set('x-csrftoken', csrfToken);
    return request;
  },
};

/** The management API, typed by its own document. */
const client = createClient<paths>({
  baseUrl: '/',
  bodySerializer: (body: unknown) => (body instanceof FormData ? body : writeJson(body)),
});
client.use(sends);

export { client as api };

/**
 * What an answer holds.
 *
 * @throws {ApiProblem} where the API refused, or cannot be reached
 */
export async function answered<Data>(
  pending: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await pending.catch(() => {
    throw new ApiProblem(0, 'unreachable', 'Halyard cannot be reached. Nothing was changed.', null, {});
  });
  if (!response.ok) throw problemOf(response.status, error);
  // Where an answer has no body there is no type for one either.
  return data as Data;
}

/**
 * The same of what is asked for with `parseAs: 'text'`, with its numbers as they are spelt.
 *
 * @throws {ApiProblem}
 */
export async function answeredExactly<Data>(
  pending: Promise<{ data?: string; error?: unknown; response: Response }>,
): Promise<Data> {
  return readJson(await answered(pending)) as Data;
}
