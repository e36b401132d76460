import { KeyWriter, ProjectWriter } from 'halyard/host';
import { createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { createLog, readSettings, type Service, startService } from '@halyard/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientProgram, type Flags, type Reply } from './client-program.ts';
import { type Client, clients } from './clients.ts';
import { type Answers, contract, DEVICE_FLAG, flagKeys, localKeys, type User, writeProject } from './contract.ts';
import { Gate, type Seen } from './gate.ts';
import { missingTools, pinnedVersion, prepare } from './prepare.ts';
import { type Result, readResults, writeResult } from './results.ts';

/*
 * PostHog's clients as published, each a process of its own, against the service on a real PostgreSQL. A gate between them sees what they
 * ask, and stands in their way.
 */

/** Languages or clients, with commas between them; those in JavaScript are always tried, unless only the named ones are wanted. */
const named = (process.env['HALYARD_CLIENTS'] ?? '').split(',');
const always: readonly string[] = process.env['HALYARD_CLIENTS_ONLY'] === 'true' ? [] : ['js'];
const newest = process.env['HALYARD_CLIENTS_NEWEST'] === 'true';
/** Writes what was found down, instead of holding it against what is written. */
const recording = process.env['HALYARD_CLIENTS_RECORD'] === 'true';

const FAILURES = [401, 402, 429, 503, 'cut'] as const;
const EVENT = 'tried a client';
/** Paths at which the service evaluates. */
const EVALUATION = /^\/(flags|decide)\/?$/;
/** Where definitions are asked for often enough not to be waited for. */
const pollMs = 1000;

let database: TestDatabase;
let writer: ProjectWriter;
let keyWriter: KeyWriter;
let service: Service;

beforeAll(async () => {
  database = await createTestDatabase();
  writer = await ProjectWriter.open(database.url);
  keyWriter = await KeyWriter.open(database.url);
  const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
  service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
});

afterAll(async () => {
  await service.close();
  await keyWriter.close();
  await writer.close();
  await database.drop();
});

describe.each(clients)('$name, as published', (client) => {
  const { name, language, can, unknown } = client;
  const token = `phc_${name.replaceAll(/\W/g, '_')}`;
  const missing = missingTools(language);
  const left = reasonToSkip(client, missing);
  let gate: Gate;
  let program: ClientProgram;
  let found: {
    remote: Answers;
    local?: Answers;
    polls?: 'a 304' | 'all of them';
    failures: Record<string, { gets: string; requests: number }>;
  };
  const requests = new Set<string>();
  const agents = new Set<string>();

  beforeAll(async () => {
    if (left !== undefined) return;
    found = { remote: {}, failures: {} };
    await writeProject(writer, token, 'first');
    gate = await Gate.open(service.url);
    program = new ClientProgram(prepare(client, newest));
    await answered(program.open({ host: gate.url, token, pollMs }));
  }, 600_000);
  afterAll(async () => {
    program?.end();
    await gate?.close();
  });

  /** What the gate saw since the last call, also kept for the record. */
  const seen = (): readonly Seen[] => {
    const some = gate.take();
    for (const { method, path, query, userAgent } of some) {
      const version = /(^|&)v=\d+/.exec(query)?.[0].replace('&', '') ?? '';
      requests.add(`${method} ${path.replaceAll(token, '{token}')}${version === '' ? '' : `?${version}`}`);
      agents.add(userAgent);
    }
    return some;
  };

  it('H240, H242: gets the right values and payloads, remotely', async ({ skip }) => {
    skip(left !== undefined, left);
    const wrong: Record<string, unknown> = {};
    const asked = contract.users.filter(({ needs }) => needs.every((need) => can.includes(need)));
    expect(asked.length).toBeGreaterThan(1);
    for (const user of asked) {
      const { values, payloads } = await answered(program.flags({ user, keys: flagKeys, local: false }));
      for (const key of keysFor(client, user)) {
        const right = user.values[key] ?? unknown;
        if ((values[key] ?? null) !== right)
          wrong[key] = { ...(wrong[key] as object), [user.about]: values[key] ?? null };
        if (can.includes('payloads')) expect([key, payloads[key] ?? null]).toEqual([key, user.payloads[key] ?? null]);
      }
    }
    found.remote = wrong as Answers;
    expect(seen().map(({ status }) => status)).toEqual(expect.arrayContaining([200]));
  });

  it('sees a flag that changed', async ({ skip }) => {
    skip(left !== undefined, left);
    const [user] = contract.users as [User];
    const keys = Object.keys(contract.change.values);
    const ask = async () => (await answered(program.flags({ user, keys, local: false }))).values;
    expect(await ask()).toMatchObject({ [contract.change.flag]: true });
    await writeProject(writer, token, 'changed');
    await waitUntil(async () => (await ask())[contract.change.flag] === false);
    expect(await ask()).toEqual(contract.change.values);
    await writeProject(writer, token, 'changed back');
    await waitUntil(async () => (await ask())[contract.change.flag] === true);
    expect([...new Set(seen().map(({ status }) => status))]).toEqual([200]);
  });

  it('H243: delivers an event once', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!can.includes('events'), 'it sends no events');
    seen();
    await answered(program.capture({ distinctId: 'ada', event: EVENT }));
    const delivered = () => gate.seen.filter(({ body }) => body.includes(EVENT));
    await waitUntil(() => delivered().length > 0);
    const statuses = delivered().map(({ status }) => status);
    seen();
    expect(statuses).toEqual([200]);
  });

  it.for(FAILURES)('gets over %s', async (conduct, { skip }) => {
    skip(left !== undefined, left);
    const [user] = contract.users as [User];
    const keys = [contract.change.flag, 'colour'];
    seen();
    await answered(program.close());
    await answered(program.open({ host: gate.url, token, pollMs }));
    gate.conduct = conduct;
    const reply = await program.flags({ user, keys, local: false });
    const asked = seen().filter(({ path }) => EVALUATION.test(path)).length;
    gate.conduct = 'pass';
    found.failures[conduct] = { gets: inWords(reply, keys), requests: asked };
    const { values } = await answered(program.flags({ user, keys, local: false }));
    expect(values).toEqual(Object.fromEntries(keys.map((key) => [key, user.values[key]])));
    seen();
  });

  const locally = can.includes('local');

  it('H165, H173: decides by itself as the service does', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!locally, 'it has no local evaluation');
    const [project] = await keyWriter.projects(token);
    const secret = await keyWriter.rotateSecret(project?.teamId ?? 0);
    await answered(program.close());
    seen();
    await answered(program.open({ host: gate.url, token, secret, pollMs }));
    const users = contract.users.filter(({ local }) => local);
    const ask = async (user: User, key: string) => {
      seen();
      const { values } = await answered(program.flags({ user, keys: [key], local: true }));
      return seen().some(({ path }) => EVALUATION.test(path)) ? 'asks the service' : (values[key] ?? null);
    };
    // Some fetch the definitions behind the back of whoever asks.
    const first = () => ask(users[0] as User, contract.change.flag);
    await waitUntil(async () => (await first()) === true);
    expect(await first()).toBe(true);
    const wrong: Record<string, unknown> = {};
    for (const user of users) {
      for (const key of localKeys(client)) {
        const right = contract.locally[key] ?? user.values[key];
        const said = await ask(user, key);
        if (said !== right) wrong[key] = { ...(wrong[key] as object), [user.about]: said };
      }
    }
    found.local = wrong as Answers;
  });

  it('H170, H178: polls, and sees a flag that changed', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!locally, 'it has no local evaluation');
    const [user] = contract.users.filter(({ local }) => local) as [User];
    const polled: number[] = [];
    const polls = () => {
      for (const { method, path, status } of seen())
        if (method === 'GET' && /definitions|local_evaluation/.test(path)) polled.push(status);
      return polled.length;
    };
    // Some ask twice before they remember the tag.
    await waitUntil(() => polls() >= 2);
    found.polls = polled.at(-1) === 304 ? 'a 304' : 'all of them';
    polled.length = 0;
    await writeProject(writer, token, 'changed');
    const value = async () => {
      const { values } = await answered(program.flags({ user, keys: [contract.change.flag], local: true }));
      return values[contract.change.flag];
    };
    await waitUntil(async () => (await value()) === false);
    expect(await value()).toBe(false);
    polls();
    expect(polled).toContain(200);
    await writeProject(writer, token, 'changed back');
  });

  it('H185, H190: reads a remote configuration', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!can.includes('remoteConfig'), 'it cannot read any');
    const { flag, payload } = contract.remoteConfig;
    expect((await answered(program.remoteConfig(flag.key))).payload).toEqual(payload);
  });

  it('does what is written down', async ({ skip }) => {
    skip(left !== undefined, left);
    await answered(program.close());
    seen();
    const result: Result = {
      version: pinnedVersion(client),
      userAgents: [...agents].sort(),
      ...found,
      requests: [...requests].sort(),
    };
    if (recording) writeResult(name, result);
    // A newer release may do otherwise; that it gives right answers was seen above.
    if (newest) expect(result.remote).toEqual(readResults()[name]?.remote);
    else expect(result).toEqual(readResults()[name]);
  });
});

function reasonToSkip({ name, language }: Client, missing: readonly string[]): string | undefined {
  if (![...named, ...always].some((wanted) => wanted === language || wanted === name))
    return `NOT RUN: HALYARD_CLIENTS does not name ${language}`;
  return missing.length === 0 ? undefined : `NOT RUN: ${missing.join(' and ')} cannot be found`;
}

/** The flags that a client can be asked about. */
function keysFor({ can }: Client, { deviceId }: User): readonly string[] {
  return flagKeys.filter((key) => key !== DEVICE_FLAG || (can.includes('device') && deviceId !== undefined));
}

async function answered<T>(reply: Promise<Reply<T>>): Promise<T> {
  const answer = await reply;
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

function inWords(reply: Reply<Flags>, keys: readonly string[]): string {
  if (reply.error !== undefined) {
    // Without the address of this run, and without the body of an answer.
    const text = reply.error.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST').replace(/: \{.*$/, '');
    return `an error, "${text.replaceAll('"', "'")}"`;
  }
  const values = [...new Set(keys.map((key) => JSON.stringify(reply.values[key] ?? null)))];
  const said = values.join(', ') === 'null' ? 'no value' : values.join(', ');
  return reply.failed === undefined ? said : `${said} (${reply.failed})`;
}
