import { type Problem, Refusal } from '@halyard/manage';

/** A refusal that says more in the headers of its answer. */
export class ApiError extends Refusal {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    problems: Problem | readonly [Problem, ...Problem[]],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(status, isList(problems) ? problems : [problems]);
    this.headers = headers;
  }
}

function isList(problems: Problem | readonly Problem[]): problems is readonly [Problem, ...Problem[]] {
  return Array.isArray(problems);
}

/** The body of an answer: the first problem in the four members that the reference has (M20), and all of them (M71). */
export function problemBody({ problems }: Refusal): object {
  const [first] = problems;
  return first.type === 'validation_error' ? { ...first, errors: problems } : first;
}

/** 400: what was sent cannot be taken. `invalid_input` is what the framework's generic code is shown as (M20). */
export function invalid(detail: string, attr: string | null = null, code = 'invalid_input'): ApiError {
  return new ApiError(400, { type: 'validation_error', code, detail, attr });
}

/** 401 with the challenge that it has to carry (M13). */
export function unauthenticated(code: 'not_authenticated' | 'authentication_failed', detail: string): ApiError {
  const headers = { 'www-authenticate': 'Bearer realm="api"' };
  return new ApiError(401, { type: 'authentication_error', code, detail, attr: null }, headers);
}

/** 405 (M20). */
export function methodNotAllowed(method: string, allowed: readonly string[]): ApiError {
  const detail = `Method "${method}" not allowed.`;
  const problem: Problem = { type: 'invalid_request', code: 'method_not_allowed', detail, attr: null };
  return new ApiError(405, problem, { allow: allowed.join(', ') });
}

/** 429: once more after so many seconds (M17, M185). */
export function throttled(seconds: number): ApiError {
  const wait = Math.max(1, Math.ceil(seconds));
  const detail = `Request was throttled. Expected available in ${wait} second${wait === 1 ? '' : 's'}.`;
  const problem: Problem = { type: 'throttled_error', code: 'throttled', detail, attr: null };
  return new ApiError(429, problem, { 'retry-after': String(wait) });
}

/** 500 and above: nothing that the caller can mend. */
export function serverError(status: 500 | 503 | 504, detail: string): ApiError {
  const headers = status === 500 ? {} : { 'retry-after': '1' };
  return new ApiError(status, { type: 'server_error', code: 'error', detail, attr: null }, headers);
}
