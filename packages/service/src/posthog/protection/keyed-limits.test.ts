import { describe, expect, it } from 'vitest';
import type { KeyGrant } from 'halyard/host';
import { call, type Call } from '../../app-call.cases.ts';
import { projectsWith, StubProject, TOKEN } from '../stub-projects.cases.ts';
import type { KeyedPorts } from '../keyed-routes.ts';
import { KeyedLimits, type KeyedLimitsOptions } from './keyed-limits.ts';
import type { Limit } from './token-buckets.ts';

const grant: KeyGrant = { kind: 'project', teamId: 7, token: TOKEN, stamp: null };
const perMinute = (count: number): Limit => ({ burst: count, perSecond: count / 60 });
const none: ReadonlyMap<string, Limit> = new Map();

/** A project whose definitions may be asked for as often as these limits say; `now` is theirs, in milliseconds. */
function limited(options: Partial<KeyedLimitsOptions> = {}, quota: Call['quota'] = null) {
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
  const document = { tag: '0123456789abcdef', position: null, plain: Buffer.from('{}'), gzipped: Buffer.from('') };
  const project = new StubProject();
  const keyed: KeyedPorts = {
    keys: { find: () => grant },
    definitions: { of: () => document },
    configs: { of: () => Promise.resolve(null) },
    tokenOfTeam: () => Promise.resolve(TOKEN),
    fernetKeys: [],
    limits,
  };
  const ask = async (tag?: string): Promise<string> => {
    const headers = { authorization: 'Bearer phs_x', ...(tag === undefined ? {} : { 'if-none-match': tag }) };
    const response = await call({
      method: 'GET',
      url: '/flags/definitions',
      headers,
      projects: projectsWith(project),
      keyed,
      quota,
    });
    return `${response.status} ${response.record.errorCode ?? ''}`.trim();
  };
  return { ask, clock, project, limits };
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
    expect([1, 2, 3].map(() => limits.mayHaveConfig(1, 'personal'))).toEqual([true, true, false]);
    expect(limits.mayHaveConfig(2, 'personal')).toBe(true);
    for (let n = 0; n < 10; n++) expect(limits.mayHaveConfig(1, 'project')).toBe(true);
  });

  it('H107, H169: a project over its quota gets 402, after the limit and before the tag', async () => {
    const over = { flags: () => true, recordings: () => false };
    const { ask } = limited({}, over);
    expect([await ask(), await ask(CURRENT)]).toEqual(['402 payment_required', '402 payment_required']);
    expect([await ask(), await ask()]).toEqual(['402 payment_required', '429 rate_limit_exceeded']);
  });
});
