import { describe, expect, it } from 'vitest';
import { asciiLowerCase, Cell } from './cell.ts';

describe('cell', () => {
  it.each([[['A', 1]], ['Bé'], ['CÉ'], [12], [null]])('E95, E99, E100: gives the texts of %j', (value) => {
    const cell = new Cell(value);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    expect(cell.text()).toBe(text);
    expect(cell.lower()).toBe(text.toLowerCase());
    expect(cell.asciiLower()).toBe(text.replace('A', 'a').replace('B', 'b').replace('C', 'c'));
  });

  it.each([
    ['', ''],
    ['plain', 'plain'],
    ['Plain TEXT', 'plain text'],
    ['ÉCOLE Straße İ', 'École straße İ'],
    ['\u212a', '\u212a'], // the Kelvin sign, which full lower-casing turns into a letter k
    ['[`@{AZ', '[`@{az'],
  ])('E100: %j lowers to %j, letters of ASCII only', (text, lower) => {
    expect(asciiLowerCase(text)).toBe(lower);
  });
});
