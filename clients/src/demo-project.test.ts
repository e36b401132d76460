import type { JsonValue } from '@halyard/json';
import { createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import {
  createLog,
  demoSecretKey,
  demoToken,
  readSettings,
  seedDemo,
  type Service,
  startService,
} from '@halyard/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, ClientProgram, type Reply } from './client-program.ts';
import { clients } from './clients.ts';
import { Gate } from './gate.ts';
import { prepare } from './prepare.ts';
import { reasonToSkip } from './selection.ts';

/* The demo project of a first start, whose code and keys `npm start` prints, asked by every client as it is published. */

/** Flags whose answer says nothing of the asker's runtime. */
const KEYS = [
  'new-checkout',
  'dark-mode',
  'button-color',
  'pro-reports',
  'beta-search',
  'vip-support',
  'europe-launch',
];
/** Those of them that the properties below decide, and which nobody decides otherwise (docs/sdk-differences.md). */
const LOCAL_KEYS = ['new-checkout', 'dark-mode', 'button-color', 'pro-reports'];
const PERSON = { plan: 'pro' };

let database: TestDatabase;
let service: Service;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedDemo(database.url);
  const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
  service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
});

afterAll(async () => {
  await service.close();
  await database.drop();
});

/** What the service says of somebody. */
async function rightValues(user: Asked): Promise<Readonly<Record<string, JsonValue>>> {
  const body = { token: demoToken, distinct_id: user.distinctId, person_properties: user.personProperties };
  const answer = await fetch(`${service.url}/flags?v=2`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { flags } = (await answer.json()) as { flags: Record<string, { enabled: boolean; variant?: string }> };
  return Object.fromEntries(KEYS.map((key) => [key, flags[key]?.variant ?? flags[key]?.enabled ?? null]));
}

async function answered<T>(reply: Promise<Reply<T>>): Promise<T> {
  const answer = await reply;
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

describe.each(clients)('$name and the demo project', (client) => {
  const { can, unknown } = client;
  const left = reasonToSkip(client);
  let gate: Gate;
  let program: ClientProgram;
  const users = ['ada', 'bob', 'eve'].map(
    (distinctId): Asked => ({
      distinctId,
      groups: {},
      personProperties: can.includes('overrides') ? PERSON : {},
      groupProperties: {},
    }),
  );

  beforeAll(async () => {
    if (left !== undefined) return;
    gate = await Gate.open(service.url);
    program = new ClientProgram(prepare(client, process.env['HALYARD_CLIENTS_NEWEST'] === 'true'));
    await answered(program.open({ host: gate.url, token: demoToken, pollMs: 1000 }));
  }, 600_000);
  afterAll(async () => {
    program?.end();
    await gate?.close();
  });

  it('H240: decides remotely as the service does', async ({ skip }) => {
    skip(left !== undefined, left);
    for (const user of users) {
      const right = await rightValues(user);
      expect(new Set(Object.values(right)).size).toBeGreaterThan(1);
      const { values } = await answered(program.flags({ user, keys: KEYS, local: false }));
      expect([user.distinctId, KEYS.map((key) => values[key] ?? unknown)]).toEqual([
        user.distinctId,
        KEYS.map((key) => right[key] ?? unknown),
      ]);
    }
  });

  it('H165: decides by itself as the service does, with the key that the first start prints', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!can.includes('local'), 'it has no local evaluation');
    await answered(program.close());
    await answered(program.open({ host: gate.url, token: demoToken, secret: demoSecretKey, pollMs: 1000 }));
    const keys = LOCAL_KEYS.filter((key) => key !== 'pro-reports' || can.includes('overrides'));
    const ask = async (user: Asked) => {
      gate.take();
      const { values } = await answered(program.flags({ user, keys, local: true }));
      const isAsked = gate.take().some(({ path }) => /^\/(flags|decide)\/?$/.test(path));
      return isAsked ? null : keys.map((key) => values[key] ?? null);
    };
    const [ada] = users as [Asked];
    // Some fetch the definitions behind the back of whoever asks.
    await waitUntil(async () => (await ask(ada))?.[0] === true);
    for (const user of users) {
      const right = await rightValues(user);
      expect([user.distinctId, await ask(user)]).toEqual([user.distinctId, keys.map((key) => right[key])]);
    }
  });
});
