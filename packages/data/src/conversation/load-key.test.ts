import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Row } from '../statements/statement.ts';
import { loadKey } from './load-key.ts';
import { ScriptedHost } from './scripted-host.cases.ts';

const tables: Row = { secret_tokens: 'true', project_keys: 'true', personal_keys: 'true' };
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const sent = (text: string) => ({ text, digest: digestOf(text) });
const secretRow = (text: string): Row => ({
  key_id: null,
  team_id: '7',
  token: 'phc_own',
  digest: digestOf(text),
  stamp_due: 'false',
});

describe('the conversation that loads a key', () => {
  it('D61: a secret token opens its project, and the reader is asked once', () => {
    const host = new ScriptedHost({ tables, key: secretRow('phs_right') });
    for (let n = 0; n < 2; n++) {
      expect(host.run(loadKey(host.store, sent('phs_right')))).toEqual({
        kind: 'project',
        teamId: 7,
        token: 'phc_own',
        stamp: null,
      });
    }
    expect(host.since()).toEqual(['key @ non-persons reader', 'key @ non-persons reader']);
  });

  it('D61: what only the database calls equal is nobody’s', () => {
    for (const text of ['phs_RIGHT', 'phs_right ', 'phs_righ', 'phs_rıght']) {
      const host = new ScriptedHost({ tables, key: secretRow('phs_right') });
      expect([text, host.run(loadKey(host.store, sent(text)))]).toEqual([text, null]);
    }
  });

  it('D62: a personal key of nobody opens nothing', () => {
    const nobody: Row = { key_id: null, digest: null, organizations: null };
    const host = new ScriptedHost({ tables, key: nobody });
    expect(host.run(loadKey(host.store, sent('phx_nobody')))).toBeNull();
    expect(host.since()).toEqual(['key @ non-persons reader']);
  });

  it('what cannot be a key is not asked about', () => {
    const host = new ScriptedHost({ tables, key: secretRow('phs_right') });
    for (const text of ['', 'x'.repeat(201), 'phs_\0', 'phs_\ud800']) {
      expect(host.run(loadKey(host.store, sent(text)))).toBeNull();
    }
    expect(host.asked).toEqual([]);
  });

  it('a store that cannot say is an error, not a key of nobody', () => {
    const host = new ScriptedHost({ tables, key: { code: '57P01' } });
    expect(() => host.run(loadKey(host.store, sent('phs_right')))).toThrow('non-persons reader');
  });
});
