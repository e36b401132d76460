import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import {
  coerceTime,
  definitionRow,
  findPerson,
  type Flag,
  maskedPayload,
  type Person,
  propertiesNamed,
  readFlag,
  readFlagsAt,
  readPerson,
} from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import type { FlagExplanation } from 'halyard/host';
import { namedFlag, read } from '../flags/run.ts';
import { anyObject } from '../flags/shapes.ts';
import { invalid } from '../frame/api-error.ts';
import { type Call, endpoint, ok } from '../frame/endpoint.ts';
import { compiledProject } from './ask.ts';

type ProjectCall = Call<'project', unknown>;

interface Question {
  readonly distinctId: string | null;
  readonly personId: string | null;
  readonly groups: JsonObject;
  /** In the past, milliseconds since the epoch; null: now. */
  readonly at: number | null;
}

/** @throws {ApiError} */
function questionOf({ sent }: ProjectCall, now: number): Question {
  const text = (field: string): string | null => {
    const value = member(sent, field) ?? null;
    if (value === null || value === '') return null;
    if (typeof value !== 'string' && typeof value !== 'number') throw invalid('Not a valid string.', field);
    return String(value);
  };
  const [distinctId, personId] = [text('distinct_id'), text('person_id')];
  if ((distinctId === null) === (personId === null)) {
    throw invalid('Give either distinct_id or person_id.', 'distinct_id');
  }
  const groups = member(sent, 'groups') ?? {};
  if (!isObject(groups)) throw invalid('Must be an object of group types and keys.', 'groups');
  const at = momentOf(member(sent, 'timestamp') ?? null, now);
  // Which ids a person had then is not known.
  if (at !== null && distinctId === null) throw invalid('Give a distinct_id with it.', 'timestamp', 'unsupported');
  return { distinctId, personId, groups, at };
}

/** @throws {ApiError} */
function momentOf(value: JsonValue, now: number): number | null {
  if (value === null) return null;
  const time = coerceTime(value);
  if ('problem' in time) throw invalid(time.problem.detail, 'timestamp', time.problem.code);
  const at = Date.parse(time.value);
  if (at > now) throw invalid('Must not be in the future.', 'timestamp');
  return at;
}

/** Tests a flag for somebody, and says how it came to its value (M90). */
export const testEvaluationEndpoint = endpoint({
  method: 'post',
  place: 'project',
  path: '/feature_flags/{id}/test_evaluation/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Tests a flag for a person, condition by condition',
  body: z.looseObject({}),
  answers: { 200: anyObject },
  handle: async (call) => {
    const question = questionOf(call, call.services.clock());
    const { distinctId, personId } = question;
    if (question.at !== null) return ok(await pastAnswer(call, question, question.at));
    const { flag, person } = await read(call, function* load(context) {
      const found = yield* readFlag(context, yield* namedFlag(call, context));
      const asked =
        personId === null ? yield* findPerson(context, distinctId ?? '') : yield* readPerson(context, personId);
      return { flag: found, person: asked };
    });
    const subject = distinctId ?? person?.distinct_ids[0] ?? person?.uuid ?? '';
    const compiled = await compiledProject(call);
    const explanation = await compiled?.explainFlag(flag.key, requestOf(question, subject, call.services.clock()));
    return ok(answerOf(flag, person, explanation, distinctId));
  },
});

function requestOf({ groups }: Question, distinctId: string, now: number) {
  return { distinctId, now, groups, runtime: 'all', skipWrites: true } as const;
}

/** The definition of that moment, for what needs nothing that is stored of people: what was stored then is not known. */
async function pastAnswer(call: ProjectCall, question: Question, at: number): Promise<JsonObject> {
  const { id, flags } = await read(call, function* load(context) {
    const named = yield* namedFlag(call, context);
    return { id: named, flags: yield* readFlagsAt(context, named, at) };
  });
  const flag = flags.get(id);
  if (flag === undefined) throw invalid('The flag was not there yet.', 'timestamp');
  const then = [...flags.values()].map((one) => definitionRow(one.id, one.version, one));
  const project = await call.services.recompiled(String(call.project.row['api_token']), (definitions) => ({
    ...definitions,
    flags: then,
  }));
  const request = { ...requestOf(question, question.distinctId ?? '', at), flagKeys: [flag.key] };
  if (project !== null && flag.active && !flag.deleted && project.plan(request) !== null) {
    const detail = 'This flag asks what is stored of people, and what that was then is not known.';
    throw invalid(detail, 'timestamp', 'unsupported');
  }
  return answerOf(flag, null, await project?.explainFlag(flag.key, request), question.distinctId);
}

function answerOf(
  flag: Flag,
  person: Person | null,
  explanation: FlagExplanation | undefined,
  distinctId: string | null,
): JsonObject {
  const result = explanation?.result ?? null;
  const reason = result?.reason ?? {
    code: flag.active && !flag.deleted ? (explanation?.excluded ?? 'unknown') : 'disabled',
    conditionIndex: null,
    description: flag.active ? null : 'The flag is off',
  };
  const conditions = explanation?.conditions ?? [];
  const keys = conditionKeys(flag.filters);
  return {
    flag_key: flag.key,
    result: result?.value ?? false,
    reason: reason.code,
    reason_description: reason.description,
    condition_index: reason.conditionIndex,
    // M32: ciphertext is of no use to anybody.
    payload: flag.has_encrypted_payloads === true ? maskOf(result?.payload) : (result?.payload ?? null),
    person_properties: person === null ? {} : propertiesNamed(person.properties, keys),
    // Whoever may read flags only must not learn ids by asking for persons.
    evaluation_distinct_id: distinctId,
    conditions: conditions.map((condition) => conditionOf(condition, flag.filters)),
  };
}

function maskOf(payload: JsonValue | undefined): JsonValue {
  return payload === undefined || payload === null ? null : maskedPayload;
}

type Condition = FlagExplanation['conditions'][number];

function conditionOf({ index, outcome, filters, rollout, variant }: Condition, definition: JsonObject): JsonObject {
  const isMatch = outcome === 'matched';
  const passed = isMatch || outcome === 'out_of_rollout_bound';
  const group = groupsIn(definition)[index];
  return {
    index,
    matched: isMatch,
    properties_matched: passed,
    explanation: isMatch ? 'The condition matched.' : outcomeText(outcome),
    rollout_percentage:
      rollout?.percentage ?? (group === undefined ? 100 : (member(group, 'rollout_percentage') ?? 100)),
    rollout_excluded: outcome === 'out_of_rollout_bound',
    variant: variant?.key ?? (group === undefined ? null : (member(group, 'variant') ?? null)),
    properties: filters.map((filter) => ({
      key: filter.key,
      operator: filter.operator,
      value: filter.expected ?? null,
      type: filter.type,
      actual_value: filter.seen ?? null,
      matched: filter.outcome === 'match',
      explanation: seenText(filter),
    })),
  };
}

function outcomeText(outcome: string): string {
  const texts: Readonly<Record<string, string>> = {
    out_of_rollout_bound: 'All filters matched, but the subject is outside of the rollout.',
    failed: 'It could not be decided.',
  };
  return texts[outcome] ?? `It did not match: ${outcome.replaceAll('_', ' ')}.`;
}

function seenText({ outcome, source }: Condition['filters'][number]): string {
  const from = source === 'missing' ? 'the property is not set' : `the value is ${source.replaceAll('_', ' ')}`;
  return `${outcome === 'match' ? 'Matched' : 'Did not match'}: ${from}.`;
}

function groupsIn(filters: JsonObject): readonly JsonObject[] {
  const groups: JsonValue | undefined = member(filters, 'groups');
  return Array.isArray(groups) ? (groups as readonly JsonValue[]).filter(isObject) : [];
}

/** Keys of person properties that the flag's own filters name. */
function conditionKeys(filters: JsonObject): Set<string> {
  const keys = new Set<string>();
  for (const group of groupsIn(filters)) {
    const properties = member(group, 'properties');
    if (!Array.isArray(properties)) continue;
    for (const property of properties as readonly JsonValue[]) {
      const key = isObject(property) && member(property, 'type') === 'person' ? member(property, 'key') : undefined;
      if (typeof key === 'string') keys.add(key);
    }
  }
  return keys;
}
