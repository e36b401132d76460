import { createHash, randomBytes } from 'node:crypto';
import { ask, createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { startHalyard } from '../http/server-process.ts';
import { writeManyFlags } from '../many-flags.ts';
import { median } from '../measure.ts';

/** A small project and a large one, side by side. */
const SIZES = [100, 10_000] as const;

interface Project {
  readonly send: (method: string, path: string, json?: object) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What a request is called, and how it is asked the nth time. */
const REQUESTS: readonly (readonly [string, (project: Project, n: number) => Promise<unknown>])[] = [
  ['list, a page of 50', ({ send }) => send('GET', '?limit=50')],
  ['list, the second page', ({ send }) => send('GET', '?limit=50&offset=50')],
  ['list, by last call', ({ send }) => send('GET', '?limit=50&ordering=-last_called_at')],
  ['list, stale ones', ({ send }) => send('GET', '?limit=50&active=STALE')],
  ['search', ({ send }, n) => send('GET', `?limit=50&search=feature-${n}`)],
  ['one flag', ({ send }, n) => send('GET', `${n + 1}/`)],
  [
    'create',
    ({ send }, n) => send('POST', '', { key: `new-${n}`, filters: { groups: [{ rollout_percentage: n % 100 }] } }),
  ],
  [
    'save another rollout',
    ({ send }, n) => send('PATCH', `${n + 1}/`, { filters: { groups: [{ rollout_percentage: n % 100 }] } }),
  ],
];

/**
 * Requests of the management API in a project of a hundred flags and in one of ten thousand. Who asks for flags after a save is answered with
 * what was saved: the save is answered once this process evaluates with it (M53), which is part of its time.
 */
export async function runManagementArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  try {
    const projects: Project[] = [];
    try {
      for (const size of SIZES) projects.push(await open(postgres.url, size));
      await measure(projects, print, quick ? 10 : 40);
      return true;
    } finally {
      for (const { stop } of projects) await stop();
    }
  } finally {
    await postgres.stop();
  }
}

async function measure(projects: readonly Project[], print: (line: string) => void, rounds: number): Promise<void> {
  const heads = SIZES.map((size) => `${size} flags`.padStart(14)).join('');
  print(`${'middle and longest of each, in ms'.padEnd(36)}${heads}`);
  for (const [name, request] of REQUESTS) {
    const times: number[][] = projects.map(() => []);
    for (let n = 0; n < rounds; n++) {
      for (const [at, project] of projects.entries()) {
        const begun = performance.now();
        await request(project, n);
        // The first time of each is of cold plans and code.
        if (n > 0) times[at]?.push(performance.now() - begun);
      }
    }
    const figures = times.map((each) => `${median(each).toFixed(1)} ${Math.max(...each).toFixed(0)}`.padStart(14));
    print(`  ${name.padEnd(34)}${figures.join('')}`);
  }
}

async function open(server: string, flags: number): Promise<Project> {
  const database = await createTestDatabase({}, server);
  await writeManyFlags(database.url, flags);
  const key = `phx_${randomBytes(24).toString('base64url')}`;
  const digest = createHash('sha256').update(key).digest('hex');
  const [project] = await ask(
    database.url,
    `with u as (insert into posthog_user (email, first_name) values ('ada@example.com', 'Ada') returning id),
          m as (insert into posthog_organizationmembership (user_id, organization_id, level)
                select u.id, t.organization_id, 15 from u, posthog_team t)
     insert into posthog_personalapikey (id, user_id, label, mask_value, secure_value, scopes)
     select 'bench', id, 'bench', '', 'sha256$${digest}', '{*}' from u
     returning (select id from posthog_team)`,
  );
  const halyard = await startHalyard(database.url);
  const evaluate = async (): Promise<void> => {
    const body = JSON.stringify({ token: 'phc_bench', distinct_id: 'ada', flag_keys_to_evaluate: ['cart-feature-0'] });
    const answer = await fetch(`${halyard.url}/flags?v=2`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`/flags: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  // Only what is evaluated with has to be read again after a save.
  await evaluate();
  return {
    send: async (method, path, json) => {
      const answer = await fetch(`${halyard.url}/api/projects/${String(project)}/feature_flags/${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    },
    stop: async () => {
      await halyard.stop();
      await database.drop();
    },
  };
}
