import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from './managed-service.cases.ts';

/*
 * Django REST Framework and drf-exceptions-hog, which the reference is made of, answered the same wrong requests
 * (conformance/envelopes/record.py).
 */

interface Wrong {
  readonly what: string;
  readonly to: 'key' | 'project' | 'member';
  readonly method?: string;
  readonly type?: string;
  readonly json?: unknown;
  readonly text?: string;
}

interface Recorded {
  readonly what: string;
  readonly status: number;
  readonly body: {
    readonly type: string;
    readonly code: string;
    readonly detail: string;
    readonly attr: string | null;
  };
}

const folder = new URL('../../../../conformance/envelopes/', import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
const wrongs = read('requests.json') as readonly Wrong[];
const answers = new Map((read('answers.json') as readonly Recorded[]).map((answer) => [answer.what, answer]));

describe('the error envelope beside that of Django REST Framework', () => {
  let service: ManagedService;
  let headers: Record<string, string>;
  const paths = { key: '/api/personal_api_keys/', project: '', member: '' };
  const methods = { key: 'POST', project: 'PATCH', member: 'PATCH' };

  beforeAll(async () => {
    service = await startManagedService();
    const shop = await service.organization('Shop');
    const ada = await service.user('ada@example.com', { [shop]: 15 });
    paths.project = `/api/projects/${await service.project(shop, 'First')}/`;
    const [uuid] = await service.sql(`select uuid from posthog_user where id = ${ada}`);
    paths.member = `/api/organizations/${shop}/members/${String(uuid)}/`;
    headers = await service.browser(ada);
  });
  afterAll(() => service.stop());

  it('M20: every request was recorded', () => {
    expect(wrongs.map(({ what }) => what)).toEqual([...answers.keys()]);
    expect(wrongs).toHaveLength(27);
  });

  it.each(wrongs)('M20, M21: $what', async ({ what, to, method, type = 'application/json', json, text }) => {
    const recorded = answers.get(what);
    const sent = { raw: text ?? JSON.stringify(json), headers: { ...headers, 'content-type': type } };
    const { status, body } = await service.send(method ?? methods[to], paths[to], sent);
    expect(status).toBe(recorded?.status);
    const { type: kind, code, detail, attr } = body as Recorded['body'];
    // Where a parser stops is its own affair.
    const said = (sentence: string) => sentence.replace(/^(JSON parse error - ).*/, '$1…');
    expect({ type: kind, code, detail: said(detail), attr }).toEqual({
      ...recorded?.body,
      detail: said(recorded?.body.detail ?? ''),
    });
  });
});
