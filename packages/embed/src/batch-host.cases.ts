import { connectClient } from '@halyard/data/testing';
import { halyard } from './index.ts';

/** A row as hosts give it: every column as text. */
type TextRow = Readonly<Record<string, string | null>>;

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What a host in another language is to this package: a connection and the text interface, and no rule of its own. */
export interface BatchHost {
  /** Runs the batches of one call in one transaction. The answer as text; what the interface refuses is thrown, and written nowhere. */
  run(function_: 'migrate' | 'importDocument' | 'recentPeople', call: object): Promise<string>;
  /** Goes through a conversation that reads, outside of transactions. */
  converse(first: string): Promise<string>;
  close(): Promise<void>;
}

export async function openBatchHost(url: string): Promise<BatchHost> {
  const client = await connectClient(url, 'host');
  const rowsOf = async ({ text, values }: Asked): Promise<readonly TextRow[]> => {
    const types = { getTypeParser: () => (value: string) => value };
    // Without values several statements may stand in one text, as a migration's do.
    const answer = await client.query<TextRow>({ text, types, ...(values.length > 0 && { values: [...values] }) });
    return Array.isArray(answer) ? [] : answer.rows;
  };
  const allRows = async (asked: readonly Asked[]) => {
    const answers = [];
    for (const one of asked) answers.push(await rowsOf(one));
    return answers;
  };

  const batches = async (name: 'migrate' | 'importDocument' | 'recentPeople', call: object): Promise<string> => {
    const answers: unknown[] = [];
    for (;;) {
      const answer = halyard[name](JSON.stringify({ ...call, answers }));
      if (!answer.startsWith('?')) return answer;
      answers.push(await allRows(JSON.parse(answer.slice(1)) as Asked[]));
    }
  };

  return {
    async run(name, call) {
      await client.query('begin');
      try {
        const answer = await batches(name, call);
        if (!answer.startsWith('=')) throw new Error(answer);
        await client.query('commit');
        return answer.slice(1);
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
    async converse(first) {
      let answer = first;
      while (answer.startsWith('?')) {
        const { conversation, ask } = JSON.parse(answer.slice(1)) as { conversation: number; ask: Asked[] };
        const answers = (await allRows(ask)).map((rows) => ({ rows }));
        answer = halyard.resume(JSON.stringify({ conversation, answers }));
      }
      if (!answer.startsWith('=')) throw new Error(answer);
      return answer.slice(1);
    },
    close: () => client.end(),
  };
}
