import { createHash, randomBytes } from 'node:crypto';
import { ask, createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { startHalyard } from '../http/server-process.ts';
import { median } from '../measure.ts';
import { fillLargeProject } from '../postgres/large-project.ts';

const SIZES = { small: 100, large: 10_000 };
type Project = keyof typeof SIZES;
const PROJECTS = Object.keys(SIZES) as readonly Project[];

/** Rounds of every question before the first that counts. */
const WARM_UP = 3;

interface Question {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  /** Of this round. */
  readonly body?: (round: number) => object;
}

const filters = (round: number) => ({ groups: [{ rollout_percentage: round % 101 }] });
const questions: readonly Question[] = [
  { name: 'a page of 100 flags', method: 'GET', path: '/feature_flags/?limit=100' },
  { name: 'its last page, by name', method: 'GET', path: '/feature_flags/?limit=100&offset=LAST&order=name' },
  { name: 'a search', method: 'GET', path: '/feature_flags/?search=feature%207' },
  { name: 'a key', method: 'GET', path: '/feature_flags/?key=cart-feature-4' },
  { name: 'one flag', method: 'GET', path: '/feature_flags/cart-feature-4/' },
  {
    name: 'a save, evaluated with when it is answered',
    method: 'PATCH',
    path: '/feature_flags/cart-feature-4/',
    body: (round) => ({ filters: filters(round) }),
  },
  {
    name: 'a new flag',
    method: 'POST',
    path: '/feature_flags/',
    body: (round) => ({ key: `new-${round}`, filters: filters(round) }),
  },
];

/**
 * The management API in a project of ten thousand flags beside one of a hundred in the same database and process, asked in turn: how long
 * until it answers. What flags are evaluated as after a save is asked at once and has to be what was saved (M53).
 */
export async function runManageArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  try {
    const database = await createTestDatabase({}, postgres.url);
    for (const project of PROJECTS) await fillLargeProject(database.url, `phc_${project}`, SIZES[project]);
    const key = await makeKey(database.url);
    const halyard = await startHalyard(database.url);
    try {
      return await measure(database.url, halyard.url, key, print, quick ? 5 : 20);
    } finally {
      await halyard.stop();
      await database.drop();
    }
  } finally {
    await postgres.stop();
  }
}

async function makeKey(databaseUrl: string): Promise<string> {
  const key = `phx_${randomBytes(24).toString('hex')}`;
  const digest = createHash('sha256').update(key).digest('hex');
  await ask(
    databaseUrl,
    `with u as (insert into posthog_user (email, first_name) values ('ada@example.com', 'Ada') returning id),
          m as (insert into posthog_organizationmembership (user_id, organization_id, level)
                select distinct u.id, t.organization_id, 15 from u, posthog_team t)
     insert into posthog_personalapikey (id, user_id, label, mask_value, secure_value, scopes)
     select 'bench', id, 'bench', 'phx_...', 'sha256$${digest}', '{*}' from u`,
  );
  return key;
}

async function measure(
  databaseUrl: string,
  url: string,
  key: string,
  print: (line: string) => void,
  rounds: number,
): Promise<boolean> {
  const ids = new Map<Project, unknown>();
  for (const project of PROJECTS) {
    ids.set(project, (await ask(databaseUrl, `select id from posthog_team where api_token = 'phc_${project}'`))[0]);
  }
  const times = new Map<string, number[]>();
  let agreed = true;
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    for (const { name, method, path, body } of questions) {
      for (const project of PROJECTS) {
        const before = performance.now();
        const last = `${SIZES[project] - 100}`;
        const response = await fetch(`${url}/api/projects/${String(ids.get(project))}${path.replace('LAST', last)}`, {
          method,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body(round)) }),
        });
        const answer = (await response.json()) as { readonly version?: number };
        const took = performance.now() - before;
        if (!response.ok) throw new Error(`${name}: ${response.status} ${JSON.stringify(answer)}`);
        if (method === 'PATCH') agreed = (await versionSeen(url, project)) === answer.version && agreed;
        if (round >= WARM_UP) times.set(`${project} ${name}`, [...(times.get(`${project} ${name}`) ?? []), took]);
      }
    }
  }
  print(
    `${rounds} rounds, in ms: the median of ${SIZES.large} flags and its ratio to that of ${SIZES.small}; the longest`,
  );
  for (const { name } of questions) {
    const [small, large] = PROJECTS.map((project) => times.get(`${project} ${name}`) ?? []) as [number[], number[]];
    const ratio = median(large) / median(small);
    const figures = `${median(large).toFixed(1).padStart(8)} ${ratio.toFixed(1).padStart(6)}×`;
    print(
      `  ${name.padEnd(46)}${figures} ${Math.max(...large)
        .toFixed(1)
        .padStart(9)}`,
    );
  }
  if (!agreed) print('  A save was answered before flags were evaluated with it.');
  return agreed;
}

/** The version of the saved flag that `/flags` answers with. */
async function versionSeen(url: string, project: Project): Promise<unknown> {
  const response = await fetch(`${url}/flags?v=2`, {
    method: 'POST',
    body: JSON.stringify({
      token: `phc_${project}`,
      distinct_id: 'bench',
      flag_keys_to_evaluate: ['cart-feature-4'],
    }),
  });
  const { flags } = (await response.json()) as {
    readonly flags: Readonly<Record<string, { readonly metadata: { readonly version: number } }>>;
  };
  return flags['cart-feature-4']?.metadata.version;
}
