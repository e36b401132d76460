import { describe, expect, it } from 'vitest';
import { loadReferences, type WantedReferences } from './load-references.ts';
import { type Script, ScriptedHost } from './scripted-host.cases.ts';

const script: Script = {
  cohorts: { cohorts: '{"id":1}' },
  'group types': { mapping: '{"0":"company"}' },
};

function load(wanted: Partial<WantedReferences>, said: Script = script) {
  const host = new ScriptedHost(said);
  const found = host.run(loadReferences(host.store, 7, { cohorts: false, groupTypes: false, ...wanted }));
  return { found, asked: host.since() };
}

describe('what flags that come from elsewhere refer to', () => {
  it('is asked for side by side, each part at its own reader', () => {
    expect(load({ cohorts: true, groupTypes: true })).toEqual({
      found: { cohorts: [{ id: 1 }], groupTypeMapping: { '0': 'company' } },
      asked: ['cohorts @ non-persons reader + group types @ persons reader'],
    });
  });

  it('is asked for as far as it is wanted', () => {
    expect(load({ cohorts: true })).toEqual({
      found: { cohorts: [{ id: 1 }] },
      asked: ['cohorts @ non-persons reader'],
    });
    expect(load({ groupTypes: true })).toEqual({
      found: { groupTypeMapping: { '0': 'company' } },
      asked: ['group types @ persons reader'],
    });
    expect(load({})).toEqual({ found: {}, asked: [] });
  });

  it('may be nothing at all', () => {
    expect(load({ cohorts: true, groupTypes: true }, {}).found).toEqual({ cohorts: [], groupTypeMapping: {} });
  });

  it('D43: is a failure in its place where it cannot be read', () => {
    const away = { code: '57014' };
    expect(load({ cohorts: true, groupTypes: true }, { ...script, cohorts: away }).found).toEqual({
      cohorts: { failed: true, code: 'timeout', description: 'Database statement timed out' },
      groupTypeMapping: { '0': 'company' },
    });
    expect(load({ cohorts: true, groupTypes: true }, { ...script, 'group types': away }).found).toMatchObject({
      cohorts: [{ id: 1 }],
      groupTypeMapping: { failed: true, code: 'timeout' },
    });
  });
});
