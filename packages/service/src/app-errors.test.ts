import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Call, call, json, USER } from './app-call.cases.ts';
import { projectsWith, StubProject, TOKEN } from './posthog/stub-projects.cases.ts';

describe('errors of POST /flags', () => {
  const text = async (options: Call): Promise<string> => {
    const response = await call(options);
    return `${response.status} ${response.record.errorCode}`;
  };

  it('H43: no token', async () => {
    for (const token of [undefined, null, '']) {
      const response = await call({ body: token === undefined ? { distinct_id: 'x' } : { token, distinct_id: 'x' } });
      expect(response.status).toBe(401);
      expect(json(response)).toMatchObject({ type: 'authentication_error', code: 'not_authenticated', attr: null });
    }
  });

  it('H43: unknown token', async () => {
    const response = await call({ body: { ...USER, token: 'phc_other' } });
    expect(response.status).toBe(401);
    expect(json(response)).toMatchObject({ type: 'authentication_error', code: 'authentication_failed' });
    expect(response.body).not.toContain('phc_other');
  });

  it('H4: a token in the query or a header is no token', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, cookie: `token=${TOKEN}` };
    expect(await text({ url: `/flags?v=2&token=${TOKEN}`, headers, body: { distinct_id: 'x' } })).toBe(
      '401 not_authenticated',
    );
  });

  it('H45: no distinct id', async () => {
    expect(await text({ body: { token: TOKEN } })).toBe('400 distinct_id_missing');
    expect(await text({ body: { token: TOKEN, distinct_id: null } })).toBe('400 distinct_id_missing');
  });

  it('H44, H50: a wrong type comes before the token, the token before the distinct id', async () => {
    expect(await text({ body: { groups: 5 } })).toBe('400 field_type');
    expect(await text({ body: {} })).toBe('401 not_authenticated');
    expect(await text({ body: { token: 'phc_other' } })).toBe('401 authentication_failed');
  });

  it('H86: texts have a content type and say what to do', async () => {
    const response = await call({ body: { ...USER, groups: [] } });
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(response.body).toBe('The field "groups" must be an object.');
  });

  it('H20, H22: bad queries', async () => {
    expect(await text({ url: '/flags?compression=lz64', body: USER })).toBe('400 compression_unsupported');
    expect(await text({ url: '/flags?sent_at=soon', body: USER })).toBe('400 query_invalid');
  });

  it('H86, H89: an unexpected failure is a 500 without internals, and is reported', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const broken = new StubProject(() => {
      throw new Error('secret detail');
    });
    const rejecting = new StubProject(() => Promise.reject(new Error('secret detail')));
    for (const project of [broken, rejecting]) {
      const response = await call({ projects: projectsWith(project), body: USER, onError });
      expect(response.status).toBe(500);
      expect(response.body).not.toContain('secret');
      expect(response.record).toMatchObject({ errorCode: 'internal_error', distinctId: 'shopper-17', teamId: 7 });
    }
    expect(errors).toHaveLength(2);
  });
});

describe('bad input', () => {
  const inputs: readonly (readonly [string, string | Uint8Array])[] = [
    ['broken JSON', '{"token":'],
    [
      '10 000 nested arrays',
      `{"token":"${TOKEN}","distinct_id":"x","groups":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    ],
    ['10 000 nested objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a list', '[1,2,3]'],
    ['binary', Buffer.from([0, 1, 2, 255, 254])],
    ['a distinct id that is an object', JSON.stringify({ ...USER, distinct_id: { toString: 'x' } })],
  ];

  it.each(inputs)('H86: %s is a 400', async (_, body) => {
    expect((await call({ body })).status).toBe(400);
  });

  it('H30: more than 2 MiB is a 413, and so is a gzip bomb', async () => {
    expect((await call({ body: Buffer.alloc(2 * 1024 * 1024 + 1, 0x20) })).status).toBe(413);
    expect((await call({ body: gzipSync(Buffer.alloc(5 * 1024 * 1024, 0x20)) })).status).toBe(413);
  });

  const harmless: readonly (readonly [string, string])[] = [
    [
      '__proto__ everywhere',
      '"__proto__":{"a":1},"person_properties":{"__proto__":{"plan":"pro"}},"groups":{"__proto__":1}',
    ],
    ['constructor everywhere', '"constructor":1,"person_properties":{"constructor":{"prototype":1}}'],
    ['lone surrogates', '"person_properties":{"\\ud800":"\\udfff"},"anon_distinct_id":"\\ud83d"'],
    ['numbers beyond 2^53', '"person_properties":{"n":123456789012345678901234567890,"m":1e400,"z":-0}'],
    ['both names of a field', '"$distinct_id":"other","api_key":"other","$groups":{}'],
    ['a NUL character', '"person_properties":{"a":"\\u0000"}'],
  ];

  it.each(harmless)('H40: %s does no harm', async (_, members) => {
    const project = new StubProject();
    const body = `{"token":"${TOKEN}","distinct_id":"x",${members}}`;
    expect((await call({ projects: projectsWith(project), body })).status).toBe(200);
    expect(project.requests[0]?.distinctId).toBe('x');
    expect(({} as Record<string, unknown>).plan).toBeUndefined();
  });

  it('H45: a distinct id of 10 kB is cut', async () => {
    const project = new StubProject();
    await call({ projects: projectsWith(project), body: { ...USER, distinct_id: 'x'.repeat(10_240) } });
    expect(project.requests[0]?.distinctId).toHaveLength(200);
  });
});
