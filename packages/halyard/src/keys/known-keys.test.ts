import type { KeySource } from '@halyard/data';
import type { KeyGrant, KeyStamp } from '@halyard/data/conversation';
import { beforeEach, describe, expect, it } from 'vitest';
import { LookupRate, TooManyUnknownTokens } from '../projects/lookup-rate.ts';
import { KnownKeys, type KnownKeysOptions } from './known-keys.ts';

const grant: KeyGrant = { kind: 'project', teamId: 7, token: 'phc_7', stamp: null };
const personal: KeyGrant = {
  kind: 'personal',
  opensFlags: true,
  organizations: [],
  scopedTeams: [],
  scopedOrganizations: [],
  stamp: null,
};

/** A store of keys that says whom it was asked for. */
class Source implements KeySource {
  readonly keys = new Map<string, KeyGrant>();
  readonly asked: string[] = [];
  readonly stamps: KeyStamp[] = [];
  error: Error | null = null;

  find({ text, digest }: { text: string; digest: string }, side = 'reader'): Promise<KeyGrant | null> {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new Error('no digest');
    this.asked.push(`${side} ${text}`);
    return this.error === null ? Promise.resolve(this.keys.get(text) ?? null) : Promise.reject(this.error);
  }

  stamp(stamp: KeyStamp): Promise<void> {
    this.stamps.push(stamp);
    return Promise.reject(new Error('read only'));
  }
}

describe('known keys', () => {
  let source: Source;
  let now: number;
  let errors: unknown[];

  beforeEach(() => {
    source = new Source();
    source.keys.set('phs_a', grant);
    source.keys.set('phx_p', personal);
    now = 1_000_000;
    errors = [];
  });

  const open = (options: Partial<KnownKeysOptions> = {}) =>
    new KnownKeys({
      source,
      now: () => now,
      rate: null,
      stamps: true,
      onError: (error) => errors.push(error),
      ...options,
    });
  const lookups = () => source.asked.splice(0);
  /** Lets looks behind a request come to their end. */
  const settle = () => new Promise((resolve) => void setImmediate(resolve));

  it('are looked up once, by all who ask at the same time and afterwards', async () => {
    const keys = open();
    expect(await Promise.all([keys.find('phs_a'), keys.find('phs_a')])).toEqual([grant, grant]);
    expect(keys.find('phs_a')).toBe(grant);
    expect(lookups()).toEqual(['reader phs_a']);
  });

  it('are looked up again behind whoever asks, sooner where no notices arrive', async () => {
    const keys = open();
    await keys.find('phs_a');
    source.keys.delete('phs_a');
    now += 1_999;
    expect(keys.find('phs_a')).toBe(grant);
    now += 1;
    expect(keys.find('phs_a')).toBe(grant);
    await settle();
    expect(keys.find('phs_a')).toBeNull();
    expect(lookups()).toHaveLength(2);
  });

  it.each([
    ['phs_a', (keys: KnownKeys) => keys.teamChanged(7), (keys: KnownKeys) => keys.teamChanged(8)],
    ['phx_p', (keys: KnownKeys) => keys.personalChanged(), (keys: KnownKeys) => keys.teamChanged(7)],
  ])('%s is refused as soon as its revocation is announced, by the word of the writer', async (text, its, anothers) => {
    const keys = open();
    keys.setListening(true);
    await keys.find(text);
    source.keys.delete(text);
    anothers(keys);
    now += 10_000;
    expect(keys.find(text)).not.toBeNull();
    expect(lookups()).toEqual([`reader ${text}`]);
    its(keys);
    expect(await keys.find(text)).toBeNull();
    expect(keys.find(text)).toBeNull();
    expect(lookups()).toEqual([`writer ${text}`]);
  });

  it('that were revoked while they were looked up are looked up again', async () => {
    const keys = open();
    const finding = keys.find('phs_a');
    keys.teamChanged(7);
    source.keys.delete('phs_a');
    expect(await finding).toBe(grant);
    expect(await keys.find('phs_a')).toBeNull();
  });

  it('of nobody are remembered for a while, and after a notice for a second at most', async () => {
    const keys = open();
    expect(await keys.find('phs_later')).toBeNull();
    source.keys.set('phs_later', grant);
    now += 29_000;
    expect(keys.find('phs_later')).toBeNull();
    expect(lookups()).toEqual(['reader phs_later']);
    keys.teamChanged(1);
    expect(await keys.find('phs_later')).toBe(grant);
    expect(lookups()).toEqual(['writer phs_later']);
  });

  it('go on while the store is away, which is asked once a second; those never seen are an error', async () => {
    const keys = open();
    await keys.find('phs_a');
    source.error = new Error('away');
    keys.teamChanged(7);
    expect(await keys.find('phs_a')).toBe(grant);
    expect(errors).toEqual([source.error]);
    expect(lookups()).toEqual(['reader phs_a', 'writer phs_a', 'reader phs_a']);
    expect(keys.find('phs_a')).toBe(grant);
    expect(lookups()).toEqual([]);
    await expect(keys.find('phs_new')).rejects.toBe(source.error);
    source.error = null;
    source.keys.delete('phs_a');
    now += 1_000;
    expect(await keys.find('phs_a')).toBeNull();
  });

  it('that cannot be keys are refused without a look', () => {
    const keys = open();
    for (const text of ['', 'x'.repeat(201), 'phs_\u0000', 'phs_\ud800']) expect(keys.find(text)).toBeNull();
    expect(lookups()).toEqual([]);
    expect(keys.size).toBe(0);
  });

  it('H95a: of nobody are looked up at a bounded rate; a flood of them displaces no good one, and takes bounded memory', async () => {
    const keys = open({ rate: new LookupRate(10), maxKeys: 20 });
    await keys.find('phs_a', '192.0.2.1');
    for (let i = 0; i < 50; i++) expect(await keys.find(`phs_${i}`, '192.0.2.1')).toBeNull();
    expect(() => keys.find('phs_51', '192.0.2.1')).toThrow(TooManyUnknownTokens);
    expect(lookups()).toHaveLength(51);
    expect(await keys.find('phs_52', '192.0.2.2')).toBeNull();
    expect(keys.size).toBe(21);
    expect(keys.find('phs_a', '192.0.2.1')).toBe(grant);
  });

  it('D63: have their use noted where the store says so, and a failure of that harms nobody', async () => {
    const stamp: KeyStamp = { kind: 'project', id: 'k1' };
    source.keys.set('phs_s', { ...grant, stamp });
    const keys = open();
    await keys.find('phs_s');
    await keys.find('phs_s');
    await open({ stamps: false }).find('phs_s');
    await settle();
    expect(source.stamps).toEqual([stamp]);
    expect(errors).toHaveLength(1);
    now += 10_000;
    keys.teamChanged(7);
    await keys.find('phs_s');
    expect(source.stamps).toEqual([stamp]); // a role that may not is not asked again so soon
    now += 3_600_000;
    keys.teamChanged(7);
    await keys.find('phs_s');
    expect(source.stamps).toEqual([stamp, stamp]);
  });
});
