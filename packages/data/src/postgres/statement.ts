/** One SQL statement with its parameters: `$1` is `values[0]`. Any host that speaks PostgreSQL can run it. */
export interface Statement {
  /**
   * Names the text, for prepared statements: equal names always mean equal texts. Statements that are run once in a
   * while have none.
   */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly StatementValue[];
}

export type StatementValue = string | number | boolean | null | readonly (string | null)[] | readonly number[];

/** A result row by column name. Our statements return every column as text, so no driver setting can change it. */
export type Row = Readonly<Record<string, string | null>>;
