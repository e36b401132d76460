import { describe, expect, it } from 'vitest';
import { RedisError, redisError } from './redis-error.ts';

describe('an error of Redis', () => {
  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'refused'],
    ['NOAUTH Authentication required.', 'refused'],
    ["NOPERM User x has no permissions to run the 'eval' command", 'refused'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'command'],
  ])('%s is %s', (message, kind) => {
    expect(redisError(new Error(message), false, []).kind).toBe(kind);
  });

  it('with a code of the system is an unavailable server', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(redisError(refused, false, []).kind).toBe('unavailable');
    expect(redisError(new AggregateError([refused]), true, [])).toMatchObject({
      kind: 'unavailable',
      message: 'redis: connect ECONNREFUSED',
    });
  });

  it('without a code on a broken connection is an unavailable server', () => {
    expect(redisError(new Error('Socket closed'), true, []).kind).toBe('unavailable');
  });

  it('shows no secret, and does not carry the original along', () => {
    const error = redisError(new Error('AUTH user hush failed: hush'), false, ['hush']);
    expect(error.message).toBe('redis: AUTH user *** failed: ***');
    expect(error.cause).toBeUndefined();
  });

  it('stays as it is when it is one already', () => {
    const error = new RedisError('timeout', 'late');
    expect(redisError(error, true, [])).toBe(error);
  });
});
