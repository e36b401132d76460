import { Agent, request as httpRequest } from 'node:http';
import { ProjectWriter } from 'halyard/host';
import { createTestDatabase, startThrowawayPostgres, type ThrowawayPostgres } from '@halyard/data/testing';
import type { Definitions } from '@halyard/engine';
import { type JsonObject, jsonText, type JsonValue, parseJson } from '@halyard/json';
import { createLog, readSettings, type Service, startService } from '@halyard/service';
import { isObject, need, nowOf } from '../vectors.ts';
import type { Answer, Door, FlagAnswer, TypedAnswer } from './door.ts';
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
    const body = bodyOf(token, need<JsonObject>(data, 'request'));
    const records = await this.#ask(2, body);
    // As posthog-python asks for typed records.
    return readAnswer(records, 'v3' in data ? await this.#ask(4, body) : null);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#service.close();
    await this.#writer.close();
    await this.#postgres.stop();
  }

  async #ask(version: number, body: string): Promise<JsonValue> {
    const { status, text } = await this.#post(version, body);
    if (status !== 200) throw new Error(`status ${status}: ${text}`);
    return parseJson(text);
  }

  #post(version: number, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const options = { method: 'POST', agent: this.#agent, headers };
      const sent = httpRequest(`${this.#service.url}/flags?v=${version}`, options, (response) => {
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

function readAnswer(body: JsonValue, typed: JsonValue): Answer {
  if (!isObject(body)) throw new Error('the answer is no object');
  const flags = need<JsonObject>(body, 'flags');
  const records = isObject(typed) ? need<JsonObject>(typed, 'flags') : {};
  return {
    flags: new Map(
      Object.keys(flags).map((key) => [key, { ...readFlag(flags[key] as JsonObject), ...readTyped(records[key]) }]),
    ),
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

function readTyped(record: JsonValue | undefined): { typed?: TypedAnswer } {
  if (!isObject(record)) return {};
  const reason = need<JsonObject>(record, 'reason');
  const metadata = need<JsonObject>(record, 'metadata');
  return {
    typed: {
      value: need<JsonValue>(record, 'value'),
      code: need<string>(reason, 'code'),
      conditionIndex: reason['condition_index'] as number | null,
      ruleType: (metadata['rule_type'] as string | undefined) ?? null,
      ruleId: (metadata['rule_id'] as string | undefined) ?? null,
    },
  };
}
