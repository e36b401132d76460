import { describe, expect, it } from 'vitest';
import { type Answered, type Call, call, json, USER } from '../../app-call.cases.ts';
import { TOKEN } from '../stub-projects.cases.ts';
import { type Limiter, memoryLimiter, redisLimiter } from './limiter.ts';
import { type LimitMode, parseOverrides, type RateLimits, rateLimits } from './rate-limits.ts';
import { TokenBuckets } from './token-buckets.ts';

const WARNING = 'x-posthog-rate-limit-warning';

interface Wanted {
  readonly token?: LimitMode;
  readonly address?: LimitMode;
  readonly overrides?: string;
  readonly limiter?: Limiter;
  readonly perSecond?: number;
}

/** Limits of ten at once, one per second, under a clock of our own. */
function limited({ token = 'off', address = 'off', overrides = '{}', limiter, perSecond = 1 }: Wanted) {
  const time = { now: 0 };
  const limit = { burst: 10, perSecond };
  const counts = limiter ?? memoryLimiter(() => time.now);
  const limits = rateLimits({
    token: { mode: token, ...limit },
    address: { mode: address, ...limit },
    overrides: new Map(parseOverrides(overrides)),
    warnAt: 0.8,
    limiters: { address: counts, token: counts },
  });
  return { time, limits };
}

async function ask(
  limits: RateLimits | null,
  times: number,
  request: Partial<Call> = {},
): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (let i = 0; i < times; i++) answers.push(await call({ body: USER, ...request, limits }));
  return answers;
}

const statuses = (answers: readonly Answered[]): readonly number[] => [...new Set(answers.map(({ status }) => status))];
const warnings = (answers: readonly Answered[]): number =>
  answers.filter(({ headers }) => headers[WARNING] === 'true').length;

describe('rate limits of /flags', () => {
  it('H95: a bucket holds a burst, and fills again', async () => {
    const { limits, time } = limited({ token: 'on' });
    expect(statuses(await ask(limits, 10))).toEqual([200]);
    expect(statuses(await ask(limits, 5))).toEqual([429]);
    time.now += 3_000;
    expect((await ask(limits, 4)).map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    time.now -= 60_000;
    expect(statuses(await ask(limits, 1))).toEqual([429]);
  });

  it('H102: who is denied hears 429 as JSON, with the time to wait', async () => {
    const { limits } = limited({ address: 'on' });
    const denied = (await ask(limits, 11)).at(-1) as Answered;
    expect(denied).toMatchObject({ status: 429, headers: { 'content-type': 'application/json', 'retry-after': '1' } });
    expect(json(denied)).toMatchObject({ type: 'validation_error', code: 'rate_limit_exceeded', attr: null });
    expect(denied.record).toMatchObject({ errorCode: 'rate_limit_exceeded', notes: { rateLimited: true } });
  });

  it('H87: the time to wait is that until one more may be asked, in whole seconds', async () => {
    const waits = async (wanted: Wanted): Promise<unknown> =>
      (await ask(limited(wanted).limits, 11)).at(-1)?.headers['retry-after'];
    expect(await waits({ token: 'on', perSecond: 1 / 90 })).toBe('90');
    expect(await waits({ address: 'on', perSecond: 50 })).toBe('1');
    expect(await waits({ overrides: `{"${TOKEN}":"2/hour"}` })).toBe('1800');
    const shared = { take: () => ({ waitMs: 12_345 }), entries: 0 };
    expect(await waits({ token: 'on', limiter: shared })).toBe('13');
    const { limits, time } = limited({ token: 'on', perSecond: 1 / 90 });
    await ask(limits, 11);
    time.now += 60_000;
    expect((await ask(limits, 1))[0]?.headers['retry-after']).toBe('30');
  });

  it('H97: in log mode everybody is served; what is over the limit is marked', async () => {
    const { limits } = limited({ token: 'log', address: 'log' });
    const answers = await ask(limits, 20);
    expect(statuses(answers)).toEqual([200]);
    expect(answers.filter(({ record }) => record.notes.rateLimited === true)).toHaveLength(10);
    expect(warnings(answers)).toBe(12);
  });

  it('H98: from 80 % on answers carry a warning, errors none', async () => {
    const { limits } = limited({ token: 'on' });
    const answers = await ask(limits, 10);
    expect(answers.map(({ headers }) => headers[WARNING] === 'true')).toEqual(
      Array.from({ length: 10 }, (_, i) => i >= 8),
    );
    const broken = limited({ address: 'log' }).limits;
    expect(warnings(await ask(broken, 10, { body: '{' }))).toBe(0);
  });

  it('H96: the token is that of a plain body; every other body counts for its address', async () => {
    const { limits } = limited({ token: 'on' });
    expect(statuses(await ask(limits, 11, { body: { ...USER, token: undefined as never, api_key: TOKEN } }))).toEqual([
      200, 429,
    ]);
    expect(statuses(await ask(limits, 1))).toEqual([429]);
    expect(statuses(await ask(limits, 1, { body: { ...USER, token: 'phc_other' } }))).toEqual([401]);
    const form = {
      url: '/flags/?v=2&compression=base64',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `data=${encodeURIComponent(Buffer.from(JSON.stringify(USER)).toString('base64'))}`,
    };
    expect(statuses(await ask(limits, 11, form))).toEqual([200, 429]);
    // Neither readable, nor long, nor large bodies have a budget of their own.
    expect(statuses(await ask(limits, 1, { body: '{"token":' }))).toEqual([429]);
    expect(statuses(await ask(limits, 1, { body: { token: 'x'.repeat(300) } }))).toEqual([429]);
    expect(statuses(await ask(limits, 1, { body: { ...USER, person_properties: { x: 'y'.repeat(40_000) } } }))).toEqual(
      [429],
    );
  });

  it('H99: a token with a limit of its own has that one, enforced whatever the mode', async () => {
    const { limits } = limited({ token: 'log', overrides: `{"${TOKEN}":"3/minute"}` });
    expect((await ask(limits, 5)).map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    const alone = limited({ overrides: `{"${TOKEN}":"1/d"}` });
    expect((await ask(alone.limits, 2)).map(({ status }) => status)).toEqual([200, 429]);
    expect(statuses(await ask(alone.limits, 20, { body: { token: 'phc_other', distinct_id: 'x' } }))).toEqual([401]);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"a":5}',
    '{"a":"5"}',
    '{"a":"0/minute"}',
    '{"a":"5/week"}',
    '{"a":"-5/s"}',
    '{"a":"5/minute/x"}',
  ])('H99: %j is no list of limits', (text) => {
    expect(parseOverrides(text)).toBeUndefined();
  });

  it('H99: a hundred tokens may have limits of their own, in any unit', () => {
    const rates = (count: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, '5/Hours'])));
    expect(parseOverrides(rates(100))).toHaveLength(100);
    expect(parseOverrides(rates(101))).toBeUndefined();
    expect(parseOverrides('{"a":"7/s"}')).toEqual([['a', { burst: 7, perSecond: 7 }]]);
  });

  it('H12: GET is not limited', async () => {
    const { limits } = limited({ address: 'on', token: 'on' });
    expect(statuses(await ask(limits, 20, { method: 'GET' }))).toEqual([200]);
  });

  it('H50: the address comes before everything, the token before the body', async () => {
    const { limits } = limited({ address: 'on' });
    await ask(limits, 10);
    expect(statuses(await ask(limits, 1, { body: '{' }))).toEqual([429]);
  });

  it('with nothing switched on there is nothing to ask', () => {
    expect(limited({}).limits).toBeNull();
  });
});

describe('memory', () => {
  it('H95: a flood of keys holds no more than was said, and leaves who keeps asking', () => {
    const buckets = new TokenBuckets(1_000);
    const limit = { burst: 5, perSecond: 0.001 };
    const used: unknown[] = [];
    for (let i = 0; i < 100_000; i++) {
      buckets.take(`token:${i}`, limit, 0);
      if (i % 500 === 0) used.push(buckets.take('busy', limit, 0));
    }
    expect(buckets.size).toBe(1_000);
    expect(used.slice(0, 6)).toEqual([0.2, 0.4, 0.6, 0.8, 1, { waitMs: 1_000_000 }]);
    expect(used.slice(6).every((taken) => typeof taken === 'object')).toBe(true);
  });
});

describe('limits in Redis', () => {
  it('H222: count in this process while Redis is away', async () => {
    let asked = 0;
    const away = { eval: () => Promise.reject(new Error(`away ${++asked}`)) };
    const { limits } = limited({
      token: 'on',
      limiter: redisLimiter(
        away,
        'test',
        memoryLimiter(() => 0),
      ),
    });
    expect((await ask(limits, 11)).map(({ status }) => status)).toEqual(
      Array.from({ length: 11 }, (_, i) => (i < 10 ? 200 : 429)),
    );
    expect(asked).toBe(11);
  });
});
