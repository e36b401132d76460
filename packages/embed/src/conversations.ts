import { type Answer, classifyError, type Conversation, type Row, type Wish } from '@halyard/data/conversation';
import { clock } from './stores.ts';

/** What the host says about one statement: its rows, every column as text, or how it failed. */
type HostAnswer =
  | { readonly rows: readonly Row[] }
  | { readonly error: { readonly code: string | null; readonly message: string; readonly lost: boolean } };

interface Open {
  readonly conversation: Conversation<string>;
  readonly begunAt: number;
  wish: Wish;
}

/** A host with more requests at the same time gets an error. */
const mostOpen = 10_000;
/** A conversation that the host has neither gone on with nor dropped makes room for others after this. */
const longestMs = 600_000;

const open = new Map<number, Open>();
let lastNumber = 0;

/**
 * Begins a conversation. Answer: what the conversation returns, or `?` and a wish as JSON: `{"conversation": 7, "ask": [{"pool", "text",
 * "values"}…]}` or `{"conversation": 7, "pauseMs": 20}`. The host does what it says and calls `resume`, or `drop`.
 */
export function begin(conversation: Conversation<string>): string {
  const step = conversation.next();
  if (step.done === true) return step.value;
  makeRoom();
  lastNumber += 1;
  open.set(lastNumber, { conversation, begunAt: clock(), wish: step.value });
  return wishText(lastNumber, step.value);
}

/** Goes on. The call: `{"conversation": 7, "answers": [{"rows": […]} or {"error": {…}}…]}`. Answer: as `begin`. */
export function resume(text: string): string {
  const call = JSON.parse(text) as { readonly conversation: number; readonly answers?: readonly HostAnswer[] };
  const number = call.conversation;
  const known = open.get(number);
  if (known === undefined) throw new RangeError(`there is no conversation ${number}`);
  open.delete(number);
  const step = known.conversation.next(answersTo(known.wish, call.answers ?? []));
  if (step.done === true) return step.value;
  known.wish = step.value;
  open.set(number, known);
  return wishText(number, step.value);
}

/** Ends a conversation that the host does not go on with. The call: its number; any number will do. Answer: nothing. */
export function drop(text: string): string {
  const number = Number(text);
  const known = open.get(number);
  open.delete(number);
  known?.conversation.return('');
  return '';
}

function wishText(conversation: number, wish: Wish): string {
  if ('pauseMs' in wish) return `?${JSON.stringify({ conversation, pauseMs: wish.pauseMs })}`;
  const ask = wish.ask.map(({ pool, statement }) => ({ pool, text: statement.text, values: statement.values }));
  return `?${JSON.stringify({ conversation, ask })}`;
}

function answersTo(wish: Wish, given: readonly HostAnswer[]): readonly Answer[] {
  if ('pauseMs' in wish) return [];
  return wish.ask.map(({ pool }, index) => {
    const answer = given[index];
    if (answer === undefined) return classifyError(new Error('the host gave no answer'), pool, false);
    if ('rows' in answer) return answer.rows;
    const { code, message, lost } = answer.error;
    return classifyError(Object.assign(new Error(message), code === null ? {} : { code }), pool, lost);
  });
}

function makeRoom(): void {
  if (open.size < mostOpen) return;
  const forgotten = clock() - longestMs;
  for (const [number, { begunAt, conversation }] of open) {
    if (begunAt > forgotten) break;
    open.delete(number);
    conversation.return('');
  }
  if (open.size >= mostOpen) {
    throw new RangeError(`${mostOpen} requests wait for their databases already; let some of them end first`);
  }
}
