import { describe, expect, it } from 'vitest';
import { loadProject, projectRevision } from './load-project.ts';
import { ScriptedHost, type Script } from './scripted-host.cases.ts';
import type { Ask } from './wish.ts';

const script: Script = {
  project: { team_id: '7', team: '{"name":"shop","timezone":"UTC"}', settings: '{}', revision: '1', position: 'w10' },
  flags: { flags: '{"key":"a"}', revision: '2', position: 'w11' },
  cohorts: { cohorts: '{"id":1}', revision: '3', position: 'w12' },
  'group types': { mapping: '{"0":"company"}', revision: '4', position: 'w13' },
  revision: { team: '1', flags: '2', cohorts: '3' },
  'group types revision': { revision: '4' },
};
const beside = (side: 'reader' | 'writer') =>
  `flags @ non-persons ${side} + cohorts @ non-persons ${side} + group types @ persons ${side}`;

describe('the conversation that reads a project', () => {
  it.each(['reader', 'writer'] as const)('asks the %s: the project, and then its parts side by side', (side) => {
    const host = new ScriptedHost(script);
    expect(host.run(loadProject(host.store, 'phc', { side }))).toMatchObject({
      project: { teamId: 7, token: 'phc', name: 'shop' },
      definitions: { flags: [{ key: 'a' }], cohorts: [{ id: 1 }], groupTypeMapping: { '0': 'company' } },
      revision: '1.2.3.4',
      position: { main: 10, persons: 13, replica: false },
    });
    expect(host.since()).toEqual([`project @ non-persons ${side}`, beside(side)]);
  });

  it('reads very many documents in pieces, with pauses in which its host does other things', () => {
    const flags = Array.from({ length: 1_000 }, (_, id) => JSON.stringify({ id })).join('\n');
    const host = new ScriptedHost({ ...script, flags: { flags, revision: '2', position: 'w11' } });
    expect(host.run(loadProject(host.store, 'phc'))?.definitions.flags).toHaveLength(1_000);
    expect(host.pauses).toEqual([0, 0]);
  });

  it('H43: a token that nobody has, or can have, is no project', () => {
    const host = new ScriptedHost({ project: { team_id: null } });
    expect(host.run(loadProject(host.store, 'phc'))).toBeNull();
    expect(host.run(loadProject(host.store, 'x'.repeat(201)))).toBeNull();
    expect(host.since()).toEqual(['project @ non-persons reader']);
  });

  it('H43: a token as long as tokens can be is asked for', () => {
    const host = new ScriptedHost({ project: { team_id: null } });
    expect(host.run(loadProject(host.store, 'x'.repeat(200)))).toBeNull();
    expect(host.since()).toEqual(['project @ non-persons reader']);
  });

  it('E96: the property matching version is the team’s, where it has one', () => {
    const host = new ScriptedHost(script);
    expect(host.run(loadProject(host.store, 'phc'))?.definitions).not.toHaveProperty('propertyMatchingVersion');
    host.script = { ...script, project: { team_id: '7', team: '{"property_matching_version":2}' } };
    expect(host.run(loadProject(host.store, 'phc'))?.definitions.propertyMatchingVersion).toBe(2);
  });

  it.each([
    [['w9', 'w11', 'w12'], 9],
    [['w10', 'w9', 'w12'], 9],
    [['w10', 'w11', 'w9'], 9],
  ])('is as far as the least of its parts: %j', ([project = '', flags = '', cohorts = ''], main) => {
    const host = new ScriptedHost({
      ...script,
      project: { ...(script.project as object), position: project },
      flags: { ...(script.flags as object), position: flags },
      cohorts: { ...(script.cohorts as object), position: cohorts },
    });
    expect(host.run(loadProject(host.store, 'phc'))?.position?.main).toBe(main);
  });

  it('says that flags may be large, and that tokens can be asked for together', () => {
    const host = new ScriptedHost(script);
    host.run(loadProject(host.store, 'one'));
    const [one, , flags] = host.asks.splice(0);
    host.run(loadProject(host.store, 'two'));
    const [two] = host.asks;
    expect(flags?.large).toBe(true);
    expect([one?.merging?.key, two?.merging?.key]).toEqual(['project', 'project']);
    const together = one?.merging?.together([one, two as Ask]);
    expect(together?.values).toEqual([
      ['one', 'two'],
      [one?.ticket, two?.ticket],
    ]);
  });

  it('an empty answer of another question is no unknown token', () => {
    const host = new ScriptedHost({ project: { alien: {} } });
    expect(() => host.run(loadProject(host.store, 'phc'))).toThrow('belongs to another question');
  });

  it.each(['project', 'flags'] as const)('rejects when the %s cannot be read', (part) => {
    const host = new ScriptedHost({ ...script, [part]: { code: '08006' } });
    expect(() => host.run(loadProject(host.store, 'phc'))).toThrow('non-persons reader');
  });

  it('D43: cohorts and group types that cannot be read are failures inside the definitions', () => {
    const host = new ScriptedHost({ ...script, cohorts: { code: '57014' }, 'group types': { code: '08006' } });
    const loaded = host.run(loadProject(host.store, 'phc'));
    expect(loaded).toMatchObject({
      definitions: { cohorts: { failed: true, code: 'timeout' }, groupTypeMapping: { code: 'database_unavailable' } },
      revision: '1.2.-.-',
    });
    expect(host.reported).toHaveLength(2);
  });

  it('D43: those that were read last are better than nothing', () => {
    const host = new ScriptedHost(script);
    host.run(loadProject(host.store, 'phc'));
    host.script = { ...script, cohorts: { code: '57014' }, 'group types': { code: '08006' } };
    expect(host.run(loadProject(host.store, 'phc'))).toMatchObject({
      definitions: { cohorts: [{ id: 1 }], groupTypeMapping: { '0': 'company' } },
      revision: '1.2.3.4',
    });
  });

  it('D43: but not those of another team, nor what a revision alone is known of', () => {
    const host = new ScriptedHost(script);
    host.run(loadProject(host.store, 'phc'));
    const away = { cohorts: { code: '57014' }, 'group types': { code: '57014' } };
    host.script = { ...script, ...away, project: { ...(script.project as object), team_id: '8' } };
    const lost = { cohorts: { failed: true }, groupTypeMapping: { failed: true } };
    expect(host.run(loadProject(host.store, 'other'))?.definitions).toMatchObject(lost);
    const another = new ScriptedHost(script);
    another.run(projectRevision(another.store, { token: 'phc', teamId: 7 }));
    another.script = { ...script, ...away };
    expect(another.run(loadProject(another.store, 'phc'))?.definitions).toMatchObject(lost);
  });

  it('D43: a part whose answer belongs to another question cannot be read; the others can', () => {
    const host = new ScriptedHost({ ...script, cohorts: { alien: { cohorts: '{}', asked: 'x.1' } } });
    expect(host.run(loadProject(host.store, 'phc'))?.definitions).toMatchObject({
      flags: [{ key: 'a' }],
      cohorts: { failed: true, code: 'database_error' },
    });
  });

  it('but for those that were read inside a transaction, which may be rolled back', () => {
    const host = new ScriptedHost(script);
    host.run(loadProject(host.store, 'phc', { isolated: true }));
    host.script = { ...script, cohorts: { code: '57014' } };
    expect(host.run(loadProject(host.store, 'phc'))?.definitions.cohorts).toMatchObject({ failed: true });
  });

  it('the revision is that of what was read, for two statements side by side', () => {
    const host = new ScriptedHost(script);
    const loaded = host.run(loadProject(host.store, 'phc'));
    host.since();
    const project = { token: 'phc', teamId: 7 };
    expect(host.run(projectRevision(host.store, project))).toBe(loaded?.revision);
    expect(host.since()).toEqual(['revision @ non-persons reader + group types revision @ persons reader']);
  });

  it('the revision of a project without anything is that', () => {
    const host = new ScriptedHost({ revision: { team: '1' } });
    expect(host.run(projectRevision(host.store, { token: 'phc', teamId: 7 }))).toBe('1...');
  });

  it('the revision of a token that has gone is null', () => {
    const host = new ScriptedHost({ revision: { team: null } });
    expect(host.run(projectRevision(host.store, { token: 'phc', teamId: 7 }))).toBeNull();
  });
});
