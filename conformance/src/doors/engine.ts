import { CompiledProject, MemoryStore } from 'halyard/host';
import type { JsonObject } from '@halyard/json';
import { compile, type EvaluationRequest } from '@halyard/engine';
import { need, nowOf } from '../vectors.ts';
import type { Answer, Door } from './door.ts';
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
    const { results, errors } = await project.evaluate(requestOf(data));
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
