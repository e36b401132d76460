import { connectClient } from '../postgres/client-config.ts';

/** Runs statements in a transaction that stays open, with its locks, until it is let go. */
export async function holdTransaction(url: string, ...statements: string[]): Promise<() => Promise<void>> {
  const client = await connectClient(url, 'test');
  await client.query('begin');
  for (const text of statements) await client.query(text);
  return () => client.end();
}
