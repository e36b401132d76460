import type { JsonObject } from '@halyard/json';
import { compile, type EvaluationRequest } from 'halyard/host';
import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../posthog/ports.ts';
import { RecentRequests } from './recent-requests.ts';
import { rememberedText, together } from './remembered-text.ts';

const HOUR = 3_600_000;

describe('the recent requests of a project', () => {
  let now = Date.UTC(2026, 10, 20);
  const made: RecentRequests[] = [];
  afterEach(() => {
    for (const recent of made.splice(0)) recent.close();
  });
  const start = (): RecentRequests => {
    const recent = new RecentRequests(() => now);
    made.push(recent);
    return recent;
  };

  const asks = (key: string, type = 'person', more: JsonObject = {}) => ({
    key,
    type,
    operator: 'exact',
    value: 'x',
    ...more,
  });
  const project = (teamId: number, more: JsonObject = {}): Project => {
    const properties = [asks('plan'), asks('size', 'group', { group_type_index: 0 })];
    const flag = { id: 1, key: 'a', active: true, filters: { groups: [{ properties }] }, ...more };
    const program = compile({ teamId, flags: [flag], cohorts: [], groupTypeMapping: { 0: 'company' } });
    return { teamId, program, evaluate: () => expect.fail('nothing is evaluated') };
  };
  const request = (distinctId: string, more: Partial<EvaluationRequest> = {}): EvaluationRequest => ({
    distinctId,
    now,
    ...more,
  });
  /** Notes requests so that none is left out as one of too many. */
  const noteAll = (recent: RecentRequests, asked: Project, ids: readonly string[]): void => {
    for (const [i, id] of ids.entries()) {
      recent.note(asked, request(id), 100);
      if (i % 25 === 24 || i === ids.length - 1) recent.of(asked.teamId);
    }
  };
  const ids = (recent: RecentRequests, teamId = 1) => recent.of(teamId).requests.map(({ distinctId }) => distinctId);

  it('M195: only members that some flag looks at are kept, and of the others the names', () => {
    const recent = start();
    const sent = {
      deviceId: 'd',
      anonDistinctId: 'v',
      flagKeys: ['a'],
      runtime: 'server',
      personProperties: { plan: 'a plan with a long name', secret: 'x' },
      groups: { company: 'acme', family: 'smith' },
      groupProperties: { company: { size: 3, secret: 'x' }, family: { size: 1 } },
    } as const;
    recent.note(project(1), request('ann', sent), 100);
    const kept = {
      runtime: 'server',
      personProperties: { plan: 'a plan with a long name' },
      groups: { company: 'acme' },
      groupProperties: { company: { size: 3 } },
    };
    expect(recent.of(1)).toEqual({
      requests: [{ distinctId: 'ann', ...kept, at: now, times: 1 }],
      properties: ['plan', 'secret'],
    });
    const sticky = { ensure_experience_continuity: true, bucketing_identifier: 'device_id' };
    recent.note(project(2, sticky), request('ann', sent), 100);
    expect(recent.of(2).requests[0]).toMatchObject({ deviceId: 'd', anonDistinctId: 'v' });
  });

  it('M195: one a subject, the newest; 2 000 of a project, 20 000 in all', () => {
    const recent = start();
    const first = project(1);
    noteAll(recent, first, ['ann', 'bob', 'ann']);
    expect(ids(recent)).toEqual(['bob', 'ann']);
    expect(recent.of(1).requests.at(-1)?.times).toBe(2);
    const many = Array.from({ length: 2_000 }, (_, i) => `u${i}`);
    noteAll(recent, first, many);
    expect(ids(recent)).toEqual(many);
    for (let team = 2; team <= 11; team += 1) noteAll(recent, project(team), many);
    expect([ids(recent, 1), ids(recent, 2), ids(recent, 11)].map(({ length }) => length)).toEqual([0, 2_000, 2_000]);
  });

  it('M195: of many at once some are kept, and of large ones none', () => {
    const recent = start();
    const asked = project(1);
    for (let i = 0; i < 1_000; i += 1) recent.note(asked, request(`u${i}`), 100);
    recent.note(asked, request('large'), 1024 * 1024);
    expect(ids(recent)).toHaveLength(25);
    recent.note(asked, request('large'), 1024 * 1024);
    expect(ids(recent)).not.toContain('large');
  });

  it('M195: what is older than a day is dropped', () => {
    const recent = start();
    noteAll(recent, project(1), ['ann']);
    now += 23 * HOUR;
    noteAll(recent, project(1), ['bob']);
    expect(ids(recent)).toEqual(['ann', 'bob']);
    now += 2 * HOUR;
    expect(ids(recent)).toEqual(['bob']);
    now += 24 * HOUR;
    expect(ids(recent)).toEqual([]);
  });

  it('M182, E95: what several processes remember is one sample, with numbers as they were sent', () => {
    const one = { requests: [{ distinctId: 'ann', at: 2, times: 1 }], properties: ['plan'] };
    const two = {
      requests: [
        { distinctId: 'bob', at: 1, times: 1 },
        { distinctId: 'ann', at: 3, times: 2, personProperties: { plan: 1.5 } },
      ],
      properties: ['plan', 'beta'],
    };
    expect(together([rememberedText(one), rememberedText(two)])).toEqual({
      requests: [
        { distinctId: 'bob', at: 1, times: 1 },
        { distinctId: 'ann', at: 3, times: 3, personProperties: { plan: 1.5 } },
      ],
      properties: ['plan', 'beta'],
    });
  });
});
