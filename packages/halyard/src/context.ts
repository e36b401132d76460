import type { JsonObject } from '@halyard/json';
import type { EvaluationRequest } from '@halyard/engine';
import { kindOf, messageOf, object, reading, skeleton, text, texts } from './arguments.ts';
import { type PropertiesInput, toJsonProperties } from './properties.ts';

/** What is known about the user for whom flags are asked. */
export interface EvaluationContext {
  /** The user's id, as the SDKs send it. */
  readonly distinctId: string;
  /** Group type → group key. */
  readonly groups?: Readonly<Record<string, string | number>>;
  /** Person properties; they win over stored ones. */
  readonly personProperties?: PropertiesInput;
  /** Group type → properties of that group; they win over stored ones. */
  readonly groupProperties?: Readonly<Record<string, PropertiesInput>>;
  /** The device's id, for flags that are rolled out by device. */
  readonly deviceId?: string;
  /** The id from before the user was identified, for flags with experience continuity. */
  readonly anonDistinctId?: string;
  /** Evaluate only these flags and what they depend on. */
  readonly flagKeys?: readonly string[];
  /** Which flags take part by runtime. Default `server`. */
  readonly runtime?: 'client' | 'server' | 'all';
  /** Only flags of one of these evaluation contexts take part, and those that have none. */
  readonly evaluationContexts?: readonly string[];
  /** Evaluation time. Default: now. */
  readonly now?: Date | number;
}

type Runtime = NonNullable<EvaluationContext['runtime']>;

const FIELDS: ReadonlySet<string> = new Set<keyof EvaluationContext>([
  'distinctId',
  'groups',
  'personProperties',
  'groupProperties',
  'deviceId',
  'anonDistinctId',
  'flagKeys',
  'runtime',
  'evaluationContexts',
  'now',
]);

/**
 * Checks a context and puts it in the engine's terms. What comes back shares nothing with the context that could change while
 * facts are loaded.
 *
 * @throws TypeError naming the field that is wrong
 */
export function toRequest(given: EvaluationContext, clock: () => number): EvaluationRequest {
  const context = fieldsOf(object(given, 'the context'));
  const { distinctId, groups, personProperties, groupProperties } = context;
  if (typeof distinctId !== 'string') throw new TypeError(`distinctId must be a string, not ${kindOf(distinctId)}`);
  return {
    distinctId,
    now: timeOf(context.now, clock),
    runtime: runtimeOf(context.runtime),
    deviceId: text(context.deviceId, 'deviceId'),
    anonDistinctId: text(context.anonDistinctId, 'anonDistinctId'),
    groups: groups === undefined ? undefined : toJsonProperties(object(groups, 'groups'), 'groups', 1),
    personProperties:
      personProperties === undefined
        ? undefined
        : toJsonProperties(object(personProperties, 'personProperties'), 'personProperties', 1),
    groupProperties: groupProperties === undefined ? undefined : groupsOf(object(groupProperties, 'groupProperties')),
    flagKeys: texts(context.flagKeys, 'flagKeys'),
    evaluationContexts: texts(context.evaluationContexts, 'evaluationContexts'),
  };
}

/** The fields, each read once. Further ones are the caller's own, unless one is a known field misspelt. */
function fieldsOf(context: EvaluationContext): EvaluationContext {
  let further: string[] | undefined;
  let fields: EvaluationContext;
  try {
    for (const key in context) if (!FIELDS.has(key)) (further ??= []).push(key);
    const { distinctId, groups, personProperties, groupProperties, deviceId } = context;
    const { anonDistinctId, flagKeys, runtime, evaluationContexts, now } = context;
    fields = {
      distinctId,
      groups,
      personProperties,
      groupProperties,
      deviceId,
      anonDistinctId,
      flagKeys,
      runtime,
      evaluationContexts,
      now,
    } as EvaluationContext;
  } catch (error) {
    throw new TypeError(`the context cannot be read: ${messageOf(error)}`, { cause: error });
  }
  further?.forEach(refuseMisspelt);
  return fields;
}

function refuseMisspelt(key: string): void {
  for (const field of FIELDS) {
    if (skeleton(field) === skeleton(key)) throw new TypeError(`the context has no ${key}: write ${field}`);
  }
}

function groupsOf(groups: Readonly<Record<string, PropertiesInput>>): Record<string, JsonObject> {
  const result = Object.create(null) as Record<string, JsonObject>;
  for (const [type, properties] of reading('groupProperties', () => Object.entries(groups))) {
    const argument = `groupProperties.${type}`;
    result[type] = toJsonProperties(object(properties, argument), argument, 2);
  }
  return result;
}

function runtimeOf(runtime: Runtime | undefined): Runtime {
  if (runtime === undefined) return 'server';
  if (runtime === 'client' || runtime === 'server' || runtime === 'all') return runtime;
  throw new TypeError("runtime must be 'client', 'server' or 'all'");
}

function timeOf(now: Date | number | undefined, clock: () => number): number {
  const time: unknown = now === undefined ? clock() : now instanceof Date ? now.getTime() : now;
  if (typeof time === 'number' && Number.isFinite(time)) return time;
  const expected = 'must be a valid Date or milliseconds since the epoch';
  throw new TypeError(now === undefined ? `options.now gave no time: its result ${expected}` : `now ${expected}`);
}
