import { Agent, request as httpRequest } from 'node:http';
import { ProjectWriter } from 'halyard/host';
import { createTestDatabase, startThrowawayPostgres, type ThrowawayPostgres } from '@halyard/data/testing';
import type { Definitions } from '@halyard/engine';
import { type JsonObject, jsonText, type JsonValue, parseJson } from '@halyard/json';
import { createLog, readSettings, type Service, startService } from '@halyard/service';
import { isObject, need, nowOf } from '../vectors.ts';
import type { Answer, Door, FlagAnswer } from './door.ts';
import { definitionsOf, storedFactsOf } from './scenario.ts';

/** Field of a vector's request → field of the body. The others have the same name. */
const BODY_FIELDS: Readonly<Record<string, string>> = {
  anon_distinct_id: '$anon_distinct_id',
  device_id: '$device_id',
};

/** A vector is about values, however busy the machine is; times are the subject of the service's own tests. */
const UNHURRIED = {
  HALYARD_REQUEST_TIMEOUT_MS: '600000',
  HALYARD_QUEUE_MS: '600000',
  READ_STATEMENT_TIMEOUT_MS: '600000',
  READ_ACQUIRE_TIMEOUT_MS: '600000',
  PERSONS_READ_STATEMENT_TIMEOUT_MS: '600000',
  PERSONS_READ_ACQUIRE_TIMEOUT_MS: '600000',
  PERSONS_WRITE_STATEMENT_TIMEOUT_MS: '600000',
  PERSONS_WRITE_ACQUIRE_TIMEOUT_MS: '600000',
};

/**
 * The service as it is started for users, on a real PostgreSQL, asked over a real socket. Each case is a project of its own in
 * the database; only the time of day is not the world's, so that cases with a `now` can be told.
 */
export class HttpDoor implements Door {
  readonly #postgres: ThrowawayPostgres;
  readonly #writer: ProjectWriter;
  readonly #service: Service;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #tokens = new Map<JsonObject, string>();
  readonly #clock: { now: number };

  private constructor(parts: {
    postgres: ThrowawayPostgres;
    writer: ProjectWriter;
    service: Service;
    clock: { now: number };
  }) {
    this.#postgres = parts.postgres;
    this.#writer = parts.writer;
    this.#service = parts.service;
    this.#clock = parts.clock;
  }

  static async open(): Promise<HttpDoor> {
    const postgres = await startThrowawayPostgres();
    const { url } = await createTestDatabase({}, postgres.url);
    const clock = { now: Date.now() };
    const settings = readSettings({ DATABASE_URL: url, PORT: '0', LOG_LEVEL: 'silent', ...UNHURRIED });
    const service = await startService(settings, {
      log: createLog('silent', 2),
      onProgress: () => undefined,
      clock: () => clock.now,
    });
    const writer = await ProjectWriter.open(url);
    return new HttpDoor({ postgres, writer, service, clock });
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
    await this.#service.close();
    await this.#writer.close();
    await this.#postgres.stop();
  }

  #post(body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const options = { method: 'POST', agent: this.#agent, headers };
      const sent = httpRequest(`${this.#service.url}/flags?v=2`, options, (response) => {
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
