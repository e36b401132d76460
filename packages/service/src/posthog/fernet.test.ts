import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fernetKey, openFernet, sealFernet } from './fernet.ts';

/** From the published test vectors of the Fernet specification (generate.json). */
const PUBLISHED = {
  token: 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==',
  key: Buffer.from('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=', 'base64url'),
  text: 'hello',
};

describe('H189: Fernet', () => {
  it('opens the token of the published specification', () => {
    expect(openFernet(PUBLISHED.token, [PUBLISHED.key])).toBe(PUBLISHED.text);
  });

  it('tries keys in their order, and is nothing without a fitting one', () => {
    const [first, second] = [fernetKey('first'), fernetKey('second')];
    const token = sealFernet('{"é":1}', second, 0);
    expect(openFernet(token, [first, second])).toBe('{"é":1}');
    expect(openFernet(token, [first])).toBeNull();
    expect(openFernet(token, [])).toBeNull();
  });

  it('a key is the text cut to 32 bytes, or filled with NUL at the front', () => {
    expect(Buffer.from(fernetKey('x'.repeat(40))).toString()).toBe('x'.repeat(32));
    expect(Buffer.from(fernetKey('abc')).toString()).toBe(`${'\0'.repeat(29)}abc`);
  });

  it.each([
    '',
    'x',
    'gAAAA',
    PUBLISHED.token.slice(0, -4),
    `A${PUBLISHED.token.slice(1)}`,
    `${PUBLISHED.token}AAAA`,
    '🚩',
  ])('%j is no token', (token) => {
    expect(openFernet(token, [PUBLISHED.key])).toBeNull();
  });

  it('what is signed but no whole blocks is no text', () => {
    const key = fernetKey('k');
    const head = Buffer.concat([Buffer.from([0x80]), Buffer.alloc(8), randomBytes(16), Buffer.from('abc')]);
    const signature = createHmac('sha256', key.subarray(0, 16)).update(head).digest();
    expect(openFernet(Buffer.concat([head, signature]).toString('base64url'), [key])).toBeNull();
  });
});
