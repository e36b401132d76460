import type { components } from '../../generated/management-api.ts';
import { answeredExactly, api } from '../api/client.ts';
import { queryClient } from '../api/queries.ts';
import { changesOf } from './draft.ts';
import { fieldsOf, type Flag, type FlagFields } from './flag.ts';

/**
 * Saves what differs, on the version that it was made from (K53).
 *
 * @throws {ApiProblem} 409 where somebody else changed the same fields meanwhile
 */
export async function saveFlag(project: string, base: Flag, fields: FlagFields, note: string): Promise<Flag> {
  const body = written({
    ...changesOf(base, fields),
    version: base.version,
    original_flag: fieldsOf(base),
    ...(note === '' ? {} : { change_note: note }),
  });
  const saved = await answeredExactly<Flag>(
    api.PATCH('/api/projects/{project_id}/feature_flags/{id}/', {
      params: { path: { project_id: project, id: String(base.id) } },
      body,
      parseAs: 'text',
    }),
  );
  await stored(project, saved);
  return saved;
}

export async function createFlag(project: string, fields: FlagFields): Promise<Flag> {
  const made = await answeredExactly<Flag>(
    api.POST('/api/projects/{project_id}/feature_flags/', {
      params: { path: { project_id: project } },
      body: written({ ...fields }),
      parseAs: 'text',
    }),
  );
  await stored(project, made);
  return made;
}

/** Shows what is stored now, wherever it is shown. */
async function stored(project: string, flag: Flag): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['flags', project], refetchType: 'none' });
  queryClient.setQueryData(['flags', project, 'one', flag.key], flag);
}

/** The members of a write, as the API's document has them. */
function written(members: Readonly<Record<string, unknown>>): components['schemas']['FlagWrite'] {
  return members;
}
