import { describe, expect, it } from 'vitest';
import { type Answered, type Call, call, json, NOW, USER } from '../../app-call.cases.ts';
import { projectsWith, StubProject, TOKEN } from '../stub-projects.cases.ts';
import { COOKIELESS, cookieless, type CookielessStore } from './cookieless.ts';
import { sipHash128 } from './siphash.ts';

const SALT = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const BROWSER = { origin: 'https://app.shop.example', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };

interface Wanted extends Partial<Call> {
  readonly hashMode?: number;
  readonly store?: Partial<CookielessStore>;
}

async function ask({ hashMode = 1, store, ...request }: Wanted = {}) {
  const days: string[] = [];
  const counted: string[] = [];
  const errors: unknown[] = [];
  const project = Object.assign(new StubProject(), {
    project: { token: TOKEN, settings: { cookieless_server_hash_mode: hashMode }, timezone: 'Europe/Stockholm' },
  });
  const shared: CookielessStore = {
    salt: (day) => {
      days.push(day);
      return Promise.resolve(SALT);
    },
    identified: (teamId, digest) => {
      counted.push(`${teamId} ${digest}`);
      return Promise.resolve(0);
    },
    ...store,
  };
  const answer: Answered = await call({
    headers: BROWSER,
    body: { ...USER, distinct_id: COOKIELESS },
    projects: projectsWith(project),
    cookieless: cookieless(shared, (error) => errors.push(error)),
    ...request,
  });
  return { answer, days, counted, errors, id: project.requests[0]?.distinctId };
}

const expected = (text: string): string => `cookieless_${sipHash128(SALT, text).toString('base64').slice(0, 22)}`;

describe('SipHash-2-4 of 128 bits', () => {
  it.each([
    [0, 'a3817f04ba25a8e66df67214c7550293'],
    [1, 'da87c1d86b99af44347659119b22fc45'],
  ])('H140: gives what its authors say for %i bytes', (length, digest) => {
    const text = String.fromCharCode(...Array.from({ length }, (_, i) => i));
    expect(sipHash128(SALT, text).toString('hex')).toBe(digest);
  });
});

describe('ids without cookies', () => {
  it('H140: are a hash of team, address, root domain, user agent, sign-ins and extra', async () => {
    const body = { ...USER, distinct_id: COOKIELESS, cookieless_hash_extra: 'x'.repeat(200) };
    const { id, counted } = await ask({ body });
    const agent = BROWSER['user-agent'];
    expect(id).toBe(expected(`7-192.0.2.7-shop.example-${agent}-0-${'x'.repeat(100)}`));
    expect(counted).toEqual([`7 ${id?.slice('cookieless_'.length)}`]);
    const again = await ask({ store: { identified: () => Promise.resolve(2) } });
    expect(again.id).toBe(expected(`7-192.0.2.7-shop.example-${agent}-2-`));
  });

  it.each([
    ['Pacific/Kiritimati', '2026-09-22'],
    ['America/Los_Angeles', '2026-09-21'],
    ['Nowhere/Land', '2026-09-21'],
    [undefined, '2026-09-21'],
  ])('H140: the day is that of the time zone %s', async (timezone, day) => {
    // NOW is 2026-09-21 at 14:13 UTC.
    const body = { ...USER, distinct_id: COOKIELESS, ...(timezone === undefined ? {} : { timezone }) };
    expect((await ask({ body })).days).toEqual([day]);
  });

  it('H140: the day follows the client’s clock, which may not be far off', async () => {
    const at = (ms: number) => ask({ url: `/flags?v=2&sent_at=${ms}` });
    expect((await at(NOW - 86_400_000)).days).toEqual(['2026-09-20']);
    for (const far of [NOW - 40 * 3_600_000, NOW + 15 * 3_600_000, 0]) expect((await at(far)).answer.status).toBe(400);
  });

  it.each([{ origin: '' }, { origin: 'null' }, { 'user-agent': '' }])(
    'H140: without %j there is none',
    async (header) => {
      const { answer } = await ask({ headers: { ...BROWSER, ...header } });
      expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' } });
      expect(answer.record.errorCode).toBe('cookieless_incomplete');
    },
  );

  it('H140: a store that is away is an error of the request, and told', async () => {
    const { answer, errors } = await ask({ store: { salt: () => Promise.reject(new Error('away')) } });
    expect(answer.status).toBe(500);
    expect(errors).toHaveLength(1);
  });

  it('H140, H141: a project without the mode, and everybody else, has the id that was sent', async () => {
    expect((await ask({ hashMode: 0 })).id).toBe(COOKIELESS);
    expect((await ask({ body: USER })).id).toBe(USER.distinct_id);
    const plain = new StubProject();
    expect((await call({ body: { ...USER, distinct_id: COOKIELESS }, projects: projectsWith(plain) })).status).toBe(
      200,
    );
    expect(plain.requests[0]?.distinctId).toBe(COOKIELESS);
    expect(json((await ask()).answer)).toHaveProperty('flags');
  });
});
