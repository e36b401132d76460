import { describe, expect, it } from 'vitest';
import { type Answered, type Call, call, json, NOW, USER } from '../../app-call.cases.ts';
import { projectsWith, StubProject, TOKEN } from '../stub-projects.cases.ts';
import { COOKIELESS, cookieless, type CookielessStore } from './cookieless.ts';
import { cookielessDigest } from './digest.ts';
import { rootDomain } from './root-domain.ts';
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

/** The id of a visitor of the tests. */
function expected(signIns: number, extra: string): string {
  const parts = { teamId: 7, address: '192.0.2.7', domain: 'shop.example', userAgent: BROWSER['user-agent'] };
  return `cookieless_${cookielessDigest(SALT, { ...parts, signIns, extra })}`;
}

describe('SipHash-2-4 of 128 bits', () => {
  it.each([
    [0, 'a3817f04ba25a8e66df67214c7550293'],
    [1, 'da87c1d86b99af44347659119b22fc45'],
  ])('H140: gives what its authors say for %i bytes', (length, digest) => {
    const text = String.fromCharCode(...Array.from({ length }, (_, i) => i));
    expect(sipHash128(SALT, text).toString('hex')).toBe(digest);
  });
});

describe('the digest of an id without cookies', () => {
  const salt = Buffer.from('AQIDBAUGBwgJCgsMDQ4PEA==', 'base64');
  const parts = {
    teamId: 1,
    address: '1.2.3.4',
    domain: 'example.com',
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/58.0.3029.110 Safari/537.3',
    signIns: 0,
    extra: '',
  };

  // The values that the reference and the ingestion agree on.
  it.each([
    [{}, 'jZfBjkLcdjlQTVmIKIhC3Q'],
    [{ teamId: 3000 }, 'BiC9Zpcr2Ctyc6mvZh4+lg'],
    [{ address: '5.6.7.8' }, 'kmHSjAz71inr4axAIDUN1A'],
    [{ domain: 'other.com' }, 'HSTgvTovdKSCZxOWE0fiOA'],
    [{ userAgent: 'Smart Fridge' }, 'sjSJh5qV4gsbEAc2DG6w7g'],
    [{ signIns: 1 }, 'igaaEDUIUxmCqAaPyFWP7Q'],
  ])('H140: is, with %j, that of the reference', (change, digest) => {
    expect(cookielessDigest(salt, { ...parts, ...change })).toBe(digest);
  });

  it('H140: counts a hundred characters of what is extra, not their halves', () => {
    const digest = (extra: string): string => cookielessDigest(salt, { ...parts, extra });
    expect(digest('😀'.repeat(101))).toBe(digest('😀'.repeat(100)));
    expect(digest('😀'.repeat(99))).not.toBe(digest('😀'.repeat(100)));
  });

  it.each([
    ['https://test.shop.co.uk/foo', 'shop.co.uk'],
    ['http://localhost:3000', '127.0.0.1:3000'],
    ['http://127.0.0.1:3000#foo', '127.0.0.1:3000'],
    ['1.2.3.4:5000', '1.2.3.4:5000'],
    ['https://user:pass@www.shop.example', 'shop.example'],
    ['https://www.shop.example:443', 'shop.example'],
    ['sub.shop.co.uk:8080', 'shop.co.uk:8080'],
    ['https://ada.github.io', 'ada.github.io'],
    ['2001:0db8:85a3:0000:0000:8a2e:0370:7334', '[2001:db8:85a3::8a2e:370:7334]'],
    ['http://[2001:0db8:85a3::8a2e:0370:7334]:8080', '[2001:db8:85a3::8a2e:370:7334]:8080'],
    ['null', 'null'],
    ['http://', 'http://'],
  ])('H140: %s is the site %s', (host, domain) => {
    expect(rootDomain(host)).toBe(domain);
  });
});

describe('ids without cookies', () => {
  it('H140: are a hash of team, address, root domain, user agent, sign-ins and extra', async () => {
    const body = { ...USER, distinct_id: COOKIELESS, cookieless_hash_extra: 'x'.repeat(200) };
    const { id, counted } = await ask({ body });
    expect(id).toBe(expected(0, 'x'.repeat(100)));
    expect(counted).toEqual([`7 ${id?.slice('cookieless_'.length)}`]);
    const again = await ask({ store: { identified: () => Promise.resolve(2) } });
    expect(again.id).toBe(expected(2, ''));
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
    // NOW is 14:13 on the 21st in UTC, 16:13 in Stockholm: from the 19th on, days are of use, and the 22nd has begun somewhere.
    expect((await at(Date.UTC(2026, 8, 19, 12))).days).toEqual(['2026-09-19']);
    expect((await at(Date.UTC(2026, 8, 22, 12))).days).toEqual(['2026-09-22']);
    for (const far of [Date.UTC(2026, 8, 18, 12), Date.UTC(2026, 8, 23, 12), 0, 9e15]) {
      expect((await at(far)).answer.status).toBe(400);
    }
  });

  it.each([{ origin: '' }, { 'user-agent': '' }])('H140: without %j there is none', async (header) => {
    const { answer } = await ask({ headers: { ...BROWSER, ...header } });
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    expect(answer.record.errorCode).toBe('cookieless_incomplete');
  });

  it('H140: a store that is away is an error of the request, and told', async () => {
    const { answer, errors } = await ask({ store: { salt: () => Promise.reject(new Error('away')) } });
    expect(answer.status).toBe(500);
    expect(errors).toHaveLength(1);
  });

  it('H140, H141: a project without the mode, and everybody else, has the id that was sent', async () => {
    for (const hashMode of [0, 3, -1]) expect((await ask({ hashMode })).id).toBe(COOKIELESS);
    expect((await ask({ hashMode: 2 })).id).not.toBe(COOKIELESS);
    expect((await ask({ body: USER })).id).toBe(USER.distinct_id);
    const plain = new StubProject();
    expect((await call({ body: { ...USER, distinct_id: COOKIELESS }, projects: projectsWith(plain) })).status).toBe(
      200,
    );
    expect(plain.requests[0]?.distinctId).toBe(COOKIELESS);
    expect(json((await ask()).answer)).toHaveProperty('flags');
  });
});
