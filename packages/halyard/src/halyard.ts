import type { FactSource, StoredFacts } from '@halyard/data';
import { MemoryStore } from '@halyard/data/memory';
import { compile, type DefinitionProblem, type Definitions, type FlagExplanation } from '@halyard/engine';
import { kindOf } from './arguments.ts';
import { CompiledProject } from './compiled-project.ts';
import { type EvaluationContext, toRequest } from './context.ts';
import { Flags } from './flags.ts';
import { type CheckedOptions, checkOptions, type HalyardOptions, type Source } from './options.ts';
import { pollDefinitions } from './polled-definitions.ts';
import { definitionsFromFile, definitionsFromObject } from './sources.ts';

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

  /** @internal */
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
  async explain(key: string, context: EvaluationContext): Promise<FlagExplanation> {
    if (typeof key !== 'string') throw new TypeError(`key must be a string, not ${kindOf(key)}`);
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

/**
 * Reads the definitions and gives a `Halyard` that evaluates them.
 *
 * Rejects with a `TypeError` that names the option which cannot be used, and with an `Error` that names the file, address or database
 * whose definitions cannot be read. A process may end without `close()`: what only keeps definitions fresh does not hold it.
 */
export async function createHalyard(options: HalyardOptions): Promise<Halyard> {
  const { source, facts, now, onError } = checkOptions(options);
  switch (source.from) {
    case 'postgres': {
      // Drivers and pools take more time and memory than everything else: loaded by those who use them.
      const { connectPostgres, explainedError } = await import('#of-node');
      const connection = await connectPostgres(source.postgres, now, onError).catch((error: unknown) => {
        throw explainedError(error, source.postgres);
      });
      return new Halyard(connection.project, now, connection.close);
    }
    case 'url':
    case 'host':
      return atUrl(source, { facts, now, onError });
    case 'file':
      return unchanging(await definitionsFromFile(source.file), facts, now);
    case 'document':
      return unchanging(definitionsFromObject(source.document), facts, now);
  }
}

function unchanging(definitions: Definitions, facts: StoredFacts | undefined, now: () => number): Halyard {
  const project = compiled(definitions, facts);
  return new Halyard(
    () => project,
    now,
    () => Promise.resolve(),
  );
}

async function atUrl(
  { from, url }: Source & { readonly from: 'url' | 'host' },
  options: Omit<CheckedOptions, 'source'>,
): Promise<Halyard> {
  let project: CompiledProject | undefined;
  const poll = await pollDefinitions(url, {
    onDefinitions: (definitions) => {
      project = compiled(definitions, options.facts, from === 'host');
    },
    onError: options.onError,
  });
  return new Halyard(
    () => project as CompiledProject, // the first answer has come
    options.now,
    () => {
      poll.close();
      return Promise.resolve();
    },
  );
}

/** @param elsewhere whoever sends the definitions knows persons and groups, and this process does not */
function compiled(definitions: Definitions, facts: StoredFacts | undefined, elsewhere = false): CompiledProject {
  const store = new MemoryStore([{ token: 'memory', definitions, ...(facts === undefined ? {} : { facts }) }]);
  const source: FactSource | 'elsewhere' | null = facts === undefined ? (elsewhere ? 'elsewhere' : null) : store.facts;
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
