/** One thing that is wrong with a request, in the four fields of the error envelope (M20). */
export interface Problem {
  readonly type: ProblemType;
  readonly code: string;
  readonly detail: string;
  /** The field it is about, nested ones joined with two underscores; `null`: it is about the whole (M21). */
  readonly attr: string | null;
}

export type ProblemType =
  | 'validation_error'
  | 'authentication_error'
  | 'invalid_request'
  | 'throttled_error'
  | 'server_error';

/** A command is not carried out, and nothing is written. The first problem is the one that clients see (M20, M71). */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** HTTP's number for it. */
  readonly status: number;
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(status: number, problems: readonly [Problem, ...Problem[]]) {
    super(problems[0].detail);
    this.status = status;
    this.problems = problems;
  }

  /** A value that cannot be taken: 400. */
  static invalid(code: string, detail: string, attr: string | null = null): Refusal {
    return new Refusal(400, [invalid(code, detail, attr)]);
  }

  /** 404, also for what belongs to another project (M4). */
  static notFound(detail = 'Not found.'): Refusal {
    return new Refusal(404, [{ type: 'invalid_request', code: 'not_found', detail, attr: null }]);
  }

  /** Somebody else changed the same fields in between: 409 (M81). */
  static conflict(detail: string): Refusal {
    return new Refusal(409, [{ type: 'server_error', code: 'conflict', detail, attr: null }]);
  }
}

export function invalid(code: string, detail: string, attr: string | null = null): Problem {
  return { type: 'validation_error', code, detail, attr };
}

/** @throws {Refusal} with status 400 when there are any */
export function refuseIf(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (first !== undefined) throw new Refusal(400, [first, ...others]);
}
