import { describe, expect, it } from 'vitest';
import { greeting } from './serve.ts';

describe('the greeting', () => {
  it.each([
    [null, 'The database cannot be reached yet.'],
    [[], 'There is no project yet.'],
    [['phc_one', 'phc_two'], 'Project tokens: phc_one, phc_two'],
  ])('with the tokens %j says: %s', (tokens, text) => {
    expect(greeting('http://0.0.0.0:8000', tokens, 'halyard')).toContain(`127.0.0.1:8000\n\n${text}`);
  });
});
