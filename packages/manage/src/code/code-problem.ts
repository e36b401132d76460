/** Where something stands in a file, counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something in a file that cannot be taken. */
export interface CodeProblem extends Place {
  readonly message: string;
}

/** Files that cannot be used as they are. The message lists what is wrong, a line each with its place. */
export class CodeError extends Error {
  override readonly name = 'CodeError';
  readonly problems: readonly CodeProblem[];

  constructor(problems: readonly CodeProblem[]) {
    super(problemLines(problems).join('\n'));
    this.problems = problems;
  }
}

/** More would hide the first ones. */
const MOST = 50;

export function problemLines(problems: readonly CodeProblem[]): readonly string[] {
  const lines = problems
    .slice(0, MOST)
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${oneLine(message)}`);
  return problems.length <= MOST ? lines : [...lines, `… and ${problems.length - MOST} more`];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
