import type { FactPlan, Facts } from '@halyard/engine';
import { mergeStickyKeys, type StickyKeyRow } from '../sticky-keys.ts';
import type { Executor } from './executor.ts';
import { FactBatches } from './fact-batches.ts';
import { type RowFacts, stickyRowsOf } from '../statements/facts-from-row.ts';
import { factsQuestion } from '../statements/facts-question.ts';
import { RecentStickyKeys } from './recent-sticky-keys.ts';
import { ReplicaLag } from './replica-lag.ts';
import type { SchemaProbe } from './schema-probe.ts';

export interface LaggingReaderOptions {
  readonly reader: Executor;
  readonly writer: Executor;
  readonly onError?: (error: unknown) => void;
}

/**
 * Keeps a user from flipping when the reader does not show a sticky key yet. A short lag is covered by memory, which costs
 * nothing; a reader known to be far behind is not believed, and the writer is asked.
 */
export class LaggingReader {
  readonly #options: LaggingReaderOptions;
  readonly #writerFeatures: SchemaProbe;
  readonly #writer: FactBatches;
  readonly #recent = new RecentStickyKeys();
  readonly #lag: ReplicaLag;

  constructor(options: LaggingReaderOptions, writerFeatures: SchemaProbe) {
    this.#options = options;
    this.#writerFeatures = writerFeatures;
    this.#writer = new FactBatches(options.writer);
    this.#lag = new ReplicaLag(options.reader);
  }

  /** What the writer has just said. */
  remember({ teamId, distinctId }: FactPlan, rows: readonly StickyKeyRow[]): void {
    this.#recent.remember(teamId, distinctId, rows);
  }

  /** The facts with the sticky keys that the reader does not show. Never rejects. */
  async complete(plan: FactPlan, { facts, stickyRows }: RowFacts): Promise<Facts> {
    const rows = (await this.#lag.isBehind()) ? await this.#atWriter(plan) : null;
    if (rows !== null) return { ...facts, stickyKeys: mergeStickyKeys(rows) };
    const { teamId, distinctId } = plan;
    return { ...facts, stickyKeys: this.#recent.complete(teamId, distinctId, stickyRows ?? []) };
  }

  /** `null`: the writer cannot say, and the reader's word has to do. */
  async #atWriter(plan: FactPlan): Promise<readonly StickyKeyRow[] | null> {
    const question = factsQuestion({
      ...plan,
      person: null,
      groups: [],
      staticCohorts: [],
    });
    if (question === null) return null;
    try {
      const row = await this.#writerFeatures.ask((features) => this.#writer.ask(question, features));
      const rows = stickyRowsOf(row?.['sticky_keys'] ?? null) ?? [];
      this.#recent.remember(plan.teamId, plan.distinctId, rows);
      return rows;
    } catch (error) {
      this.#options.onError?.(error);
      return null;
    }
  }
}
