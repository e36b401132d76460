import { KeyWriter, ProjectWriter } from 'halyard/host';
import { ask as askDatabase, createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { createLog, readSettings, type Service, startService } from '@halyard/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientProgram, type Command, type Flags, type Reply } from './client-program.ts';
import { type Client, clients } from './clients.ts';
import { type Answers, contract, DEVICE_FLAG, flagKeys, localKeys, type User, writeProject } from './contract.ts';
import { Gate, type Seen } from './gate.ts';
import { pinnedVersion, prepare } from './prepare.ts';
import { type Result, readResults, writeResult } from './results.ts';
import { reasonToSkip } from './selection.ts';

/*
 * PostHog's clients as published, each a process of its own, against the service on a real PostgreSQL. A gate between them sees what they
 * ask, and stands in their way.
 */

const newest = process.env['HALYARD_CLIENTS_NEWEST'] === 'true';
/** Writes what was found down, instead of holding it against what is written. */
const recording = process.env['HALYARD_CLIENTS_RECORD'] === 'true';

const FAILURES = [401, 402, 429, 503, 'cut'] as const;
const EVENT = 'tried a client';
/** Paths at which the service evaluates. */
const EVALUATION = /^\/(flags|decide)\/?$/;
/** Paths at which it serves definitions. */
const DEFINITIONS = /definitions|local_evaluation/;
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
  const settings = readSettings({
    DATABASE_URL: database.url,
    PORT: '0',
    FLAGS_SECRET_KEYS: contract.remoteConfig.sealed.key,
  });
  service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
});

afterAll(async () => {
  await service.close();
  await keyWriter.close();
  await writer.close();
  await database.drop();
});

describe.each(clients)('$name, as published', (client) => {
  const { name, can, unknown } = client;
  const token = `phc_${name.replaceAll(/\W/g, '_')}`;
  const left = reasonToSkip(client);
  let gate: Gate;
  let command: Command;
  let program: ClientProgram;
  let found: {
    remote: Answers;
    local?: Answers;
    polls?: 'a 304' | 'all of them';
    polling?: Record<string, string>;
    sealed?: string;
    failures: Record<string, { gets: string; requests: number }>;
  };
  const requests = new Set<string>();
  const agents = new Set<string>();

  beforeAll(async () => {
    if (left !== undefined) return;
    found = { remote: {}, failures: {} };
    await writeProject(writer, token, 'first');
    gate = await Gate.open(service.url);
    command = prepare(client, newest);
    program = new ClientProgram(command);
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

  it('I72, I130: sets what is stored of a person, once it is answered', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!can.includes('persons'), 'its program sets nothing');
    const id = `known by ${name}`;
    await answered(program.capture({ distinctId: id, event: 'signed up', set: { plan: 'pro', n: 1 } }));
    const stored = (): Promise<unknown[]> =>
      askDatabase(
        database.url,
        `select p.properties ->> 'plan' from posthog_person p join posthog_persondistinctid d on d.person_id = p.id
          join posthog_team t on t.id = d.team_id where d.distinct_id = '${id}' and t.api_token = '${token}'`,
      );
    await waitUntil(async () => (await stored()).length > 0);
    expect(await stored()).toEqual(['pro']);
    expect([...new Set(seen().map(({ status }) => status))]).toEqual([200]);
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
  /** Definitions that were asked for since the last call. */
  const polls = (): readonly number[] =>
    seen()
      .filter(({ method, path }) => method === 'GET' && DEFINITIONS.test(path))
      .map(({ status }) => status);
  /** Opens the client anew, with a key. */
  const openWith = async (secret: string, every = pollMs): Promise<void> => {
    await answered(program.close());
    seen();
    await answered(program.open({ host: gate.url, token, secret, pollMs: every }));
  };
  const teamId = async (): Promise<number> => (await keyWriter.projects(token))[0]?.teamId ?? 0;

  it('H165, H173: decides by itself as the service does', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!locally, 'it has no local evaluation');
    await openWith(await keyWriter.rotateSecret(await teamId()));
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
    // Some ask twice before they remember the tag.
    await waitUntil(() => polled.push(...polls()) >= 2);
    found.polls = polled.at(-1) === 304 ? 'a 304' : 'all of them';
    polled.length = 0;
    await writeProject(writer, token, 'changed');
    const value = async () => {
      const { values } = await answered(program.flags({ user, keys: [contract.change.flag], local: true }));
      return values[contract.change.flag];
    };
    await waitUntil(async () => (await value()) === false);
    expect(await value()).toBe(false);
    polled.push(...polls());
    expect(polled).toContain(200);
    await writeProject(writer, token, 'changed back');
  });

  it('H178: keeps its definitions, or has no value, while polls fail, and polls on', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!locally, 'it has no local evaluation');
    const [user] = contract.users.filter(({ local }) => local) as [User];
    const keys = [contract.change.flag];
    const value = async () => {
      const reply = await program.flags({ user, keys, local: true });
      return reply.error === undefined ? JSON.stringify(reply.values[contract.change.flag] ?? null) : 'an error';
    };
    const secret = await keyWriter.rotateSecret(await teamId());
    found.polling = {};
    for (const conduct of FAILURES) {
      // In a process of its own: what some of them opened before polls on, and would be taken for this one.
      program.end();
      program = new ClientProgram(command);
      await answered(program.open({ host: gate.url, token, pollMs }));
      await openWith(secret, 300);
      await waitUntil(async () => (await value()) === 'true');
      polls();
      gate.conduct = conduct;
      const status = conduct === 'cut' ? 0 : conduct;
      const failed: number[] = [];
      // What the first one did is done when the second one comes.
      await waitUntil(() => failed.push(...polls().filter((one) => one === status)) >= 2);
      const said = await value();
      expect([conduct, said]).toEqual([conduct, expect.stringMatching(/^(true|null|an error)$/)]);
      found.polling[conduct] = { true: 'what it had', null: 'no value' }[said] ?? said;
      gate.conduct = 'pass';
      const passed: number[] = [];
      await waitUntil(() => passed.push(...polls().filter((one) => one === 200 || one === 304)) >= 2);
      if ((await value()) !== 'true') found.polling[conduct] += ', until definitions change';
      await writeProject(writer, token, 'changed');
      await waitUntil(async () => (await value()) === 'false');
      expect([conduct, await value()]).toEqual([conduct, 'false']);
      await writeProject(writer, token, 'changed back');
    }
  });

  it('H185, H190: reads a remote configuration', async ({ skip }) => {
    skip(left !== undefined, left);
    skip(!can.includes('remoteConfig'), 'it cannot read any');
    const { flag, payload } = contract.remoteConfig;
    expect((await answered(program.remoteConfig(flag.key))).payload).toEqual(payload);
  });

  it('H189: reads an encrypted one with a personal key, and sees with a secret key that there is one', async ({
    skip,
  }) => {
    skip(left !== undefined, left);
    skip(!can.includes('remoteConfig'), 'it cannot read any');
    const { flag, payload, mask } = contract.remoteConfig.sealed;
    expect((await answered(program.remoteConfig(flag.key))).payload).toBe(mask);
    const grant = { label: name, scopes: ['feature_flag:read'] } as const;
    const { secret } = await keyWriter.createPersonalKey(await teamId(), 'ada@example.com', grant, false);
    await openWith(secret, 60_000);
    const reply = await program.remoteConfig(flag.key);
    if (reply.error === undefined) expect(reply.payload).toEqual(payload);
    found.sealed = reply.error === undefined ? 'yes' : `no: ${errorInWords(reply.error)}`;
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

/** The flags that a client can be asked about. */
function keysFor({ can }: Client, { deviceId }: User): readonly string[] {
  return flagKeys.filter((key) => key !== DEVICE_FLAG || (can.includes('device') && deviceId !== undefined));
}

async function answered<T>(reply: Promise<Reply<T>>): Promise<T> {
  const answer = await reply;
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

function errorInWords(error: string): string {
  // Without the address of this run, and without the body of an answer.
  const text = error.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST').replace(/: \{.*$/, '');
  return `an error, "${text.replaceAll('"', "'")}"`;
}

function inWords(reply: Reply<Flags>, keys: readonly string[]): string {
  if (reply.error !== undefined) return errorInWords(reply.error);
  const values = [...new Set(keys.map((key) => JSON.stringify(reply.values[key] ?? null)))];
  const said = values.join(', ') === 'null' ? 'no value' : values.join(', ');
  return reply.failed === undefined ? said : `${said} (${reply.failed})`;
}
