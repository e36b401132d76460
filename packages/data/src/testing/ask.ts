import { connectClient } from '../postgres/client-config.ts';

/** Runs statements one after the other on a connection of their own; the values of the last answer, row by row. */
export async function ask(url: string, ...statements: string[]): Promise<unknown[]> {
  const client = await connectClient(url, 'test');
  try {
    let answer: unknown[] = [];
    for (const text of statements) {
      const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
      answer = rows.flat();
    }
    return answer;
  } finally {
    await client.end();
  }
}
