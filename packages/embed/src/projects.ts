import {
  type Conversation,
  loadProject,
  loadReferences,
  projectRevision,
  StoreError,
} from '@halyard/data/conversation';
import { type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import { begin } from './conversations.ts';
import { numberOf, parseObject, required, stringOf } from './request.ts';
import { type HostStore, storeOf } from './stores.ts';

/**
 * Reads a project's definitions. The call: `{"store", "token"}`. Answer: as `begin`, at last `=` and `{"teamId", "revision",
 * "definitions"}`, the last as text, or `=null` when there is certainly no such token.
 */
export function readProject(text: string): string {
  const call = parseObject(text);
  const { store, isolated } = storeIn(call);
  return begin(
    told(loadProject(store, stringOf(call, 'token'), { isolated }), (found) => {
      if (found === null) return null;
      const { project, definitions, revision } = found;
      // As text: the host only hands it back, and might write its numbers differently.
      return { teamId: project.teamId, revision, definitions: jsonText(definitions as unknown as JsonObject) };
    }),
  );
}

/** The revision that `readProject` would give. The call has `teamId` besides; the answer is `=` and a text, or `=null`. */
export function readRevision(text: string): string {
  const call = parseObject(text);
  const { store, isolated } = storeIn(call);
  const project = { token: stringOf(call, 'token'), teamId: numberOf(call, 'teamId') };
  return begin(told(projectRevision(store, project, { isolated }), (revision) => revision));
}

/**
 * What flags refer to and a caller did not hand over. The call: `{"store", "teamId", "cohorts", "groupTypes"}`,
 * the last two saying what is wanted. At last `=` and the `references` of `loadDefinitions`, as text.
 */
export function readReferences(text: string): string {
  const call = parseObject(text);
  const { store } = storeIn(call);
  const wanted = { cohorts: call['cohorts'] === true, groupTypes: call['groupTypes'] === true };
  return begin(
    told(loadReferences(store, numberOf(call, 'teamId'), wanted), (found) => jsonText(found as unknown as JsonObject)),
  );
}

function storeIn(call: JsonObject) {
  const given = required(call, 'store') as unknown as HostStore;
  return { store: storeOf(given), isolated: given.isolated === true };
}

/** The conversation with its result as an answer, and a store's failure as one too. */
function* told<Result>(conversation: Conversation<Result>, answer: (found: Result) => JsonValue): Conversation<string> {
  try {
    return `=${jsonText(answer(yield* conversation))}`;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return `!${jsonText(storeFailure(error))}`;
  }
}

/** A store's failure for the host, which turns it into an error of its own. */
function storeFailure(error: StoreError): JsonObject {
  return {
    name: 'StoreError',
    message: error.message.slice(error.pool.length + 2),
    pool: error.pool,
    code: error.code,
  };
}
