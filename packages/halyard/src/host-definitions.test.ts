import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHalyard, type HalyardOptions } from './index.ts';
import { urlOfHost } from './host-definitions.ts';
import { halyardDefinitions } from './posthog-node.ts';

interface Sent {
  readonly status?: number;
  readonly rollout?: number;
  readonly tag?: string;
  readonly position?: string;
  readonly text?: string;
}

/** A host that answers what the test has laid out, the last of it again and again. */
let server: Server;
let host: string;
let answers: Sent[];
let asked: IncomingMessage[];

beforeEach(async () => {
  answers = [];
  asked = [];
  server = createServer((request, response) => {
    asked.push(request);
    const { status = 200, rollout = 100, tag, position, text } = answers.shift() ?? {};
    const flag = {
      id: 1,
      key: 'f',
      active: true,
      filters: { groups: [{ properties: [], rollout_percentage: rollout }] },
    };
    if (tag !== undefined) response.setHeader('etag', `W/"${tag}"`);
    if (position !== undefined) response.setHeader('halyard-position', position);
    response.writeHead(status).end(text ?? JSON.stringify({ flags: [flag] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('createHalyard({ host, secretKey })', () => {
  it('H165, H166: asks for the definitions with the key, and evaluates them', async () => {
    const halyard = await createHalyard({ host: `${host}/`, secretKey: 'phs_mine', pollMs: 0 });
    expect(halyard.evaluateSync({ distinctId: 'u' }).isEnabled('f')).toBe(true);
    await halyard.close();
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/flags/definitions', 'Bearer phs_mine'],
    ]);
  });

  it('E160: fails flags that look at what is stored there, whichever way they would go; facts that are given are all there is', async () => {
    const person = (operator: string, value?: string) => ({
      key: 'plan',
      type: 'person',
      operator,
      value: value ?? operator,
    });
    const flag = (id: number, key: string, ...properties: object[]) => ({
      id,
      key,
      active: true,
      filters: { groups: [...properties.map((one) => ({ properties: [one] })), { rollout_percentage: 0 }] },
    });
    const text = JSON.stringify({
      flags: [
        flag(1, 'unset', person('is_not_set')),
        flag(2, 'not-free', person('is_not', 'free')),
        flag(3, 'pro', person('exact', 'pro')),
        flag(4, 'member', { key: 'id', type: 'cohort', operator: 'in', value: 9 }),
        flag(5, 'behind', { key: '1', type: 'flag', operator: 'flag_evaluates_to', value: false }),
        { ...flag(6, 'sticky'), ensure_experience_continuity: true, filters: { groups: [{ rollout_percentage: 50 }] } },
        { ...flag(7, 'all'), filters: { groups: [{ rollout_percentage: 100 }] } },
      ],
      cohorts: { 9: { type: 'AND', values: [{ type: 'AND', values: [person('exact', 'pro')] }] } },
    });
    answers = [{ text }, { text }];
    const halyard = await createHalyard({ host, secretKey: 'k', pollMs: 0 });
    for (let twice = 0; twice < 2; twice++) {
      const flags = halyard.evaluateSync({ distinctId: 'u' });
      for (const key of ['unset', 'not-free', 'pro', 'member', 'behind', 'sticky']) {
        expect([key, flags.isEnabled(key), flags.get(key)?.failed]).toEqual([key, false, true]);
      }
      expect(flags.get('unset')?.reason.code).toBe('stored_facts_unknown');
      expect(flags.isEnabled('all')).toBe(true);
    }
    const said = await halyard.evaluate({ distinctId: 'u', personProperties: { plan: 'pro' } });
    expect(['unset', 'not-free', 'pro', 'member', 'behind'].map((key) => said.isEnabled(key))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect((await halyard.explain('unset', { distinctId: 'u' })).result?.failed).toBe(true);
    const alone = await createHalyard({ host, secretKey: 'k', pollMs: 0, facts: {} });
    expect((await alone.evaluate({ distinctId: 'u' })).isEnabled('unset')).toBe(true);
  });

  it('says what the server says of a request that it refuses, and nothing secret', async () => {
    const detail = 'A personal key belongs to no project. Name one.';
    const refusal = async (body: string, status = 400): Promise<string> => {
      answers = [{ status, text: body }];
      return String(await createHalyard({ host, secretKey: 'phx_mine' }).catch((error: unknown) => error));
    };
    expect(await refusal(JSON.stringify({ detail }))).toMatch(`answered 400 instead of definitions: ${detail}`);
    expect(await refusal(JSON.stringify({ detail }), 401)).toMatch(`check the key. ${detail}`);
    for (const body of ['<html>', '[]', 'null', '{"detail":7}', '{"detail":"a\\nb"}', '{"detail":"not phx_mine"}']) {
      expect(await refusal(body)).toMatch(/answered 400 instead of definitions$/);
    }
    expect(await refusal(JSON.stringify({ detail: 'x'.repeat(301) }))).toMatch(/instead of definitions$/);
  });

  it.each([
    ['http://h', undefined, 'http://h/flags/definitions'],
    ['http://h/prefix//?x=1#y', undefined, 'http://h/prefix/flags/definitions'],
    [new URL('https://h:8/'), 'phc_a b', 'https://h:8/flags/definitions?token=phc_a+b'],
  ])('%s with the token %s is asked at %s', (address, token, url) => {
    const named = { host: address, secretKey: 'k', ...(token === undefined ? {} : { token }) };
    expect(urlOfHost(named).url).toBe(url);
  });

  it('says that the key opens nothing, and does not show it', async () => {
    answers = [{ status: 401 }];
    const failed = await createHalyard({ host, secretKey: 'phs_wrong' }).catch((error: unknown) => error);
    expect(String(failed)).toMatch(/answered 401 instead of definitions: check the key/);
    expect(String(failed)).not.toContain('phs_wrong');
  });

  it.each([
    [{ host: 'h' }, 'host must be an address that begins with http:// or https://'],
    [{ host: '' }, 'host must be an address such as https://flags.example.com, not an empty string'],
    [{ host: 'http://a:b@h' }, 'host must hold no user and password: send them in secretKey'],
    [
      { secretKey: undefined },
      'secretKey is missing: pass a secret key of the project, such as phs_…, or a personal key',
    ],
    [{ secretKey: 7 }, 'secretKey must be a secret key of the project, such as phs_…, or a personal key, not a number'],
    [{ secretKey: 'a\nb' }, 'secretKey cannot be sent as a header'],
    [{ token: '' }, "token must be the project's public token, such as phc_…, not an empty string"],
    [{ pollMs: -1 }, 'pollMs must be a number of milliseconds, or 0 for no polling'],
    [{ secret_key: 'k' }, 'options has no secret_key: write secretKey'],
    [{ definitions: { flags: [] } }, 'options has definitions and host: leave one of them out'],
  ])('%j is refused by name', async (wrong, message) => {
    const options = { host, secretKey: 'k', ...wrong } as unknown as HalyardOptions;
    await expect(createHalyard(options)).rejects.toThrow(new TypeError(message));
    expect(asked).toEqual([]);
  });
});

describe('definitions for posthog-node', () => {
  const rollout = async (provider: ReturnType<typeof halyardDefinitions>) => {
    const { flags } = await provider.getFlagDefinitions();
    return (flags as { filters: { groups: { rollout_percentage: number }[] } }[])[0]?.filters.groups[0]
      ?.rollout_percentage;
  };
  const open = () => halyardDefinitions({ host, secretKey: 'phs_mine' });

  it('H170: send the tag, and hold what they have when nothing has changed', async () => {
    answers = [{ rollout: 1, tag: 'a' }, { status: 304 }, { rollout: 2, tag: 'b' }];
    const provider = open();
    expect([await rollout(provider), await rollout(provider), await rollout(provider)]).toEqual([1, 1, 2]);
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, 'W/"a"', 'W/"a"']);
    expect(provider.shouldFetchFlagDefinitions()).toBe(false);
    provider.shutdown();
  });

  it('stay the last good ones when the host fails or sends something else, and are an error before there are any', async () => {
    answers = [{ status: 503 }, { rollout: 1 }, { status: 503 }, { text: '[]' }, { text: 'x' }, { status: 401 }];
    const provider = open();
    await expect(provider.getFlagDefinitions()).rejects.toThrow('answered 503 instead of definitions');
    for (let i = 0; i < 5; i++) expect(await rollout(provider)).toBe(1);
    expect(asked).toHaveLength(6);
  });

  it('are never older than those held, until the host has gone back for good', async () => {
    answers = [
      { rollout: 10, position: 'w100.90', tag: 'a' },
      { rollout: 9, position: 'w99.90', tag: 'b' },
      { rollout: 11, position: 'r101.90' },
      { rollout: 8, position: 'w50.-' },
      { rollout: 8, position: 'w50.-' },
      { rollout: 8, position: 'w50.-' },
    ];
    const provider = open();
    const seen: unknown[] = [];
    for (let i = 0; i < 6; i++) seen.push(await rollout(provider));
    expect(seen).toEqual([10, 10, 11, 11, 11, 8]);
    expect(asked[2]?.headers['if-none-match']).toBe('W/"a"');
  });

  it.each(['', 'x', 'w1', 'w1.2.3', 'w-1.2', 'w1.99999999999999999999'])(
    'a position %j that is none says nothing',
    async (position) => {
      answers = [
        { rollout: 1, position: 'w100.90' },
        { rollout: 2, position },
      ];
      const provider = open();
      expect([await rollout(provider), await rollout(provider)]).toEqual([1, 2]);
    },
  );

  it('refuse options that cannot be used', () => {
    expect(() => halyardDefinitions('x' as never)).toThrow(
      'halyardDefinitions takes { host, secretKey } or { redis, token }, not a string',
    );
    expect(() => halyardDefinitions({ host } as never)).toThrow('secretKey is missing');
  });
});
