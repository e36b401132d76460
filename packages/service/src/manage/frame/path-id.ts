import { Refusal } from '@halyard/manage';
import type { Call } from './endpoint.ts';

/** The number that a path names as `{id}`. @throws {Refusal} 404, also for one that no row can have */
export function pathId({ params }: Pick<Call<'root', unknown>, 'params'>): number {
  const named = params['id'] ?? '';
  const id = /^\d{1,10}$/.test(named) ? Number(named) : 0;
  if (id < 1 || id > 2 ** 31 - 1) throw Refusal.notFound();
  return id;
}
