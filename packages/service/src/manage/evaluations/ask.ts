import { isObject, type JsonObject, parseJson } from '@halyard/json';
import { listFlags, type Flag } from '@halyard/manage';
import type { CompiledProject, EvaluationRequest, FlagResult } from 'halyard/host';
import { read } from '../flags/run.ts';
import { invalid } from '../frame/api-error.ts';
import type { Call } from '../frame/endpoint.ts';

type ProjectCall = Call<'project', unknown>;

/** More flags than any project in use has. */
const everything = { limit: 100_000, offset: 0 };

/** The project as it is evaluated here; `null`: nothing is known of it (yet). */
export function compiledProject({ project, services }: ProjectCall): Promise<CompiledProject | null> {
  const token = project.row['api_token'];
  return typeof token === 'string' ? services.compiled(token) : Promise.resolve(null);
}

/** All flags that are not deleted or archived, newest first. */
export async function storedFlags(call: ProjectCall): Promise<readonly Flag[]> {
  const { flags } = await read(call, (context) => listFlags(context, {}, everything));
  return flags;
}

/** Results by key, of all runtimes and contexts; nothing is written for it. */
export async function resultsFor(
  call: ProjectCall,
  request: Pick<EvaluationRequest, 'distinctId' | 'groups'>,
): Promise<ReadonlyMap<string, FlagResult>> {
  const compiled = await compiledProject(call);
  if (compiled === null) return new Map();
  const evaluation = await compiled.evaluate({
    ...request,
    now: call.services.clock(),
    runtime: 'all',
    skipWrites: true,
  });
  return new Map(evaluation.results.map((result) => [result.flag.key, result]));
}

/** Groups of a query, JSON text; absent ones are none. @throws {ApiError} */
export function groupsOf(query: URLSearchParams): JsonObject {
  const text = query.get('groups') ?? '';
  if (text === '') return {};
  try {
    const groups = parseJson(text);
    if (isObject(groups)) return groups;
  } catch {
    // The same as another JSON value.
  }
  throw invalid('Must be a JSON object of group types and keys.', 'groups');
}

/** Keys that a query names, repeated or as one JSON list; `null`: all. */
export function flagKeysOf(query: URLSearchParams): ReadonlySet<string> | null {
  const named = query.getAll('flag_keys').filter((text) => text !== '');
  const [only] = named;
  if (only === undefined) return null;
  if (named.length === 1 && only.startsWith('[')) {
    try {
      const list = parseJson(only);
      if (Array.isArray(list)) return new Set(list.map(String));
    } catch {
      // A key like any other, which no flag has.
    }
  }
  return new Set(named);
}
