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

/**
 * A name for a text, with a digest of it (FNV-1a, 64 bits): behind a pooler several processes share server connections, and a
 * name must not mean an older version's text there.
 */
export function statementName(kind: string, text: string): string {
  let digest = digests.get(text);
  if (digest === undefined) {
    digest = digestOf(text);
    digests.set(text, digest);
  }
  return `${kind}_${digest}`;
}

/** A text that is written once, when it is first asked for, and its name. Equal kinds mean equal texts. */
export function namedText(kind: string, write: () => string): Pick<Required<Statement>, 'name' | 'text'> {
  let known = texts.get(kind);
  if (known === undefined) {
    const text = write();
    known = { name: statementName(kind, text), text };
    texts.set(kind, known);
  }
  return known;
}

const texts = new Map<string, ReturnType<typeof namedText>>();

/** Texts are few: their number depends on the shapes of plans and schemas only. */
const digests = new Map<string, string>();

function digestOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  }
  return hash.toString(36);
}
