import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { definitionRow, findFlagId, judgeDraft, type JudgedDraft, Refusal, type Work } from '@halyard/manage';
import type { CompiledProject, Definitions } from 'halyard/host';
import { z } from '@hono/zod-openapi';
import { contextOf } from '../flags/run.ts';
import { invalid } from '../frame/api-error.ts';
import type { Call } from '../frame/endpoint.ts';

type ProjectCall = Call<'project', unknown>;

/** What names a flag, a draft of one, or both. */
export const draftMembers = {
  flag: z
    .unknown()
    .optional()
    .openapi({ type: 'integer', description: 'Id or key of the flag that the draft changes.' }),
  draft: z
    .unknown()
    .optional()
    .openapi({ type: 'object', description: 'The body of a write: what differs, or for a new flag everything.' }),
};

/** A flag of the project, or a draft: of a change to it, or of a new one. */
export interface Drafted {
  /** Id of the flag; `null`: there is none yet. */
  readonly id: number | null;
  readonly draft: JsonObject | null;
}

/** The id that a draft of a new flag has meanwhile: no row can have come so far. */
const NEW_ID = 2 ** 31 - 1;

/** Reads what a body names. @throws {Refusal} 404 for a flag that the project does not have */
export function* readDrafted(call: ProjectCall): Work<Drafted> {
  const named = member(call.sent, 'flag') ?? null;
  const draft = member(call.sent, 'draft') ?? null;
  if (draft !== null && !isObject(draft))
    throw invalid('Must be an object: the body of a write.', 'draft', 'not_a_dict');
  if (named !== null && typeof named !== 'number' && typeof named !== 'string') {
    throw invalid('Must be the id or the key of a flag.', 'flag');
  }
  const id = named === null ? null : yield* findFlagId(contextOf(call), String(named));
  return { id, draft };
}

/** The same where a draft has to be, judged. @throws {Refusal} */
export function* readDraft(call: ProjectCall): Work<JudgedDraft> {
  const { id, draft } = yield* readDrafted(call);
  if (draft === null) throw invalid('This field is required.', 'draft', 'required');
  return yield* judgeDraft(contextOf(call), id, draft);
}

/** @throws {Refusal} 400 with everything that is wrong with a draft */
export function refuseUnusable({ problems: [first, ...others] }: JudgedDraft): void {
  if (first !== undefined) throw new Refusal(400, [first, ...others]);
}

/** The project as it would be evaluated with a draft; `null`: nothing is known of it. */
export function projectWith(call: ProjectCall, { stored, fields }: JudgedDraft): Promise<CompiledProject | null> {
  const { project, services } = call;
  const id = stored?.id ?? NEW_ID;
  const row = definitionRow(id, stored === null ? 1 : stored.version + 1, fields);
  const change = (definitions: Definitions): Definitions => {
    const others = definitions.flags.filter((flag) => !isFlag(flag, id));
    const old = definitions.flags.find((flag) => isFlag(flag, id));
    const drafted: JsonObject = isObject(old ?? null) ? { ...(old as JsonObject), ...row } : row;
    return { ...definitions, flags: fields.deleted ? others : [...others, drafted] };
  };
  return services.recompiled(String(project.row['api_token']), change);
}

function isFlag(flag: JsonValue, id: number): boolean {
  return isObject(flag) && member(flag, 'id') === id;
}
