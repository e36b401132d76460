import type { Row, Statement } from '../statements/statement.ts';

/**
 * Work on a database without a connection: yields statements that are to run one after the other inside one transaction, and
 * is resumed with the rows of each. Any host that has a connection can do it.
 */
export type Batches<Result> = Generator<readonly Statement[], Result, readonly (readonly Row[])[]>;
