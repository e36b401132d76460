import { type JsonValue, textOf } from '@halyard/json';
import {
  denied,
  includesScope,
  mostSuggestions,
  type Scope,
  suggestCohorts,
  suggestCreators,
  suggestFlags,
  suggestGroups,
  suggestProperties,
  suggestTags,
  suggestValues,
} from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { compiledProject } from '../evaluations/ask.ts';
import { read } from '../flags/run.ts';
import { invalid } from '../frame/api-error.ts';
import { type Call, endpoint, ok } from '../frame/endpoint.ts';

type ProjectCall = Call<'project', unknown>;

const LONGEST = 200;

interface Kind {
  /** Needed beside `feature_flag:read`. */
  readonly scope: Scope | null;
  suggest(call: ProjectCall, search: string): Promise<readonly object[]>;
}

const kinds: Readonly<Record<string, Kind>> = {
  property: { scope: null, suggest: properties },
  value: { scope: 'person:read', suggest: values },
  group_key: {
    scope: 'group:read',
    suggest: (call, search) => {
      const index = call.query.get('group_type_index') ?? '';
      if (!/^[0-4]$/.test(index)) throw invalid('Must be the index of a group type, 0 to 4.', 'group_type_index');
      return read(call, (context) => suggestGroups(context, Number(index), search));
    },
  },
  cohort: { scope: 'cohort:read', suggest: (call, search) => read(call, (context) => suggestCohorts(context, search)) },
  flag: { scope: null, suggest: (call, search) => read(call, (context) => suggestFlags(context, search)) },
  tag: { scope: null, suggest: (call, search) => read(call, (context) => suggestTags(context, search)) },
  creator: { scope: null, suggest: (call, search) => read(call, (context) => suggestCreators(context, search)) },
};

/** What somebody who types may mean, from what there is (M184). */
export const suggestEndpoint = endpoint({
  method: 'get',
  place: 'project',
  own: true,
  path: '/suggest/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Offers properties, values, group keys, cohorts, flags, tags or authors that have a text in them',
  query: {
    kind: `One of ${Object.keys(kinds).join(', ')}.`,
    q: 'The text. Default: any.',
    property: 'Whose values, for kind=value.',
    group_type_index: 'For kind=group_key.',
  },
  answers: { 200: z.object({ results: z.array(z.looseObject({ value: z.unknown() })) }) },
  handle: async (call) => {
    const name = call.query.get('kind') ?? '';
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      throw invalid(`Must be one of ${Object.keys(kinds).join(', ')}.`, 'kind', 'invalid_choice');
    }
    requireScope(call, kind.scope);
    return ok({ results: await kind.suggest(call, textOfQuery(call, 'q')) });
  },
});

function requireScope({ caller: { via } }: ProjectCall, scope: Scope | null): void {
  if (scope === null || via.kind === 'session' || includesScope(via.scopes, scope)) return;
  throw denied(`API key missing required scope '${scope}'`);
}

/** What PostgreSQL can look for. @throws {ApiError} */
function textOfQuery({ query }: ProjectCall, name: string): string {
  const text = query.get(name) ?? '';
  if (text.length > LONGEST)
    throw invalid(`Ensure this field has no more than ${LONGEST} characters.`, name, 'max_length');
  if (text.includes('\0')) throw invalid('Null characters are not allowed.', name, 'null_characters_not_allowed');
  return text;
}

/** Of the definitions in use, recent requests and stored persons, each with where it was found. */
async function properties(call: ProjectCall, search: string): Promise<readonly object[]> {
  const stored = await read(call, (context) => suggestProperties(context, search));
  const remembered = await call.services.recent?.(call.project.teamId);
  const used = (await compiledProject(call))?.program.reads.person ?? [];
  const sources: readonly [string, readonly string[]][] = [
    ['definitions', used],
    ['requests', remembered?.properties ?? []],
    ['persons', stored.map(({ value }) => value)],
  ];
  const found = new Map<string, string[]>();
  for (const [source, names] of sources) {
    for (const name of names) {
      if (name.toLowerCase().includes(search.toLowerCase())) found.set(name, [...(found.get(name) ?? []), source]);
    }
  }
  const types = new Map(stored.map(({ value, type }) => [value, type]));
  return [...found]
    .slice(0, mostSuggestions)
    .map(([value, names]) => ({ value, sources: names, type: types.get(value) ?? null }));
}

/** Of stored persons and recent requests. */
async function values(call: ProjectCall, search: string): Promise<readonly object[]> {
  const property = textOfQuery(call, 'property');
  if (property === '') throw invalid('This field is required.', 'property', 'required');
  const stored = await read(call, (context) => suggestValues(context, property, search));
  const remembered = await call.services.recent?.(call.project.teamId);
  const sent = (remembered?.requests ?? []).flatMap(({ personProperties }): JsonValue[] => {
    const value = Object.hasOwn(personProperties ?? {}, property) ? personProperties?.[property] : undefined;
    return value === undefined || !isShort(value, search) ? [] : [value];
  });
  const byText = new Map([...stored, ...sent].map((value) => [`${typeof value} ${textOf(value)}`, value]));
  return [...byText.values()].slice(0, mostSuggestions).map((value) => ({ value }));
}

function isShort(value: JsonValue, search: string): boolean {
  if (typeof value === 'object') return false;
  const text = textOf(value);
  return text.length <= LONGEST && text.toLowerCase().includes(search.toLowerCase());
}
