import { describe, expect, it } from 'vitest';
import { demoCurl, demoLocalCode, demoSecretKey, demoToken } from '../demo/demo.ts';
import { greeting } from './serve.ts';

describe('the greeting', () => {
  it.each([
    [null, 'The database cannot be reached yet.'],
    [[], 'There is no project yet.'],
    [['phc_one', 'phc_two'], 'Project tokens: phc_one, phc_two'],
  ])('with the tokens %j says: %s', (tokens, text) => {
    expect(greeting('http://0.0.0.0:8000', tokens, 'halyard')).toContain(`127.0.0.1:8000\n\n${text}`);
  });

  it('of a demo shows its keys and five lines that evaluate locally', () => {
    const text = greeting('http://0.0.0.0:8000', [demoToken], 'halyard');
    expect(text).toContain(`${demoToken} (the demo project), secret key: ${demoSecretKey}`);
    expect(text).toContain(demoLocalCode('http://127.0.0.1:8000').join('\n  '));
    expect(demoLocalCode('')).toHaveLength(5);
  });

  it('H2: says nothing of routes that the mode leaves out', () => {
    const text = (mode: 'all' | 'flags' | 'definitions') =>
      greeting('http://127.0.0.1:8000', [demoToken], 'halyard', mode);
    const code = demoLocalCode('http://127.0.0.1:8000').join('\n  ');
    const curl = demoCurl('http://127.0.0.1:8000');
    const has = (mode: 'all' | 'flags' | 'definitions') =>
      [curl, code, demoSecretKey, 'key create'].map((part) => text(mode).includes(part));
    expect(has('all')).toEqual([true, true, true, true]);
    expect(has('flags')).toEqual([true, false, false, false]);
    expect(has('definitions')).toEqual([false, true, true, true]);
  });
});
