import { describe, expect, it } from 'vitest';
import { requestId } from './request-id.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('request id', () => {
  it('H53: a UUID of the caller is kept', () => {
    const id = '7F2B6A52-2f0e-4c52-9d0b-0f6a3d1f0c11';
    expect(requestId({ 'x-request-id': id })).toBe(id.toLowerCase());
  });

  it.each(['', 'abc', '7f2b6a52-2f0e-4c52-9d0b-0f6a3d1f0c1g', '"},"x":{'])('H53: %j is replaced', (given) => {
    const id = requestId({ 'x-request-id': given });
    expect(id).toMatch(UUID);
    expect(id).not.toBe(given);
  });

  it('H53: every request without one gets its own', () => {
    expect(requestId({})).not.toBe(requestId({}));
  });
});
