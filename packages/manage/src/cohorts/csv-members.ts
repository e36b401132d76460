import type { PersonName } from '@halyard/data/management';
import { parse } from 'csv-parse/sync';
import { Refusal } from '../refusal.ts';

/** People that a list names. */
export interface NamedPeople {
  readonly by: PersonName;
  /** None twice. */
  readonly names: readonly string[];
}

const columns: readonly { readonly by: PersonName; readonly headers: ReadonlySet<string> }[] = [
  { by: 'uuid', headers: new Set(['person_id', 'person .id', 'person.id', 'person id']) },
  { by: 'distinct_id', headers: new Set(['distinct_id', 'distinct id', 'distinct-id']) },
  { by: 'email', headers: new Set(['email', 'e-mail']) },
];

const refused = (detail: string): Refusal => Refusal.invalid('invalid_input', detail, 'csv');

/**
 * Reads an uploaded list of people (M111): of one column, whose first cell may name what they are, or of several with a header.
 *
 * @throws {Refusal} for a list without anybody
 */
export function readCsvMembers(text: string): NamedPeople {
  if (text.includes('\uFFFD')) throw refused('The file must be UTF-8 text.');
  const rows = cellsOf(text);
  const [header] = rows;
  if (header === undefined) throw refused('The file is empty.');
  const { by, at, first } = header.length === 1 ? ofOneColumn(header[0] ?? '') : ofHeader(header);
  const cells = rows.slice(first).map((row) => row[at]?.trim() ?? '');
  const names = [...new Set(cells.filter((cell) => cell !== '' && !cell.includes('\0')))];
  if (names.length === 0) throw refused('The file names nobody.');
  return { by, names };
}

function cellsOf(text: string): readonly (readonly string[])[] {
  try {
    const rows = parse(text, {
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      columns: false,
    });
    return rows.filter((row) => row.some((cell) => cell.trim() !== ''));
  } catch {
    throw refused('The file is not a list of comma-separated values.');
  }
}

interface ReadingPlan {
  readonly by: PersonName;
  readonly at: number;
  /** The first row that names somebody. */
  readonly first: number;
}

function ofOneColumn(cell: string): ReadingPlan {
  const named = kindOfHeader(cell);
  // A distinct id may be any text, so a header that names nothing else is one of them.
  return named === undefined || named === 'distinct_id'
    ? { by: 'distinct_id', at: 0, first: 0 }
    : { by: named, at: 0, first: 1 };
}

function ofHeader(header: readonly string[]): ReadingPlan {
  const kinds = header.map(kindOfHeader);
  for (const { by } of columns) {
    const at = kinds.indexOf(by);
    if (at >= 0) return { by, at, first: 1 };
  }
  throw refused('With several columns the header must name one of them person_id, distinct_id or email.');
}

function kindOfHeader(cell: string): PersonName | undefined {
  const name = cell.trim().toLowerCase();
  return columns.find(({ headers }) => headers.has(name))?.by;
}
