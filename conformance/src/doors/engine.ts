import { CompiledProject, MemoryStore } from 'halyard/host';
import type { JsonObject } from '@halyard/json';
import { compile, type EvaluationRequest, type FlagExplanation, type FlagResult } from '@halyard/engine';
import { need, nowOf } from '../vectors.ts';
import type { Answer, Door, TypedAnswer } from './door.ts';
import { engineParts } from './engine-parts.ts';
import { definitionsOf, storedFactsOf } from './scenario.ts';

/** The engine in this process, with the stored data of each case in memory. */
export class EngineDoor implements Door {
  readonly parts = engineParts;

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async answer(data: JsonObject): Promise<Answer> {
    const definitions = definitionsOf(data);
    const store = new MemoryStore([{ token: 'case', definitions, facts: storedFactsOf(data) }]);
    const loaded = await store.definitions.load('case');
    if (loaded === null) throw new Error('the memory store lost the project');
    const project = new CompiledProject(loaded.project, compile(definitions), loaded.revision, store.facts);
    const request = requestOf(data);
    const { results, errors } = await project.evaluate(request);
    const explained = 'v3' in data ? (await project.explain(request)).flags : [];
    return {
      flags: new Map(
        results.map((result) => [
          result.flag.key,
          {
            enabled: result.enabled,
            variant: result.variant,
            payload: result.payload ?? null,
            code: result.reason.code,
            conditionIndex: result.reason.conditionIndex,
            ...typedOf(
              result,
              explained.find((flag) => flag.key === result.flag.key),
            ),
          },
        ]),
      ),
      errors,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Explaining decides the same once more, and knows the arm of an experiment besides. */
function typedOf({ typed }: FlagResult, explained: FlagExplanation | undefined): { typed?: TypedAnswer } {
  if (typed === undefined || explained === undefined) return {};
  const { value, reason, rule } = typed;
  const decided = explained.rules?.find(({ index }) => index === reason.conditionIndex);
  return {
    typed: {
      value,
      code: reason.code,
      conditionIndex: reason.conditionIndex,
      ruleType: rule?.type ?? null,
      ruleId: rule?.id ?? null,
      variant: decided?.variant?.key ?? null,
    },
  };
}

function requestOf(data: JsonObject): EvaluationRequest {
  const request = need<JsonObject>(data, 'request');
  return {
    distinctId: request['distinct_id'] as string,
    now: nowOf(data),
    deviceId: request['device_id'] as string | undefined,
    anonDistinctId: request['anon_distinct_id'] as string | undefined,
    groups: request['groups'] as JsonObject | undefined,
    personProperties: request['person_properties'] as JsonObject | undefined,
    groupProperties: request['group_properties'] as Readonly<Record<string, JsonObject>> | undefined,
    flagKeys: request['flag_keys'] as readonly string[] | undefined,
    evaluationContexts: request['evaluation_contexts'] as readonly string[] | undefined,
    runtime: request['evaluation_runtime'] as 'client' | 'server' | 'all' | undefined,
  };
}
