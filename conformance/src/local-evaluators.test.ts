import fc from 'fast-check';
import { isList, isObject, type JsonValue, jsonText, member } from '@halyard/json';
import { fromLocalEvaluation, KeyWriter, ProjectWriter } from 'halyard/host';
import { createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { createLog, readSettings, type Service, startService } from '@halyard/service';
import { PostHog } from 'posthog-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RandomProject, type RandomUser, tidyProject, wildProject } from './random-project.cases.ts';

/*
 * What a published SDK decides by itself, from the definitions that the service serves, is what `/flags` answers for the same user.
 * Where it cannot decide it asks the service. docs/sdk-differences.md lists what is left.
 */

/** HALYARD_LOCAL_PROJECTS says how many projects are made up; some tens, where nobody says. */
const PROJECTS = Number(process.env['HALYARD_LOCAL_PROJECTS'] ?? 20);

interface Compared {
  readonly project: RandomProject;
  readonly user: RandomUser;
  readonly key: string;
  readonly local: boolean | string;
  readonly remote: boolean | string;
}

describe('posthog-node, evaluating locally', () => {
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
    // It tells on the console what it will ask the service for.
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
  });

  afterAll(async () => {
    vi.restoreAllMocks();
    await service.close();
    await keys.close();
    await writer.close();
    await database.drop();
  });

  /** Every flag that the client decides, for every user of some projects. */
  async function compare(projects: fc.Arbitrary<RandomProject>): Promise<Compared[]> {
    const compared: Compared[] = [];
    for (const project of fc.sample(projects, PROJECTS)) {
      const { token, secret } = await keys.createProject('random');
      await writer.importDefinitions(fromLocalEvaluation(project.definitions), { token });
      const client = new PostHog(token, {
        host: service.url,
        secretKey: secret,
        featureFlagsPollingInterval: 1e9,
      });
      try {
        expect(await client.waitForLocalEvaluationReady(30_000)).toBe(true);
        for (const user of project.users) {
          const decided = await decideLocally(client, user);
          const remote = await askService(token, user);
          for (const [key, local] of Object.entries(decided))
            compared.push({ project, user, key, local, remote: remote[key] ?? false });
        }
      } finally {
        await client.shutdown();
      }
    }
    return compared;
  }

  async function askService(token: string, user: RandomUser): Promise<Record<string, boolean | string>> {
    const response = await fetch(`${service.url}/flags?v=2`, {
      method: 'POST',
      headers: { 'user-agent': 'posthog-node/5' },
      body: JSON.stringify({
        token,
        distinct_id: user.distinctId,
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

  it('decides as the service does where properties are of the kind that filters expect', async () => {
    const compared = await compare(tidyProject);
    expect(compared.filter(({ local, remote }) => local !== remote)).toEqual([]);
    // Most are decided, on and off.
    expect(compared.length).toBeGreaterThan(PROJECTS * 30);
    expect(compared.filter(({ local }) => local !== false).length).toBeGreaterThan(PROJECTS * 10);
  }, 600_000);

  it('decides otherwise only as docs/sdk-differences.md says, whatever is compared with whatever', async () => {
    const compared = await compare(wildProject);
    const other = compared.filter(({ local, remote }) => local !== remote);
    expect(other.filter((one) => !isListed(one))).toEqual([]);
    expect(other.length).toBeLessThan(compared.length / 50);
  }, 600_000);
});

async function decideLocally(client: PostHog, user: RandomUser): Promise<Record<string, boolean | string>> {
  const decided = await client.getAllFlags(user.distinctId, {
    groups: user.groups,
    personProperties: user.personProperties,
    groupProperties: user.groupProperties,
    onlyEvaluateLocally: true,
  });
  return decided;
}

/** Comparisons that the client makes of more texts than the reference does. */
const LOOSE = /^(gte?|lte?|is_date_\w+|semver_\w+)$/;

/** One of the differences that docs/sdk-differences.md lists. */
function isListed({ project, key, local, remote }: Compared): boolean {
  const flag = project.definitions.flags.find((one) => one['key'] === key);
  const operators = operatorsOf(flag ?? {}, project);
  if ([...operators].some((operator) => LOOSE.test(operator))) return true;
  // A condition that it cannot decide is passed over: a later one, which also holds, may have another variant.
  return local !== false && remote !== false;
}

/** The operators of a flag's filters, and of the cohorts and flags that they name, and so on. */
function operatorsOf(of: JsonValue, project: RandomProject): ReadonlySet<string> {
  const { cohorts, flags } = project.definitions;
  const found = new Set<string>();
  const seen = new Set<JsonValue>();
  const walk = (value: JsonValue | undefined): void => {
    if (value === undefined || seen.has(value)) return;
    if (isList(value)) {
      for (const one of value) walk(one);
      return;
    }
    if (!isObject(value)) return;
    seen.add(value);
    const [type, operator] = [member(value, 'type'), member(value, 'operator')];
    if (type === 'cohort') walk(member(cohorts, jsonText(member(value, 'value') ?? null)));
    else if (type === 'flag') walk(flags.find((one) => jsonText(one['id'] ?? null) === member(value, 'key')));
    else if (typeof operator === 'string') found.add(operator);
    for (const one of Object.values(value)) walk(one);
  };
  walk(of);
  return found;
}
