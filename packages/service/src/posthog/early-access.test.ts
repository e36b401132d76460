import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../http/messages.ts';
import { startRecord } from '../http/request-record.ts';
import { earlyAccessRoute } from './early-access.ts';
import { projectsWith, StubProject, TOKEN } from './stub-projects.cases.ts';

const feature = (flagKey: string, stage: string): JsonObject => ({ id: flagKey, name: flagKey, stage, flagKey });
const FEATURES = ['draft', 'concept', 'alpha', 'beta', 'general-availability', 'archived'].map((stage) =>
  feature(`f-${stage}`, stage),
);

function route(read: (teamId: number) => Promise<readonly JsonObject[]>) {
  const time = { now: 0 };
  const ask = earlyAccessRoute({ projects: projectsWith(new StubProject()), earlyAccess: read, clock: () => time.now });
  const get = async (search: string): Promise<HttpResponse> => {
    const request = { method: 'GET', url: '/', headers: {}, body: new Uint8Array(), peer: '' };
    return ask({ request, path: '/', search, record: startRecord(request, false, 0) });
  };
  return { time, get };
}

async function keysOf(response: Promise<HttpResponse>): Promise<unknown> {
  const { earlyAccessFeatures } = JSON.parse((await response).body as string) as {
    earlyAccessFeatures: readonly { flagKey: string }[];
  };
  return earlyAccessFeatures.map(({ flagKey }) => flagKey);
}

describe('early access features', () => {
  it('H244: those of the stages asked for, beta unless said; never drafts', async () => {
    const { get } = route(() => Promise.resolve(FEATURES));
    expect(await keysOf(get(`token=${TOKEN}`))).toEqual(['f-beta']);
    expect(await keysOf(get(`token=${TOKEN}&stage=concept&stage=alpha`))).toEqual(['f-concept', 'f-alpha']);
    expect(await keysOf(get(`token=${TOKEN}&stage=draft&stage=archived`))).toEqual([]);
  });

  it('H244: a project that nobody knows has none', async () => {
    const { get } = route(() => Promise.reject(new Error('must not be asked')));
    expect(await keysOf(get('token=phc_nobody'))).toEqual([]);
    expect(await keysOf(get(''))).toEqual([]);
  });

  it('H244: a flood is one read, for half a minute; the last list counts while the store is away', async () => {
    let reads = 0;
    let away = false;
    const { get, time } = route(() => {
      reads += 1;
      return away ? Promise.reject(new Error('away')) : Promise.resolve(FEATURES);
    });
    await Promise.all(Array.from({ length: 50 }, () => get(`token=${TOKEN}`)));
    time.now = 29_000;
    await get(`token=${TOKEN}`);
    expect(reads).toBe(1);
    away = true;
    time.now = 31_000;
    expect(await keysOf(get(`token=${TOKEN}`))).toEqual(['f-beta']);
    await get(`token=${TOKEN}`);
    expect(reads).toBe(2);
  });

  it('H244: without a list so far the failure is told', async () => {
    const { get } = route(() => Promise.reject(new Error('away')));
    await expect(get(`token=${TOKEN}`)).rejects.toThrow('away');
  });
});
