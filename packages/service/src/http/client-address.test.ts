import { describe, expect, it } from 'vitest';
import { clientAddress } from './client-address.ts';

function behindProxy(forwarded: string): string {
  return clientAddress({ 'x-forwarded-for': forwarded }, '10.0.0.1', true);
}

describe('client address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:4711', '203.0.113.9'],
    [' 203.0.113.9 , 10.0.0.2', '203.0.113.9'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['', '10.0.0.1'],
    [',203.0.113.9', '10.0.0.1'],
    ['[broken', '[broken'],
  ])('H51: behind a proxy %j is %s', (forwarded, expected) => {
    expect(behindProxy(forwarded)).toBe(expected);
  });

  it('H51 (R): the header is not read without a proxy', () => {
    expect(clientAddress({ 'x-forwarded-for': '203.0.113.9' }, '10.0.0.1', false)).toBe('10.0.0.1');
  });
});
