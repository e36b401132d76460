import { projectsStatement, projectStatement } from '../statements/definitions-statement.ts';
import type { Statement } from '../statements/statement.ts';
import type { PoolName } from '../pool-names.ts';
import type { Ask, Merging } from './wish.ts';

/**
 * Asks for the project behind a token. A flood of tokens that nobody has heard of asks thousands of times a second, so those that ask
 * while others are under way share a statement.
 */
export class ProjectAsk implements Ask, Merging {
  readonly pool: PoolName;
  readonly token: string;
  readonly ticket: string;
  readonly key = 'project';

  constructor(pool: PoolName, token: string, ticket: string) {
    this.pool = pool;
    this.token = token;
    this.ticket = ticket;
  }

  get statement(): Statement {
    return projectStatement(this.token, this.ticket);
  }

  get merging(): Merging {
    return this;
  }

  /** @param asks for projects, too */
  together(asks: readonly Ask[]): Statement {
    return projectsStatement(asks as readonly ProjectAsk[]);
  }
}
