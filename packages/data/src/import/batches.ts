import type { Row, Statement } from '../statements/statement.ts';

/**
 * Work on a database without a connection: yields statements that are to run one after the other inside one transaction, and
 * is resumed with the rows of each. Any host that has a connection can do it.
 */
export type Batches<Result> = Generator<readonly Statement[], Result, readonly (readonly Row[])[]>;

/** The same as single statements, each yielded on its own and resumed with its rows. */
export function* oneByOne<Result>(batches: Batches<Result>): Generator<Statement, Result, readonly Row[]> {
  let step = batches.next();
  while (step.done !== true) {
    const answers: (readonly Row[])[] = [];
    for (const statement of step.value) answers.push(yield statement);
    step = batches.next(answers);
  }
  return step.value;
}
