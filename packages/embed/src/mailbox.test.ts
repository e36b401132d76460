import { beforeEach, describe, expect, it } from 'vitest';
import { CAPACITY, makeMailbox, type Mailbox } from './mailbox.ts';

/** The host's side, as python/src/halyard/_mailbox.py has it. */
class Host {
  readonly header: Int32Array;
  readonly request: Uint16Array;
  readonly answer: Uint16Array;

  constructor({ memory }: Mailbox) {
    this.header = new Int32Array(memory, 0, 5);
    this.request = new Uint16Array(memory, 64, CAPACITY);
    this.answer = new Uint16Array(memory, 64 + 2 * CAPACITY, CAPACITY);
  }

  ask(number: number, text: string): void {
    this.request.set(Array.from(text, (_, i) => text.charCodeAt(i)));
    this.header.set([number], 0);
    this.header.set([text.length], 2);
    this.header.set([1], 4);
  }

  get answered(): { number: number; text: string | null; serving: number } {
    const [, number = 0, , length = 0, serving = 0] = this.header;
    const text = length < 0 ? null : String.fromCharCode(...this.answer.subarray(0, length));
    return { number, text, serving };
  }
}

let asked: string[] = [];
beforeEach(() => {
  asked = [];
});

function open(answer: (text: string) => string): { mailbox: Mailbox; host: Host } {
  const mailbox = makeMailbox((text) => {
    asked.push(text);
    return answer(text);
  });
  return { mailbox, host: new Host(mailbox) };
}

describe('the mailbox', () => {
  it('answers the request that waits for it, once, and stops when no other comes', () => {
    const { mailbox, host } = open((text) => text.toUpperCase());
    host.ask(7, 'größe €🙂\0');
    mailbox.serve();
    expect(host.answered).toEqual({ number: 7, text: 'GRÖSSE €🙂\0', serving: 0 });
    mailbox.serve();
    expect(asked).toEqual(['größe €🙂\0']);
  });

  it('answers requests one after the other while it serves', () => {
    const { mailbox, host } = open((text) => {
      // The host's next request is there as soon as this answer is.
      if (asked.length < 5) host.ask(asked.length + 1, `${text}!`);
      return text;
    });
    host.ask(1, 'a');
    mailbox.serve();
    expect(asked).toEqual(['a', 'a!', 'a!!', 'a!!!', 'a!!!!']);
    expect(host.answered).toMatchObject({ number: 5, text: 'a!!!!' });
  });

  it('stops at once when the host wants it to', () => {
    const { mailbox, host } = open((text) => text);
    host.ask(0, 'never read');
    mailbox.serve();
    expect(asked).toEqual([]);
    expect(host.answered.serving).toBe(0);
  });

  it('takes a request as long as it has room for, and says when an answer is longer', () => {
    const { mailbox, host } = open((text) => `${text}+`);
    host.ask(1, 'x'.repeat(CAPACITY - 1));
    mailbox.serve();
    expect(host.answered.text).toHaveLength(CAPACITY);
    host.ask(2, 'x'.repeat(CAPACITY));
    mailbox.serve();
    expect(host.answered).toMatchObject({ number: 2, text: null });
  });
});
