import type { StatementValue } from '../statements/statement.ts';

type Cell = string | number | boolean | null;

/** Columns of rows, as `unnest` takes them: one parameter for each, whatever the number of rows. */
export function columnsOf<Row extends object>(rows: readonly Row[], names: readonly (keyof Row)[]): StatementValue[] {
  return names.map((name) =>
    rows.map((row) => {
      const cell = row[name] as Cell;
      return typeof cell === 'string' || cell === null ? cell : String(cell);
    }),
  );
}
