import { describe, expect, it } from 'vitest';
import type { KeyGrant } from 'halyard/host';
import { call, type Call } from '../../app-call.cases.ts';
import { startRecord } from '../../http/request-record.ts';
import { projectsWith, StubProject, TOKEN } from '../stub-projects.cases.ts';
import type { KeyedPorts } from '../keyed-routes.ts';
import { KeyedLimits, type KeyedLimitsOptions } from './keyed-limits.ts';
import type { Limit } from './token-buckets.ts';

const grant: KeyGrant = { kind: 'project', teamId: 7, token: TOKEN, stamp: null };
const perMinute = (count: number): Limit => ({ burst: count, perSecond: count / 60 });
const none: ReadonlyMap<string, Limit> = new Map();

/** A project whose definitions may be asked for as often as these limits say; `now` is theirs, in milliseconds. */
function limited(options: Partial<KeyedLimitsOptions> = {}, more: Partial<Call> = {}) {
  const clock = { now: 0 };
  const limits = new KeyedLimits({
    definitions: perMinute(2),
    conditional: perMinute(3),
    remoteConfig: perMinute(2),
    overrides: { definitions: none, conditional: none },
    unlimited: new Set(),
    clock: () => clock.now,
    ...options,
  });
  const document = {
    tag: '0123456789abcdef',
    position: null,
    plain: Buffer.from('{}'),
    gzipped: Buffer.from(''),
    isBillable: true,
  };
  const project = new StubProject();
  const keyed: KeyedPorts = {
    keys: { find: () => grant },
    definitions: { of: () => document },
    configs: { of: () => Promise.resolve(null) },
    tokenOfTeam: () => Promise.resolve(TOKEN),
    fernetKeys: [],
    limits,
  };
  const answer = (tag?: string) => {
    const headers = { authorization: 'Bearer phs_x', ...(tag === undefined ? {} : { 'if-none-match': tag }) };
    return call({
      method: 'GET',
      url: '/flags/definitions',
      headers,
      projects: projectsWith(project),
      keyed,
      ...more,
    });
  };
  const ask = async (tag?: string): Promise<string> => {
    const response = await answer(tag);
    return `${response.status} ${response.record.errorCode ?? ''}`.trim();
  };
  return { ask, answer, clock, project, limits };
}
const CURRENT = 'W/"0123456789abcdef"';

describe('limits of definitions', () => {
  it('H95, H100, H102: whole documents and questions have budgets of their own, which come back', async () => {
    const { ask, clock } = limited();
    expect([await ask(), await ask(), await ask()]).toEqual(['200', '200', '429 rate_limit_exceeded']);
    expect([await ask(CURRENT), await ask(CURRENT), await ask(CURRENT)]).toEqual(['304', '304', '304']);
    expect(await ask(CURRENT)).toBe('429 rate_limit_exceeded');
    clock.now += 30_000;
    expect([await ask(), await ask()]).toEqual(['200', '429 rate_limit_exceeded']);
    expect(await ask(CURRENT)).toBe('304');
  });

  it('H100: a tag that is stale spends both', async () => {
    const { ask } = limited();
    expect([await ask('W/"old"'), await ask('W/"old"')]).toEqual(['200', '200']);
    expect(await ask('W/"old"')).toBe('429 rate_limit_exceeded');
    expect(await ask()).toBe('429 rate_limit_exceeded');
    expect(await ask(CURRENT)).toBe('429 rate_limit_exceeded');
  });

  it('H100: single projects have limits of their own, or none', async () => {
    const own = { definitions: new Map([['7', perMinute(1)]]), conditional: new Map([['7', perMinute(1)]]) };
    const { ask } = limited({ overrides: own });
    expect([await ask(), await ask()]).toEqual(['200', '429 rate_limit_exceeded']);
    expect([await ask(CURRENT), await ask(CURRENT)]).toEqual(['304', '429 rate_limit_exceeded']);
    const free = limited({ overrides: own, unlimited: new Set([7]) });
    for (let n = 0; n < 10; n++) expect(await free.ask()).toBe('200');
    const off = limited({ definitions: null, conditional: null });
    for (let n = 0; n < 10; n++) expect([await off.ask(), await off.ask(CURRENT)]).toEqual(['200', '304']);
  });

  it('H101: remote configuration is limited for personal keys only', () => {
    const { limits } = limited();
    const request = { method: 'GET', url: '/', headers: {}, body: new Uint8Array(), peer: '' };
    const status = (teamId: number, by: 'personal' | 'project') =>
      limits.config(teamId, by, startRecord(request, false, 0))?.status ?? 200;
    expect([1, 2, 3].map(() => status(1, 'personal'))).toEqual([200, 200, 429]);
    expect(status(2, 'personal')).toBe(200);
    for (let n = 0; n < 10; n++) expect(status(1, 'project')).toBe(200);
  });

  it('H107, H169: a project over its quota gets 402, after the limit and before the tag', async () => {
    const over = { flags: () => true, recordings: () => false };
    const { ask } = limited({}, { quota: over });
    expect([await ask(), await ask(CURRENT)]).toEqual(['402 payment_required', '402 payment_required']);
    expect([await ask(), await ask()]).toEqual(['402 payment_required', '429 rate_limit_exceeded']);
  });

  it('H87: say how long a project has to wait', async () => {
    const { answer } = limited({ definitions: { burst: 1, perSecond: 1 / 40 } });
    await answer();
    expect((await answer()).headers['retry-after']).toBe('40');
  });

  it('H110, H111: whole documents count as usage, answers that nothing has changed do not', async () => {
    const counted: unknown[] = [];
    const usage = { record: (...told: unknown[]) => void counted.push(told) };
    const { answer } = limited({}, { usage });
    const [whole, same] = [await answer(), await answer(CURRENT)];
    expect([whole.status, whole.record.usage, same.status, same.record.usage]).toEqual([
      200,
      'flag_definitions',
      304,
      undefined,
    ]);
    expect(counted).toEqual([['definitions', 7, 'other']]);
  });

  it('H230: note what metrics tell of each request', async () => {
    const unlimited = new Set([7]);
    const { answer } = limited({ unlimited, definitions: perMinute(1) });
    const met = async (tag?: string) => (await answer(tag)).record.definitions;
    const known = { auth: 'secret_api_key', held: true };
    expect(await met()).toEqual({ ...known, etag: 'none' });
    expect(await met(CURRENT)).toEqual({ ...known, etag: 'hit' });
    const limitedAndLetIn = { budget: 'full', bypassed: true };
    expect(await met('"old"')).toEqual({ ...known, etag: 'miss', limited: limitedAndLetIn });
    const refused = limited({ conditional: perMinute(1) });
    await refused.ask(CURRENT);
    expect((await refused.answer(CURRENT)).record.definitions).toEqual({
      auth: 'secret_api_key',
      limited: { budget: 'conditional', bypassed: false },
    });
  });
});
