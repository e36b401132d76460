/*
 * In the place of `of-node.ts` and `redis-definitions.ts` where there is no Node: a browser, an edge runtime.
 */

function unavailable(what: string): () => never {
  return () => {
    throw new Error(`${what} need Node, which is not here: pass { url } or the definitions themselves`);
  };
}

export const readFile = unavailable('definitions in a file');
export const connectPostgres = unavailable('definitions in a database');
export const fetchFromRedis = unavailable('definitions in Redis');
export const explainedError = (error: unknown): unknown => error;
