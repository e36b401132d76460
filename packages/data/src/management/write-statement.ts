import type { Statement, StatementValue } from '../statements/statement.ts';

/** What is written into a column: a parameter of a type, or what SQL makes of it; or SQL that names no parameter. */
export type Cell =
  | { readonly value: StatementValue; readonly type: string; readonly around?: (parameter: string) => string }
  | { readonly sql: string };

export type Cells = Readonly<Record<string, Cell>>;

/** A statement that writes one row, and can do without columns that a schema lacks (M205). */
export interface WriteStatement extends Statement {
  readonly table: string;
  readonly cells: Cells;
  /** The same without these columns. */
  readonly without: (columns: ReadonlySet<string>) => Statement;
}

export function cell(value: StatementValue, type: string, around: (parameter: string) => string = itself): Cell {
  return { value, type, around };
}

const itself = (parameter: string): string => parameter;

/** Adds a row: one row with its `id`, as text. */
export function insertion(table: string, cells: Cells): WriteStatement {
  const statement = (some: Cells): Statement => {
    const { names, expressions, values } = placed(some, []);
    const text = `insert into ${table} (${names.join(', ')}) values (${expressions.join(', ')}) returning id::text`;
    return { text, values };
  };
  return { ...statement(cells), table, cells, without: (columns) => statement(left(cells, columns)) };
}

/** Changes the row with this id. */
export function rowChange(table: string, id: number, cells: Cells): WriteStatement {
  const statement = (some: Cells): Statement => {
    const { names, expressions, values } = placed(some, [id]);
    // A row of which nothing is kept here stays as it is.
    if (names.length === 0) return { text: 'select where $1::int is null', values: [id] };
    const changes = names.map((name, at) => `${name} = ${expressions[at]}`).join(', ');
    return { text: `update ${table} set ${changes} where id = $1::int`, values };
  };
  return { ...statement(cells), table, cells, without: (columns) => statement(left(cells, columns)) };
}

export function isWriteStatement(statement: Statement): statement is WriteStatement {
  return 'without' in statement;
}

function left(cells: Cells, columns: ReadonlySet<string>): Cells {
  return Object.fromEntries(Object.entries(cells).filter(([name]) => !columns.has(name)));
}

function placed(cells: Cells, before: readonly StatementValue[]) {
  const values = [...before];
  const expressions = Object.values(cells).map((one) => {
    if ('sql' in one) return one.sql;
    const { value, type, around = itself } = one;
    return around(`$${values.push(value)}::${type}`);
  });
  return { names: Object.keys(cells), expressions, values };
}
