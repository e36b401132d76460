import type { FactSource, Project } from '@halyard/data';
import {
  type Evaluation,
  type EvaluationRequest,
  evaluate,
  type Explanation,
  explain,
  explainFlag,
  type FactPlan,
  type Facts,
  type FlagExplanation,
  NOTHING_STORED,
  type Program,
  planFacts,
} from '@halyard/engine';
import { FACTS_ELSEWHERE } from './facts-elsewhere.ts';

/** What of the store an evaluation needed, and what came. */
export interface LoadedFacts {
  readonly plan: FactPlan;
  readonly facts: Facts;
  /** How long it took. */
  readonly ms: number;
}

/** One project at one revision: its compiled definitions, and where its stored facts are. */
export class CompiledProject {
  readonly project: Project;
  readonly program: Program;
  readonly revision: string;
  readonly #facts: FactSource | null;
  readonly #known: Facts | null;

  /**
   * @param facts `null`: nothing is stored about anybody, which is known. `elsewhere`: something may be, where this process cannot ask, so that flags
   *   which need it fail (E160). Every request is answered at once then.
   */
  constructor(project: Project, program: Program, revision: string, facts: FactSource | 'elsewhere' | null) {
    this.project = project;
    this.program = program;
    this.revision = revision;
    this.#facts = facts === 'elsewhere' ? null : facts;
    this.#known = facts === 'elsewhere' ? FACTS_ELSEWHERE : facts === null ? NOTHING_STORED : null;
  }

  get teamId(): number {
    return this.project.teamId;
  }

  /** UUID of the organization, where the store tells it. */
  get organizationId(): string | undefined {
    const id = this.project.settings['organization_id'];
    return typeof id === 'string' ? id : undefined;
  }

  /** H57: SDKs of this project send less with each flag call. */
  get minimalFlagCalledEvents(): boolean {
    return this.project.settings['minimal_flag_called_events'] === true;
  }

  /**
   * Plan → load → evaluate. Without a promise when the request needs no stored facts.
   *
   * @param told gets what was loaded, where anything was
   */
  evaluate(request: EvaluationRequest, told?: { loaded: LoadedFacts | undefined }): Evaluation | Promise<Evaluation> {
    const plan = this.plan(request);
    if (plan === null) return this.evaluateNow(request);
    const begun = performance.now();
    return this.#load(plan).then((facts) => {
      if (told !== undefined) told.loaded = { plan, facts, ms: performance.now() - begun };
      return evaluate(this.program, request, facts);
    });
  }

  /** Evaluates without waiting; only for a request whose `plan` is `null`. */
  evaluateNow(request: EvaluationRequest): Evaluation {
    return evaluate(this.program, request, this.#known);
  }

  /** The facts the request needs; `null` when it needs none. */
  plan(request: EvaluationRequest): FactPlan | null {
    return this.#facts === null ? null : planFacts(this.program, request);
  }

  /** Evaluates and says how each flag of the request came to its result. */
  async explain(request: EvaluationRequest): Promise<Explanation> {
    return explain(this.program, request, await this.#factsFor(request));
  }

  /** Explains one flag, also one that takes no part in the request. */
  async explainFlag(key: string, request: EvaluationRequest): Promise<FlagExplanation> {
    return explainFlag(this.program, key, request, await this.#factsFor(request));
  }

  async #factsFor(request: EvaluationRequest): Promise<Facts | null> {
    const plan = this.plan(request);
    return plan === null ? this.#known : this.#load(plan);
  }

  #load(plan: FactPlan): Promise<Facts> {
    // `plan` is null when there is no source, so a plan implies one.
    return (this.#facts as FactSource).load(plan);
  }
}
