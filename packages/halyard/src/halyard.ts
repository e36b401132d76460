import { type FactSource, MemoryStore, type StoredFacts } from '@halyard/data';
import { compile, type DefinitionProblem, type Definitions, type FlagExplanation } from '@halyard/engine';
import { CompiledProject } from './compiled-project.ts';
import { type EvaluationContext, toRequest } from './context.ts';
import { Flags } from './flags.ts';
import { connectPostgres, type PostgresSource } from './postgres-project.ts';
import {
  type DefinitionsDocument,
  type DefinitionsUrl,
  definitionsFromFile,
  definitionsFromObject,
  definitionsFromUrl,
} from './sources.ts';

export interface HalyardOptions {
  /**
   * Where the definitions come from: a document as PostHog's local-evaluation endpoint serves it, `{ file }`, `{ url, headers }`,
   * or `{ postgres, token }` for a project in a PostHog or Halyard database, stored persons and groups included.
   */
  readonly definitions: DefinitionsDocument | { readonly file: string } | DefinitionsUrl | PostgresSource;
  /** Persons, groups and memberships to know about besides what each call says. Not with PostgreSQL, which has its own. */
  readonly facts?: StoredFacts;
  /** The clock, in milliseconds since the epoch. Default: the system's. */
  readonly now?: () => number;
  /** Told when definitions could not be refreshed; those at hand stay in use. */
  readonly onError?: (error: unknown) => void;
}

/** A request needs stored facts, which only an asynchronous call can load. */
export class FactsNeededError extends Error {
  constructor() {
    super(
      'this evaluation needs stored facts: use evaluate() instead of evaluateSync(), or pass the properties it needs',
    );
    this.name = 'FactsNeededError';
  }
}

/** Flags of one project, evaluated in this process. Made by `createHalyard`. */
export class Halyard {
  readonly #current: () => CompiledProject;
  readonly #clock: () => number;
  readonly #stop: () => Promise<void>;
  #closed = false;

  constructor(current: () => CompiledProject, clock: () => number, stop: () => Promise<void>) {
    this.#current = current;
    this.#clock = clock;
    this.#stop = stop;
  }

  /** Evaluates all flags of the context, loading stored facts when some are needed. */
  async evaluate(context: EvaluationContext): Promise<Flags> {
    return new Flags(await this.#project().evaluate(toRequest(context, this.#clock)));
  }

  /** Evaluates without waiting. Throws `FactsNeededError` when stored facts are needed. */
  evaluateSync(context: EvaluationContext): Flags {
    const project = this.#project();
    const request = toRequest(context, this.#clock);
    if (project.plan(request) !== null) throw new FactsNeededError();
    return new Flags(project.evaluateNow(request));
  }

  /** Says how a flag comes to its value in this context: conditions, filters with the values seen, hashes. */
  explain(key: string, context: EvaluationContext): Promise<FlagExplanation> {
    return this.#project().explainFlag(key, toRequest(context, this.#clock));
  }

  /** What was left out of the definitions in use, and why. */
  get problems(): readonly DefinitionProblem[] {
    return this.#project().program.problems;
  }

  /** Lets go of timers and connections. Calling it twice is fine; evaluating afterwards throws. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#stop();
  }

  #project(): CompiledProject {
    if (this.#closed) throw new Error('this Halyard is closed');
    return this.#current();
  }
}

/** Reads the definitions and gives a `Halyard` that evaluates them. Rejects when they cannot be read. */
export async function createHalyard(options: HalyardOptions): Promise<Halyard> {
  const { definitions, facts, now = Date.now } = options;
  const onError = options.onError ?? (() => undefined);
  if (typeof definitions !== 'object' || definitions === null) {
    throw new TypeError('definitions must be a document with flags, { file }, { url } or { postgres, token }');
  }
  if (isPostgres(definitions)) {
    if (facts !== undefined) throw new TypeError('facts come from PostgreSQL: leave `facts` out');
    const connection = await connectPostgres(definitions, now, onError);
    return new Halyard(connection.project, now, connection.close);
  }
  if (isUrl(definitions)) return watchUrl(definitions, facts, now, onError);
  const document = isFile(definitions)
    ? await definitionsFromFile(definitions.file)
    : definitionsFromObject(definitions);
  const project = compiled(document, facts);
  return new Halyard(
    () => project,
    now,
    () => Promise.resolve(),
  );
}

async function watchUrl(
  source: DefinitionsUrl,
  facts: StoredFacts | undefined,
  now: () => number,
  onError: (error: unknown) => void,
): Promise<Halyard> {
  const first = await definitionsFromUrl(source, null);
  if (first === null) throw new Error('the server answered 304 to a request without a condition');
  let { etag } = first;
  let project = compiled(first.definitions, facts);
  const refresh = async (): Promise<void> => {
    try {
      const next = await definitionsFromUrl(source, etag);
      if (next === null) return;
      project = compiled(next.definitions, facts);
      etag = next.etag;
    } catch (error) {
      onError(error);
    }
  };
  const pollMs = source.pollMs ?? 30_000;
  const timer = pollMs > 0 ? setInterval(() => void refresh(), pollMs) : undefined;
  timer?.unref(); // polling alone keeps no process alive
  return new Halyard(
    () => project,
    now,
    () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  );
}

function compiled(definitions: Definitions, facts: StoredFacts | undefined): CompiledProject {
  const store = new MemoryStore([{ token: 'memory', definitions, ...(facts === undefined ? {} : { facts }) }]);
  const source: FactSource | null = facts === undefined ? null : store.facts;
  const project = {
    teamId: definitions.teamId,
    projectId: definitions.teamId,
    token: 'memory',
    name: 'memory',
    timezone: definitions.timezone ?? 'UTC',
    settings: {},
  };
  return new CompiledProject(project, compile(definitions), '', source);
}

type Source = HalyardOptions['definitions'];

function isPostgres(source: Source): source is PostgresSource {
  return Object.hasOwn(source, 'postgres');
}

function isUrl(source: Source): source is DefinitionsUrl {
  return Object.hasOwn(source, 'url') && !Object.hasOwn(source, 'flags');
}

function isFile(source: Source): source is { readonly file: string } {
  return Object.hasOwn(source, 'file') && !Object.hasOwn(source, 'flags');
}
