import { LRUCache } from 'lru-cache';

/** How long a project's token is believed, as long as its definitions are without notices; afterwards it is asked for again. */
const BELIEVED_MS = 10_000;

type Find = (teamId: number) => Promise<string | null>;

/**
 * Remembers the public tokens of projects by their ids, at most ten thousand of them. While the store is away, what was known goes on. That there
 * is no such project is not remembered.
 */
export function heldTokens(find: Find, now: () => number = () => performance.now()): Find {
  const held = new LRUCache<number, { readonly token: string; readonly at: number }>({ max: 10_000 });
  return async (teamId) => {
    const known = held.get(teamId);
    if (known !== undefined && now() - known.at < BELIEVED_MS) return known.token;
    let token: string | null;
    try {
      token = await find(teamId);
    } catch (error) {
      if (known === undefined) throw error;
      held.set(teamId, { token: known.token, at: now() });
      return known.token;
    }
    if (token === null) held.delete(teamId);
    else held.set(teamId, { token, at: now() });
    return token;
  };
}
