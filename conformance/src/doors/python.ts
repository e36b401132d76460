import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTestDatabase, startThrowawayPostgres, type ThrowawayPostgres } from '@halyard/data/testing';
import { type JsonObject, jsonText, type JsonValue, parseJson } from '@halyard/json';
import { ProjectWriter } from 'halyard/host';
import { need } from '../vectors.ts';
import type { Answer, Door, FlagAnswer, Parts } from './door.ts';
import { definitionsOf, storedFactsOf } from './scenario.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'conformance', 'python', 'door.py');

/** The Python package in a Python process, over a real PostgreSQL in which each case is a project of its own. */
export class PythonDoor implements Door {
  readonly parts: Parts;
  readonly #server: ThrowawayPostgres;
  readonly #databaseUrl: string;
  readonly #process: LineProcess;
  readonly #projects = new Map<JsonObject, JsonObject>();

  private constructor(server: ThrowawayPostgres, databaseUrl: string, process: LineProcess) {
    this.#server = server;
    this.#databaseUrl = databaseUrl;
    this.#process = process;
    this.parts = partsOver((call) => process.ask(call));
  }

  /** Takes HALYARD_DOOR_PYTHON, a Python in which the package is installed: `npm run conformance` prepares one. */
  static async open(): Promise<PythonDoor> {
    const python = process.env['HALYARD_DOOR_PYTHON'];
    if (python === undefined) throw new Error('HALYARD_DOOR_PYTHON must name a Python with the package halyard');
    const server = await startThrowawayPostgres();
    try {
      const { url } = await createTestDatabase({}, server.url);
      return new PythonDoor(server, url, new LineProcess(python, [SCRIPT, url]));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Stores every case: its definitions under a token where they can be stored as they are, and its facts. */
  async prepare(cases: readonly JsonObject[]): Promise<void> {
    const writer = await ProjectWriter.open(this.#databaseUrl);
    try {
      for (const [index, data] of cases.entries()) {
        const token = `case-${index}`;
        const definitions = definitionsOf(data);
        const report = await writer.importDefinitions(definitions, { token, facts: storedFactsOf(data) });
        const stored = report.flags.every(({ outcome }) => outcome !== 'refused');
        this.#projects.set(
          data,
          stored ? { token } : { definitions: jsonText(documentOf(data)), teamId: report.teamId },
        );
      }
    } finally {
      await writer.close();
    }
  }

  async answer(data: JsonObject): Promise<Answer> {
    const project = this.#projects.get(data);
    if (project === undefined) throw new Error('the case was not prepared');
    const now = (data['now'] as string | undefined) ?? new Date().toISOString();
    const answer = await this.#process.ask({ op: 'evaluate', ...project, now, request: need(data, 'request') });
    const { flags, errors } = answer as unknown as { flags: Record<string, FlagAnswer>; errors: boolean };
    return { flags: new Map(Object.entries(flags)), errors };
  }

  async close(): Promise<void> {
    await this.#process.end();
    await this.#server.stop();
  }
}

function documentOf(data: JsonObject): JsonObject {
  const names = ['flags', 'cohorts', 'group_type_mapping', 'property_matching_version', 'timezone'];
  return Object.fromEntries(names.flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]]])));
}

function partsOver(ask: (call: JsonObject) => Promise<JsonValue>): Parts {
  const part = async <T>(name: string, call: object): Promise<T> =>
    (await ask({ op: 'part', call: { part: name, ...call } })) as T;
  return {
    bucketingHash: (prefix, identifier, salt) => part('bucketingHash', { prefix, identifier, salt }),
    isInRollout: (hash, percentage) => part('isInRollout', { hash, percentage }),
    variantBoundaries: (percentages) => part('variantBoundaries', { percentages }),
    pickVariant: (hash, percentages) => part('pickVariant', { hash, percentages }),
    matchProperty: (filter, properties, options) => part('matchProperty', { filter, properties, options }),
    readDate: (text, settings) => part('readDate', { text, ...settings }),
    readRelativeDate: (text, settings) => part('readRelativeDate', { text, ...settings }),
    async valuesFor({ flags }, distinctIds) {
      return (await ask({ op: 'values', document: { flags }, distinctIds })) as readonly JsonValue[];
    },
  };
}

/** A child that answers one line of JSON with one line of JSON. */
class LineProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #stderr = '';

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: 'pipe' });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#child.stdin.on('error', () => undefined); // the exit below says more
    this.#child.once('error', (error) => this.#rejectAll(error));
    this.#child.once('close', (code) =>
      this.#rejectAll(new Error(`the Python process ended with code ${code}: ${this.#stderr.trim()}`)),
    );
  }

  async ask(call: JsonObject): Promise<JsonValue> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${jsonText(call)}\n`);
    });
    const reply = parseJson(line, { maxDepth: 512 }) as JsonObject;
    if (typeof reply['error'] === 'string') throw new Error(reply['error']);
    return reply['answer'] ?? null;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const closed = new Promise((resolve) => void this.#child.once('close', resolve));
    this.#child.stdin.end();
    await closed;
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
