import type { Conversation } from '@halyard/data/conversation';
import { describeDriver, type ScriptedPools } from '../../data/src/conversation/driver.cases.ts';
import { begin, resume } from './conversations.ts';

interface Asked {
  readonly conversation: number;
  readonly pauseMs?: number;
  readonly ask?: readonly {
    readonly pool: Parameters<ScriptedPools>[0];
    readonly text: string;
    readonly values: Parameters<ScriptedPools>[1]['values'];
  }[];
}

/** What a host in another language does with the texts: it runs what is asked side by side, waits, and goes on. */
async function host(pools: ScriptedPools, first: string): Promise<void> {
  let answer = first;
  while (answer.startsWith('?')) {
    const { conversation, pauseMs, ask = [] } = JSON.parse(answer.slice(1)) as Asked;
    if (pauseMs !== undefined) await new Promise((resolve) => void setTimeout(resolve, pauseMs));
    const answers = await Promise.all(
      ask.map(({ pool, text, values }) =>
        pools(pool, { text, values }).then(
          (rows) => ({ rows }),
          ({ message, code }: Error & { code?: string }) => ({ error: { code: code ?? null, message, lost: false } }),
        ),
      ),
    );
    answer = resume(JSON.stringify({ conversation, answers }));
  }
}

describeDriver('texts to a host in another language', (pools) => async (conversation) => {
  let outcome: (() => Awaited<ReturnType<typeof conversation.next>>['value']) | undefined;
  // The text interface carries text: what the conversation comes to is kept beside it.
  function* kept(): Conversation<string> {
    try {
      const result = yield* conversation;
      outcome = () => result;
    } catch (error) {
      outcome = () => {
        throw error;
      };
    }
    return '=';
  }
  await host(pools, begin(kept()));
  if (outcome === undefined) throw new Error('the conversation did not end');
  return outcome() as never;
});
