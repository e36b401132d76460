import { CompiledProject, compile, fromLocalEvaluation, MemoryStore } from 'halyard/host';
import { describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { demoCurl, demoRequest, demoToken } from './demo.ts';
import { demoDefinitions } from './demo-definitions.ts';
import { demoFacts } from './demo-facts.ts';

const definitions = fromLocalEvaluation(demoDefinitions, { teamId: 1 });

async function answerFor(body: object): Promise<unknown> {
  const store = new MemoryStore([{ token: demoToken, definitions, facts: demoFacts }]);
  const loaded = await store.definitions.load(demoToken);
  if (loaded === null) throw new Error('no demo project');
  const project = new CompiledProject(loaded.project, compile(definitions), loaded.revision, store.facts);
  const app = createApp({
    projects: { byToken: (token) => (token === demoToken ? project : null) },
    health: { draining: false, waiting: false, warmUp: () => Promise.resolve() },
    clock: () => Date.UTC(2026, 10, 22),
    trustProxy: false,
    decideByPath: true,
    neighbours: true,
    onError: (error) => {
      throw error;
    },
  });
  const request = {
    method: 'POST',
    url: '/flags?v=2',
    headers: { 'content-type': 'application/json', 'user-agent': 'curl/8.5.0' },
    body: Buffer.from(JSON.stringify(body)),
    peer: '127.0.0.1',
  };
  const response = await app.handle(request, app.record(request));
  return JSON.parse(response.body as string);
}

/** The flags of an answer as `key: value`. */
async function valuesFor(body: object): Promise<Record<string, unknown>> {
  const { flags } = (await answerFor(body)) as { flags: Record<string, { enabled: boolean; variant: string | null }> };
  return Object.fromEntries(Object.entries(flags).map(([key, { enabled, variant }]) => [key, variant ?? enabled]));
}

describe('demo project', () => {
  it('has no problem, and at least a dozen flags', () => {
    expect(compile(definitions).problems).toEqual([]);
    expect(definitions.flags.length).toBeGreaterThanOrEqual(12);
  });

  it('answers the printed request with every active flag', async () => {
    expect(await answerFor(demoRequest)).toMatchObject({ errorsWhileComputingFlags: false });
    expect(await valuesFor(demoRequest)).toEqual({
      'new-checkout': true,
      'dark-mode': false,
      'button-color': 'red',
      'pro-reports': true,
      'beta-search': true,
      'team-dashboard': true,
      'europe-launch': true,
      'vip-support': true,
      'smart-cart': true,
      'welcome-tour': false,
      'install-banner': true,
      'pricing-test': 'annual-first',
      'labs-preview': false,
      'api-limits': true,
      'mobile-onboarding': true,
      'careful-launch': false,
    });
  });

  it('answers somebody else otherwise', async () => {
    expect(await valuesFor({ token: demoToken, distinct_id: 'grace' })).toMatchObject({
      'button-color': 'blue',
      'beta-search': false,
      'team-dashboard': false,
      'europe-launch': false,
      'vip-support': true,
      'smart-cart': false,
      'labs-preview': true,
    });
    expect(await valuesFor({ token: demoToken, distinct_id: 'linus' })).toMatchObject({
      'pro-reports': false,
      'europe-launch': true,
      'vip-support': false,
    });
  });

  it('prints a line that holds the request and survives a shell', () => {
    const line = demoCurl('http://127.0.0.1:8000');
    expect(line).toContain("'http://127.0.0.1:8000/flags?v=2'");
    const quoted = line.match(/'[^']*'/g) ?? [];
    expect(quoted).toHaveLength(3);
    expect(JSON.parse(quoted.at(-1)?.slice(1, -1) ?? '')).toEqual(demoRequest);
  });
});
