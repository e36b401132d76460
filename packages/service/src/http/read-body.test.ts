import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type BodyOutcome, MAX_BODY_BYTES, readBody } from './read-body.ts';

/** How a body of that many MiB ends, and how often it was asked whether anybody wants it. */
async function reading(mebibytes: number, dropped: boolean): Promise<{ outcome: BodyOutcome; asked: number }> {
  const message = Object.assign(new PassThrough(), { headers: { 'transfer-encoding': 'chunked' } });
  let asked = 0;
  const outcome = new Promise<BodyOutcome>((resolve) => {
    readBody(message as unknown as IncomingMessage, () => (asked++, dropped), resolve);
  });
  for (let sent = 0; sent < mebibytes; sent += 1) message.write(new Uint8Array(MAX_BODY_BYTES / 2));
  message.end();
  return { outcome: await outcome, asked };
}

describe('the body of a request', () => {
  it('is empty at once where none is announced', () => {
    const message = Object.assign(new PassThrough(), { headers: { host: 'flags.example' } });
    const outcomes: BodyOutcome[] = [];
    readBody(
      message as unknown as IncomingMessage,
      () => false,
      (outcome) => outcomes.push(outcome),
    );
    expect(outcomes).toEqual([new Uint8Array()]);
  });

  it('H30: is kept up to 2 MiB, whoever wants it', async () => {
    const { outcome, asked } = await reading(2, true);
    expect([(outcome as Uint8Array).length, asked]).toEqual([MAX_BODY_BYTES, 0]);
  });

  it('H30: is refused beyond', async () => {
    expect(await reading(4, false)).toEqual({ outcome: 'too_large', asked: 1 });
  });

  it('H243 (R): is not kept beyond where nobody wants it', async () => {
    const { outcome, asked } = await reading(10, true);
    expect([(outcome as Uint8Array).length, asked]).toEqual([0, 1]);
  });
});
