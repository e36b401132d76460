import { openPeopleStore, type PeopleStore, type PeopleStoreOptions, type TableOwner } from 'halyard/host';
import type { Database } from '../operate/database.ts';

type Hooks = Pick<PeopleStoreOptions, 'poolSize' | 'onRepeat' | 'onCommit' | 'onPoison'>;

/** Where persons are written (I3). Nothing is connected yet. */
export function peopleStore({ urls }: Database, hooks: Hooks): PeopleStore {
  return openPeopleStore({ personsWriter: urls.personsWrite ?? urls.write, main: urls.write, ...hooks });
}

/** Whose tables those are; connects for that alone. Rejects with a `StoreError`. */
export async function ownerOf(database: Database): Promise<TableOwner> {
  const store = peopleStore(database, { poolSize: 1 });
  try {
    return await store.owner();
  } finally {
    await store.close();
  }
}
