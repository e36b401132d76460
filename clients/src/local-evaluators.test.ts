import type { JsonObject } from '@halyard/json';
import fc from 'fast-check';
import { fromLocalEvaluation, KeyWriter, ProjectWriter } from 'halyard/host';
import { createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { createLog, readSettings, type Service, startService } from '@halyard/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientProgram } from './client-program.ts';
import { clients } from './clients.ts';
import { isExplained } from './explained-decision.ts';
import {
  conditionsOf,
  type Decision,
  type Difference,
  differencesOf,
  evaluators,
  filtersOf,
  textOf,
  withTargets,
} from './local-differences.ts';
import type { Answers } from './contract.ts';
import { pinnedVersion, prepare } from './prepare.ts';
import {
  inWholePercents,
  type RandomProject,
  type RandomUser,
  READY,
  tidyProject,
  wildProject,
} from './random-project.cases.ts';
import { reasonToSkip } from './selection.ts';

/*
 * What a published client decides by itself, from the definitions that the service serves, is what `/flags` answers for the same user.
 * Where it cannot decide, it asks the service or has no value. docs/sdk-differences.md lists what is left.
 */

/** HALYARD_LOCAL_PROJECTS says how many projects of a kind are made up; a dozen, where nobody says. */
const PROJECTS = Number(process.env['HALYARD_LOCAL_PROJECTS'] ?? 12);

/** Decisions of which the contrary is tried. */
const MADE_UP = 150;

/** Kinds of projects: properties are of the kind that filters on them expect, or anything is compared with anything. */
const kinds = {
  any: { tidy: tidyProject, wild: wildProject },
  whole: { tidy: inWholePercents(tidyProject), wild: inWholePercents(wildProject) },
};

let database: TestDatabase;
let keys: KeyWriter;
let writer: ProjectWriter;
let service: Service;

beforeAll(async () => {
  database = await createTestDatabase();
  keys = await KeyWriter.open(database.url);
  writer = await ProjectWriter.open(database.url);
  const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
  service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
});

afterAll(async () => {
  await service.close();
  await keys.close();
  await writer.close();
  await database.drop();
});

describe.each(clients.filter(({ name }) => evaluators.includes(name)))('$name, evaluating locally', (client) => {
  const left = reasonToSkip(client);
  const differences = differencesOf(client.name);
  const projects = client.name === 'posthog-go' ? kinds.whole : kinds.any;
  let program: ClientProgram;

  beforeAll(() => {
    if (left === undefined) program = new ClientProgram(prepare(client, false));
  }, 600_000);
  afterAll(() => program?.end());

  /** What the client decides by itself. */
  async function decided(user: RandomUser, keysOfFlags: readonly string[]): Promise<Answers> {
    const reply = await program.flags({ user, keys: keysOfFlags, local: true });
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.values;
  }

  /** Every flag that the client decides, for every user of some projects. */
  async function decisions(kind: fc.Arbitrary<RandomProject>): Promise<Decision[]> {
    const found: Decision[] = [];
    for (const { project, token, secret, answers } of await askedAbout(kind)) {
      const { flags } = project.definitions;
      const decide = (user: RandomUser) =>
        decided(
          user,
          flags.map((flag) => textOf(flag['key'])),
        );
      await program.open({ host: service.url, token, secret, pollMs: 3_600_000 });
      // Some fetch the definitions behind the back of whoever asks.
      const isReady = async () => (await decide(project.users[0] as RandomUser))[READY] === true;
      await waitUntil(isReady);
      expect(await isReady(), 'it takes no definitions').toBe(true);
      for (const [n, user] of project.users.entries()) {
        const values = await decide(user);
        for (const flag of flags) {
          const key = textOf(flag['key']);
          const local = values[key] ?? null;
          // No value: not decided.
          if (local !== null) found.push({ project, user, flag, local, remote: answers[n]?.[key] ?? false });
        }
      }
      await program.close();
    }
    return found;
  }

  /** What no row of the page explains. */
  async function unexplained(found: readonly Decision[], known: readonly Difference[]): Promise<readonly string[]> {
    const others: string[] = [];
    for (const one of found.filter(({ local, remote }) => local !== remote)) {
      if (others.length < 3 && !(await isExplained(one, client.name, known))) others.push(inWords(one));
    }
    return others;
  }

  it('decides as the service does where properties are of the kind that filters expect', async ({ skip }) => {
    skip(left !== undefined, left);
    const found = await decisions(projects.tidy);
    const known = differences.filter(({ isTidy }) => isTidy);
    expect(await unexplained(found, known)).toEqual([]);
    report('in order', found);
    // No fault could hide behind the rows: had it decided the contrary, that would be found out, but where somebody's filter is in doubt.
    const agreed = found.filter(({ local, remote }) => local === remote).slice(0, MADE_UP);
    const hidden: Decision[] = [];
    for (const one of agreed) {
      const local =
        one.local === false ? (one.flag['filters'] as JsonObject)['multivariate'] === undefined || 'red' : false;
      if (await isExplained({ ...one, local }, client.name, known)) hidden.push(one);
    }
    expect(hidden.length).toBeLessThan(agreed.length / 5);
    if (process.env['HALYARD_LOCAL_PROJECTS'] !== undefined)
      process.stdout.write(`${hidden.length} of ${agreed.length} hide\n`);
    // Most are decided, on and off.
    expect(found.length).toBeGreaterThan(PROJECTS * 20);
    expect(found.filter(({ local }) => local !== false).length).toBeGreaterThan(PROJECTS * 8);
  }, 3_600_000);

  it('decides otherwise only as docs/sdk-differences.md says, whatever is compared with whatever', async ({ skip }) => {
    skip(left !== undefined, left);
    const found = await decisions(projects.wild);
    expect(await unexplained(found, differences)).toEqual([]);
    report('anything', found);
    expect(found.length).toBeGreaterThan(PROJECTS * 10);
  }, 3_600_000);

  function report(what: string, found: readonly Decision[]): void {
    if (process.env['HALYARD_LOCAL_PROJECTS'] === undefined) return;
    const other = found.filter(({ local, remote }) => local !== remote).length;
    process.stdout.write(
      `${client.name} ${pinnedVersion(client)}, ${what}: ${other} of ${found.length} differ, ${PROJECTS} projects\n`,
    );
  }
});

/** A project of the service, and what that answers for each of its users. */
interface Answered {
  readonly project: RandomProject;
  readonly token: string;
  readonly secret: string;
  readonly answers: readonly Record<string, boolean | string>[];
}

/** Made once for all clients. */
const asked = new Map<fc.Arbitrary<RandomProject>, Promise<readonly Answered[]>>();

function askedAbout(projects: fc.Arbitrary<RandomProject>): Promise<readonly Answered[]> {
  const known = asked.get(projects) ?? ask(fc.sample(projects, PROJECTS));
  asked.set(projects, known);
  return known;
}

async function ask(projects: readonly RandomProject[]): Promise<readonly Answered[]> {
  const found: Answered[] = [];
  for (const project of projects) {
    const { token, secret } = await keys.createProject('random');
    await writer.importDefinitions(fromLocalEvaluation(project.definitions), { token });
    const answers = await Promise.all(project.users.map((user) => askService(token, user)));
    found.push({ project, token, secret, answers });
  }
  return found;
}

async function askService(token: string, user: RandomUser): Promise<Record<string, boolean | string>> {
  const response = await fetch(`${service.url}/flags?v=2`, {
    method: 'POST',
    headers: { 'user-agent': 'posthog-node/5' },
    body: JSON.stringify({
      token,
      distinct_id: user.distinctId,
      ...(user.deviceId === undefined ? {} : { $device_id: user.deviceId }),
      person_properties: user.personProperties,
      groups: user.groups,
      group_properties: user.groupProperties,
    }),
  });
  const { flags } = (await response.json()) as {
    flags: Record<string, { enabled: boolean; variant?: string | null }>;
  };
  return Object.fromEntries(Object.entries(flags).map(([key, { enabled, variant }]) => [key, variant ?? enabled]));
}

/** With what the flag looks at, and no more. */
function inWords({ project, user, flag, local, remote }: Decision): string {
  const [, ...targets] = withTargets(flag, project);
  const filters = [flag, ...targets].flatMap((one) => conditionsOf(one).flatMap(filtersOf));
  const cohorts = filters.flatMap(({ type, value }) =>
    type === 'cohort' ? [[textOf(value), project.definitions.cohorts[textOf(value)]]] : [],
  );
  return JSON.stringify({ local, remote, user, flag, targets, cohorts: Object.fromEntries(cohorts) as unknown });
}
