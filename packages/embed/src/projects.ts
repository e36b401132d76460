import {
  type Conversation,
  errorClass,
  firstReading,
  type Look,
  loadReferences,
  look,
  type LookInside,
  lookInside,
  type Position,
  type Reading,
  readStore,
} from '@halyard/data/conversation';
import { isList, type JsonObject, jsonText, sourceText } from '@halyard/json';
import { begin } from './conversations.ts';
import { numberOf, parseObject, required, stringOf } from './request.ts';
import { type HostStore, storeOf } from './stores.ts';

/** What the host holds of a project besides the definitions, as an answer told it. */
interface Held {
  readonly teamId: number;
  readonly revision: string;
  readonly position: Position | null;
}

/**
 * Reads a project for the first time. The call: `{"store", "token", "side"}`; the side is that of `tellFreshness`. Answer: as `begin`, at
 * last as `lookAtProject`.
 */
export function readProject(text: string): string {
  const call = parseObject(text);
  return begin(told(call, 0, firstLook(call['side'] === 'writer')));
}

/**
 * Compares what the host holds with the store. The call: `{"store", "token", "held", "side"}`, the second last as an answer told it.
 *
 * At last `=` and `{"event", …}`, which the machine is to be told. With `read` come `held`, and `definitions` as text; with `failed` come
 * the `detail`, and `message`, `pool` and `code` for people.
 */
export function lookAtProject(text: string): string {
  const call = parseObject(text);
  const { teamId, revision, position } = required(call, 'held') as unknown as Held;
  const side = call['side'] === 'writer' ? 'writer' : 'reader';
  return begin(told(call, teamId, look({ revision, position: position ?? undefined }, side)));
}

/**
 * Compares what the host knows with what its own transaction sees. The call: `{"store", "token", "teamId", "known", "holds"}`: an id and
 * revisions, absent where nothing is known, and whether the host has definitions to go on with. Answer: as `lookAtProject`; with
 * `confirmed` comes the `revision`; `kept` says like `failed` why nobody could say, and that the definitions of the host stay.
 */
export function lookInsideTransaction(text: string): string {
  const call = parseObject(text);
  const { known } = call;
  const revisions = isList(known) ? (known as readonly string[]) : null;
  return begin(
    told(call, revisions === null ? 0 : numberOf(call, 'teamId'), lookInside(revisions, call['holds'] === true)),
  );
}

/**
 * What flags refer to and a caller did not hand over. The call: `{"store", "teamId", "cohorts", "groupTypes"}`,
 * the last two saying what is wanted. At last `=` and the `references` of `loadDefinitions`, as text.
 */
export function readReferences(text: string): string {
  return begin(referencesFor(parseObject(text)));
}

function* firstLook(doubted: boolean): Reading<Look> {
  const loaded = yield* firstReading(doubted);
  return loaded === null ? { found: 'absent' } : { found: 'read', loaded };
}

function* referencesFor(call: JsonObject): Conversation<string> {
  const wanted = { cohorts: call['cohorts'] === true, groupTypes: call['groupTypes'] === true };
  const found = yield* loadReferences(storeOf(storeIn(call)), numberOf(call, 'teamId'), wanted);
  return `=${jsonText(jsonText(found as unknown as JsonObject))}`;
}

function* told(call: JsonObject, teamId: number, reading: Reading<LookInside>): Conversation<string> {
  const store = storeIn(call);
  try {
    const project = { token: stringOf(call, 'token'), teamId };
    return `=${jsonText(answerTo(yield* readStore(storeOf(store), project, reading, store.isolated === true)))}`;
  } catch (error) {
    return `=${jsonText(failure(error))}`;
  }
}

function answerTo(seen: LookInside): JsonObject {
  if (seen.found === 'kept') return { ...failure(seen.because), event: seen.found };
  if (seen.found === 'confirmed') return { event: seen.found, revision: seen.revision ?? null };
  if (seen.found !== 'read') return { event: seen.found };
  const { project, definitions, revision, position } = seen.loaded;
  const held: Held = { teamId: project.teamId, revision, position: position ?? null };
  return {
    event: seen.found,
    held: held as unknown as JsonObject,
    // As text: the host only hands it back, and might write its numbers differently.
    definitions: sourceText(definitions as unknown as JsonObject),
  };
}

function failure(error: unknown): JsonObject {
  const { message = String(error), pool, code } = (error ?? {}) as { message?: string; pool?: string; code?: string };
  return {
    event: 'failed',
    detail: { error: errorClass(error) },
    message: pool === undefined ? message : message.slice(pool.length + 2),
    pool: pool ?? 'non-persons reader',
    code: code ?? null,
  };
}

function storeIn(call: JsonObject): HostStore {
  return required(call, 'store') as unknown as HostStore;
}
