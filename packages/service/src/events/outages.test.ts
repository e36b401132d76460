import { once } from 'node:events';
import { connect } from 'node:net';
import { waitUntil } from '@halyard/data/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Batcher } from './batcher.ts';
import { batchOf, type Doors, openDoors, ScriptedStore, send } from './doors.cases.ts';

const open: Doors[] = [];

async function doors(...args: Parameters<typeof openDoors>): Promise<Doors> {
  const opened = await openDoors(...args);
  open.push(opened);
  return opened;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const set = (id: string): object => ({ event: '$set', distinct_id: id, properties: { $set: { a: 1 } } });

/** What a batch waits for, and the way to let it through. */
function gateOf(store: ScriptedStore): () => void {
  let openGate = (): void => undefined;
  store.gate = new Promise((resolve) => void (openGate = resolve));
  return openGate;
}

describe('events while the database is away', () => {
  it('I172, I175: are held through a short outage; one batch looks each second, and all are stored when it is back', async () => {
    const at = await doors({ HALYARD_INGEST_HOLD_MS: '20000' });
    at.store.away = true;
    const ids = Array.from({ length: 20 }, (_, i) => `n${i}`);
    const sent = ids.map((id) => send(at, batchOf(set(id))));
    await waitUntil(() => at.store.tries > 1);
    expect(at.store.tries).toBeLessThan(5);
    at.store.away = false;
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(ids.map(() => 200));
    expect([...at.store.ids].sort()).toEqual([...ids].sort());
    expect(at.log.filter(({ msg }) => msg.includes('they wait for the database'))).toHaveLength(1);
  });

  it('I53, I172: get 503 with Retry-After when it stays away, and so does a token that nobody knows', async () => {
    const at = await doors({ HALYARD_INGEST_HOLD_MS: '100' });
    at.store.away = true;
    const known = await send(at, batchOf(set('n')));
    const unknown = await send(at, JSON.stringify({ api_key: 'phc_b', batch: [set('n')] }));
    expect([known, unknown].map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [503, '30'],
      [503, '30'],
    ]);
    expect(known.text).toBe('Events cannot be stored just now: send them again.');
    at.store.away = false;
    await waitUntil(async () => (await send(at, batchOf(set('later')))).status === 200);
    // What was answered with "later" may not come a second time by itself.
    expect(at.store.ids).toEqual(['later']);
    expect(await at.metrics()).toMatch(/halyard_ingest_refused_total\{cause="away"\} \d/);
  });

  it('I2: wait while nobody can say whose tables there are', async () => {
    const at = await doors({ HALYARD_INGEST_HOLD_MS: '20000' }, (store) => void (store.away = true));
    const sent = send(at, batchOf(set('n')));
    await waitUntil(() => at.log.length > 0);
    at.store.away = false;
    expect((await sent).status).toBe(200);
    expect(at.store.ids).toEqual(['n']);
  });
});

describe('too many events', () => {
  it('I170: get 503 before they are read, and room is given back', async () => {
    const at = await doors({ HALYARD_INGEST_QUEUE_MB: '1' });
    const openGate = gateOf(at.store);
    const large = batchOf(set('first'), {
      event: 'seen',
      distinct_id: 'n',
      properties: { text: 'x'.repeat(1_200_000) },
    });
    const first = send(at, large);
    await waitUntil(() => at.store.tries > 0);
    const later = await send(at, batchOf(set('second')));
    expect([later.status, later.headers.get('retry-after')]).toEqual([503, '5']);
    // An SDK that sends its body regardless gets an answer, not a reset.
    expect((await send(at, large)).status).toBe(503);
    openGate();
    expect((await first).status).toBe(200);
    expect((await send(at, batchOf(set('third')))).status).toBe(200);
    expect(at.store.ids).toEqual(['first', 'n', 'third']);
    const metrics = await at.metrics();
    expect(metrics).toContain('halyard_ingest_waiting_bytes 0');
    expect(metrics).toContain('halyard_ingest_waiting_ops 0');
    expect(metrics).toContain('halyard_ingest_refused_total{cause="room"} 2');
  });

  it('I171: a body that does not arrive ends its connection, without an answer', async () => {
    const at = await doors({ HALYARD_REQUEST_TIMEOUT_MS: '20' }, undefined, { bodyMs: 100 });
    const { port, hostname } = new URL(at.url);
    const socket = connect(Number(port), hostname);
    let said = '';
    socket.on('data', (chunk) => (said += chunk.toString()));
    socket.write('POST /batch HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"');
    const begun = performance.now();
    await once(socket, 'close');
    expect(said).toBe('');
    expect(performance.now() - begun).toBeGreaterThan(90);
    expect((await send(at, batchOf(set('n')))).status).toBe(200);
  });
});

describe('a stop signal', () => {
  it('I135: lets what waits be stored, and sends the rest away to come again (scenario 85)', async () => {
    const at = await doors();
    const openGate = gateOf(at.store);
    const waiting = [send(at, batchOf(set('a'))), send(at, batchOf(set('b')))];
    await waitUntil(() => at.store.tries > 1);
    const closed = at.close();
    await waitUntil(async () => (await send(at, batchOf(set('late'))).catch(() => ({ status: 0 }))).status !== 200);
    openGate();
    expect((await Promise.all(waiting)).map(({ status, headers }) => [status, headers.get('connection')])).toEqual([
      [200, 'close'],
      [200, 'close'],
    ]);
    await closed;
    expect(at.store.ids).toEqual(['a', 'b']);
  });
});

describe('the batches', () => {
  const operation = (id: string) => ({
    teamId: 1,
    projectId: 1,
    operation: {
      uuid: null,
      time: 0,
      person: { distinctId: id, isPersonEvent: true, set: new Map(), setOnce: new Map(), unset: [], merge: null },
      groupTypes: [],
      group: null,
    },
  });
  const operations = (name: string, count: number) => Array.from({ length: count }, (_, i) => operation(`${name}${i}`));
  const batcher = (store: ScriptedStore, lanes: number) =>
    new Batcher({
      store,
      size: 10,
      lanes,
      clock: () => 0,
      onStored: () => undefined,
      onAway: () => undefined,
      probeMs: 1,
    });

  it('I131: take what has come together, up to their bound, and none waits for a timer', async () => {
    const store = new ScriptedStore();
    const batches = batcher(store, 1);
    const openGate = gateOf(store);
    const stored = Array.from({ length: 15 }, (_, i) => batches.store([operation(`n${i}`)], 60_000));
    await waitUntil(() => store.tries > 0);
    stored.push(...Array.from({ length: 3 }, (_, i) => batches.store([operation(`m${i}`)], 60_000)));
    openGate();
    expect((await Promise.all(stored)).flat()).toEqual([]);
    expect(store.batches.map((batch) => batch.length)).toEqual([10, 8]);
  });

  it('I132: store the events of one request in their order, though several batches are under way', async () => {
    const store = new ScriptedStore();
    const batches = batcher(store, 4);
    await Promise.all(['a', 'b', 'c'].map((name) => batches.store(operations(name, 37), 60_000)));
    for (const name of ['a', 'b', 'c']) {
      const order = store.ids.filter((id) => id.startsWith(name));
      expect(order).toEqual(operations(name, 37).map((one) => one.operation.person.distinctId));
    }
  });

  it('I132, I172: store them in their order after an outage, too, and say which were not when the time is over', async () => {
    const store = new ScriptedStore();
    const batches = batcher(store, 4);
    store.away = true;
    const all = ['a', 'b'].map((name) => batches.store(operations(name, 25), 60_000));
    const some = batches.store(operations('late', 3), 20);
    expect(await some).toHaveLength(3);
    expect(batches.isAway).toBe(true);
    store.away = false;
    expect((await Promise.all(all)).flat()).toEqual([]);
    for (const name of ['a', 'b']) {
      const order = store.ids.filter((id) => id.startsWith(name));
      expect(order).toEqual(operations(name, 25).map((one) => one.operation.person.distinctId));
    }
    expect(store.ids).toHaveLength(50);
    expect(batches.isAway).toBe(false);
    await batches.drained(1_000);
  });

  it('I135: give up at the end of the time, and not before', async () => {
    const store = new ScriptedStore();
    const batches = batcher(store, 1);
    store.away = true;
    const waiting = batches.store([operation('n')], 60_000);
    await batches.drained(30);
    expect(await waiting).toHaveLength(1);
  });
});
