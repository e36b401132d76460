import { Agent, request as httpRequest } from 'node:http';
import {
  createRouter,
  type Definitions,
  PostgresDefinitionSource,
  PostgresFactSource,
  ProjectRegistry,
  ProjectWriter,
  type Router,
} from 'halyard/host';
import { createTestDatabase, startThrowawayPostgres, type ThrowawayPostgres } from '@halyard/data/testing';
import { type JsonObject, jsonText, type JsonValue, parseJson, parseStored } from '@halyard/json';
import { createApp, listen, type Listening } from '@halyard/service';
import { isObject, need, nowOf } from '../vectors.ts';
import type { Answer, Door, FlagAnswer } from './door.ts';
import { definitionsOf, storedFactsOf } from './scenario.ts';

/** Field of a vector's request → field of the body. The others have the same name. */
const BODY_FIELDS: Readonly<Record<string, string>> = {
  anon_distinct_id: '$anon_distinct_id',
  device_id: '$device_id',
};

/**
 * The service on a real PostgreSQL, asked over a real socket. Each case is a project of its own in the database; only the
 * clock is not the world's, so that cases with a `now` can be told.
 */
export class HttpDoor implements Door {
  readonly #postgres: ThrowawayPostgres;
  readonly #writer: ProjectWriter;
  readonly #router: Router;
  readonly #service: Listening;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #tokens = new Map<JsonObject, string>();
  readonly #clock: { now: number };

  private constructor(parts: {
    postgres: ThrowawayPostgres;
    writer: ProjectWriter;
    router: Router;
    service: Listening;
    clock: { now: number };
  }) {
    this.#postgres = parts.postgres;
    this.#writer = parts.writer;
    this.#router = parts.router;
    this.#service = parts.service;
    this.#clock = parts.clock;
  }

  static async open(): Promise<HttpDoor> {
    const postgres = await startThrowawayPostgres();
    const { url } = await createTestDatabase({}, postgres.url);
    const clock = { now: Date.now() };
    const router = createRouter({ write: url });
    const { mainReader, personsReader, personsWriter } = router;
    const registry = new ProjectRegistry({
      definitions: new PostgresDefinitionSource({ mainReader, personsReader, parse: parseStored }),
      facts: new PostgresFactSource({ reader: personsReader, writer: personsWriter, parse: parseStored }),
      now: () => clock.now,
    });
    const app = createApp({
      projects: registry,
      health: { draining: false, waiting: false, warmUp: () => Promise.resolve() },
      clock: () => clock.now,
      trustProxy: false,
      decideByPath: true,
      neighbours: false,
      onError: (error) => console.error(error),
    });
    const service = await listen({
      app,
      accessLog: () => undefined,
      host: '127.0.0.1',
      port: 0,
      timeoutMs: 4_500,
      concurrency: 100,
      queue: 100,
      queueMs: 500,
    });
    const writer = await ProjectWriter.open(url, jsonText);
    return new HttpDoor({ postgres, writer, router, service, clock });
  }

  async prepare(cases: readonly JsonObject[]): Promise<void> {
    await Promise.all(
      cases.map(async (data, i) => {
        const token = `phc_case_${i}`;
        const definitions: Definitions = definitionsOf(data);
        await this.#writer.importDefinitions(definitions, { token, facts: storedFactsOf(data) });
        this.#tokens.set(data, token);
      }),
    );
  }

  async answer(data: JsonObject): Promise<Answer | { readonly skipped: string }> {
    const token = this.#tokens.get(data);
    if (token === undefined) throw new Error('the case was not prepared');
    this.#clock.now = nowOf(data);
    const { status, text } = await this.#post(bodyOf(token, need<JsonObject>(data, 'request')));
    if (status !== 200) throw new Error(`status ${status}: ${text}`);
    return readAnswer(parseJson(text));
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#service.close(1_000);
    await this.#writer.close();
    await this.#router.close();
    await this.#postgres.stop();
  }

  #post(body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const { host, port } = this.#service;
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const options = { host, port, path: '/flags?v=2', method: 'POST', agent: this.#agent, headers };
      const sent = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

function bodyOf(token: string, request: JsonObject): string {
  const body: Record<string, JsonValue> = { token, geoip_disable: true };
  for (const key of Object.keys(request)) body[BODY_FIELDS[key] ?? key] = request[key] as JsonValue;
  return jsonText(body);
}

function readAnswer(body: JsonValue): Answer {
  if (!isObject(body)) throw new Error('the answer is no object');
  const flags = need<JsonObject>(body, 'flags');
  return {
    flags: new Map(Object.keys(flags).map((key) => [key, readFlag(flags[key] as JsonObject)])),
    errors: body['errorsWhileComputingFlags'] === true,
  };
}

function readFlag(record: JsonObject): FlagAnswer {
  const reason = need<JsonObject>(record, 'reason');
  return {
    enabled: record['enabled'] === true,
    variant: record['variant'] as string | null,
    payload: need<JsonObject>(record, 'metadata')['payload'] ?? null,
    code: need<string>(reason, 'code'),
    conditionIndex: reason['condition_index'] as number | null,
  };
}
