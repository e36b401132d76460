import type { JsonObject } from '@halyard/json';
import type { EvaluationRequest } from '@halyard/engine';
import { type PropertiesInput, toJsonProperties } from './properties.ts';

/** What is known about the user for whom flags are asked. */
export interface EvaluationContext {
  readonly distinctId: string;
  /** Group type → group key. */
  readonly groups?: Readonly<Record<string, string | number>>;
  /** Person properties; they win over stored ones. */
  readonly personProperties?: PropertiesInput;
  /** Group type → properties of that group; they win over stored ones. */
  readonly groupProperties?: Readonly<Record<string, PropertiesInput>>;
  readonly deviceId?: string;
  /** The id from before the user was identified, for flags with experience continuity. */
  readonly anonDistinctId?: string;
  /** Evaluate only these flags and what they depend on. */
  readonly flagKeys?: readonly string[];
  /** Which flags take part by runtime. Default `server`. */
  readonly runtime?: 'client' | 'server' | 'all';
  readonly evaluationContexts?: readonly string[];
  /** Evaluation time. Default: now. */
  readonly now?: Date | number;
}

/** Checks a context and puts it in the engine's terms. Throws `TypeError` naming the field that is wrong. */
export function toRequest(context: EvaluationContext, clock: () => number): EvaluationRequest {
  object(context, 'the context');
  const { distinctId, groups, personProperties, groupProperties } = context;
  if (typeof distinctId !== 'string') throw new TypeError(`distinctId must be a string, not ${typeof distinctId}`);
  return {
    distinctId,
    now: timeOf(context.now, clock),
    runtime: context.runtime ?? 'server',
    deviceId: text(context.deviceId, 'deviceId'),
    anonDistinctId: text(context.anonDistinctId, 'anonDistinctId'),
    groups: groups === undefined ? undefined : toJsonProperties(object(groups, 'groups')),
    personProperties:
      personProperties === undefined ? undefined : toJsonProperties(object(personProperties, 'personProperties')),
    groupProperties: groupProperties === undefined ? undefined : groupsOf(groupProperties),
    flagKeys: texts(context.flagKeys, 'flagKeys'),
    evaluationContexts: texts(context.evaluationContexts, 'evaluationContexts'),
  };
}

function groupsOf(groups: Readonly<Record<string, PropertiesInput>>): Record<string, JsonObject> {
  const result = Object.create(null) as Record<string, JsonObject>;
  for (const type of Object.keys(object(groups, 'groupProperties'))) {
    result[type] = toJsonProperties(object(groups[type], `groupProperties.${type}`));
  }
  return result;
}

function timeOf(now: Date | number | undefined, clock: () => number): number {
  if (now === undefined) return clock();
  const time = now instanceof Date ? now.getTime() : now;
  if (typeof time !== 'number' || !Number.isFinite(time))
    throw new TypeError('now must be a valid Date or milliseconds since the epoch');
  return time;
}

function object<T extends object>(value: T | undefined, name: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError(`${name} must be an object`);
}

function text(value: string | undefined, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new TypeError(`${name} must be a string, not ${typeof value}`);
}

function texts(value: readonly string[] | undefined, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new TypeError(`${name} must be a list of strings`);
}
