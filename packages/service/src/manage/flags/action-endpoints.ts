import type { JsonObject } from '@halyard/json';
import {
  bulkDelete,
  bulkKeys,
  bulkUpdateTags,
  type CommandContext,
  type LifecycleAction,
  Refusal,
  renderOne,
  runLifecycleAction,
  type Work,
} from '@halyard/manage';
import { endpoint, ok, type Reply } from '../frame/endpoint.ts';
import { namedFlag, read, write } from './run.ts';
import { anyObject, flagShape } from './shapes.ts';

const lifecycle = (action: LifecycleAction, summary: string) =>
  endpoint({
    method: 'post',
    place: 'project',
    path: `/feature_flags/{id}/${action}/`,
    access: { scopes: ['feature_flag:write'] },
    changes: 'definitions',
    summary,
    answers: { 200: flagShape },
    handle: (call) =>
      write(call, function* act(context) {
        const id = yield* namedFlag(call, context);
        return yield* renderOne(context, yield* runLifecycleAction(context, id, action));
      }).then(ok, (error: unknown) => {
        // M22: a deleted flag is refused in a form of its own.
        if (!(error instanceof Refusal) || error.problems[0].code !== 'deleted') throw error;
        return { status: 400, body: { success: false, error: error.message } };
      }),
  });

/** M22: what is wrong with a request about many flags. */
function asError(error: unknown): Reply {
  if (!(error instanceof Refusal) || error.status !== 400) throw error;
  return { status: 400, body: { error: error.message } };
}

const many = (
  name: string,
  summary: string,
  scope: 'feature_flag:read' | 'feature_flag:write',
  command: (context: CommandContext, body: JsonObject) => Work<JsonObject>,
) =>
  endpoint({
    method: 'post',
    place: 'project',
    path: `/feature_flags/${name}/`,
    access: { scopes: [scope] },
    changes: scope === 'feature_flag:read' ? 'nothing' : 'definitions',
    summary,
    body: anyObject,
    answers: { 200: anyObject },
    handle: (call) => {
      const run = scope === 'feature_flag:read' ? read : write;
      return run(call, (context) => command(context, call.sent)).then(ok, asError);
    },
  });

/** What is done to flags, one or many (section 9 of the management rules). */
export const flagActionEndpoints = [
  lifecycle('enable', 'Turns a flag on'),
  lifecycle('disable', 'Turns a flag off'),
  lifecycle('archive', 'Turns a flag off and puts it away'),
  lifecycle('unarchive', 'Takes a flag out again; it stays off'),
  many('bulk_keys', 'Keys of flags by their ids', 'feature_flag:read', bulkKeys),
  many('bulk_delete', 'Deletes many flags', 'feature_flag:write', bulkDelete),
  many('bulk_update_tags', 'Changes the tags of many flags', 'feature_flag:write', bulkUpdateTags),
];
