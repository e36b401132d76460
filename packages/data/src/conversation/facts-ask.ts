import { batchKey, factsBatchStatement } from '../statements/facts-batch-statement.ts';
import type { FactsQuestion } from '../statements/facts-question.ts';
import { questionStatement } from '../statements/facts-statement.ts';
import type { PersonsFeatures } from '../statements/persons-features.ts';
import type { Statement } from '../statements/statement.ts';
import type { PoolName } from '../pool-names.ts';
import type { Ask, Merging } from './wish.ts';

/** A question for facts. Requests ask it all the time, so its statement is written only when it travels alone. */
export class FactsAsk implements Ask, Merging {
  readonly pool: PoolName;
  readonly question: FactsQuestion;
  readonly ticket: string;
  readonly #features: PersonsFeatures;

  constructor(pool: PoolName, question: FactsQuestion, features: PersonsFeatures, ticket: string) {
    this.pool = pool;
    this.question = question;
    this.#features = features;
    this.ticket = ticket;
  }

  get statement(): Statement {
    return questionStatement(this.question, this.#features, this.ticket);
  }

  get merging(): Merging {
    return this;
  }

  get key(): string {
    return batchKey(this.question, this.#features);
  }

  /** @param asks questions of the same key */
  together(asks: readonly Ask[]): Statement {
    return factsBatchStatement(asks as readonly FactsAsk[], this.#features);
  }
}
