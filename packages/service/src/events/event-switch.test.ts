import { describe, expect, it } from 'vitest';
import { EventSwitch, type SwitchOptions } from './event-switch.ts';
import { batchOf, openDoors, send } from './doors.cases.ts';

const set = { event: '$set', distinct_id: 'n', properties: { $set: { a: 1 } } };

async function decided(options: Partial<SwitchOptions>): Promise<[boolean | undefined, string]> {
  const ingest = new EventSwitch({
    wanted: 'auto',
    readOnly: false,
    forward: undefined,
    neighbours: true,
    owner: () => Promise.resolve('halyard'),
    ...options,
  });
  await ingest.decide();
  return [ingest.isOn, ingest.line];
}

describe('the switch of events', () => {
  const posthog = () => Promise.resolve('posthog' as const);

  it.each<[Partial<SwitchOptions>, boolean, string]>([
    [{}, true, 'events: persons and groups are stored'],
    [{ wanted: 'on' }, true, 'events: persons and groups are stored'],
    [{ owner: posthog }, false, 'events: accepted and dropped, the tables belong to PostHog'],
    [{ wanted: 'off' }, false, 'events: accepted and dropped, HALYARD_INGEST is off'],
    [{ readOnly: true }, false, 'events: accepted and dropped, HALYARD_READ_ONLY is set'],
    [{ wanted: 'off', neighbours: false }, false, 'events: not accepted, HALYARD_INGEST is off'],
    [
      { owner: () => Promise.resolve('missing') },
      false,
      'events: accepted and dropped, there are no tables of persons',
    ],
    [
      { forward: 'https://me:secret@eu.i.posthog.com/x' },
      true,
      'events: persons and groups are stored, forwarded to https://eu.i.posthog.com',
    ],
    [
      { forward: 'https://eu.i.posthog.com', owner: posthog },
      false,
      'events: not stored, forwarded to https://eu.i.posthog.com; the tables belong to PostHog',
    ],
  ])('I2, I201: %j', async (options, isOn, line) => {
    expect(await decided(options)).toEqual([isOn, line]);
  });

  it('I2: on ends the start where the tables are PostHog’s, or not there', async () => {
    await expect(decided({ wanted: 'on', owner: posthog })).rejects.toThrow(/^HALYARD_INGEST=on is not possible here/);
    await expect(decided({ wanted: 'on', owner: () => Promise.resolve('missing') })).rejects.toThrow('HALYARD_MIGRATE');
  });

  it('I2: asks again after it could not ask, and then no more', async () => {
    let asked = 0;
    const owner = () => (++asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve('halyard' as const));
    const ingest = new EventSwitch({ wanted: 'auto', readOnly: false, forward: undefined, neighbours: true, owner });
    await expect(ingest.decide()).rejects.toThrow('away');
    expect([ingest.isOn, ingest.line]).toEqual([undefined, 'events: accepted and dropped, the database is away']);
    await Promise.all([ingest.decide(), ingest.decide()]);
    await ingest.decide();
    expect([ingest.isOn, asked]).toEqual([true, 2]);
  });

  it('I2, I200: on PostHog’s tables events are dropped as ever, and without neighbours there are no such paths', async () => {
    const dropping = await openDoors({}, (store) => void (store.tables = 'posthog'));
    expect(await send(dropping, 'anything')).toMatchObject({ status: 200, text: '{"status":1}' });
    expect((await send(dropping, new Uint8Array(3_000_000), { path: '/s/' })).status).toBe(200);
    expect(dropping.store.tries).toBe(0);
    const none = await openDoors({ HALYARD_NEIGHBOURS: 'false', HALYARD_INGEST: 'off' });
    expect((await send(none, batchOf(set))).status).toBe(404);
    const stored = await openDoors({ HALYARD_NEIGHBOURS: 'false' });
    expect([(await send(stored, batchOf(set))).status, stored.store.ids]).toEqual([200, ['n']]);
    expect((await send(stored, 'recording', { path: '/s/' })).status).toBe(200);
    await Promise.all([dropping.close(), none.close(), stored.close()]);
  });
});
