/** Why a pattern is not valid. Thrown inside this package only; `compileRegex` turns it into data (E104). */
export class PatternProblem extends Error {
  /** Index into the pattern, in UTF-16 units. */
  readonly position: number;

  constructor(problem: string, position: number) {
    super(problem);
    this.name = 'PatternProblem';
    this.position = position;
  }
}
