/** Why the API refused (M20): at which place of what was sent, where it says so. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  /** 0: no answer came. */
  readonly status: number;
  readonly code: string;
  readonly attr: string | null;
  /** The whole answer, for refusals that bring more with them (M71). */
  readonly body: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    attr: string | null,
    body: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.attr = attr;
    this.body = body;
  }

  /** Everything that was refused (M71). */
  get all(): readonly { readonly detail: string; readonly attr: string | null }[] {
    const { errors } = this.body;
    const own = { detail: this.message, attr: this.attr };
    return Array.isArray(errors) && errors.length > 0 ? (errors as (typeof own)[]) : [own];
  }
}

export function problemOf(status: number, error: unknown): ApiProblem {
  const body: Readonly<Record<string, unknown>> =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const text = (name: string): string | null => {
    const value = body[name];
    return typeof value === 'string' ? value : null;
  };
  const detail =
    text('detail') ?? text('error') ?? (status >= 500 ? 'Halyard could not do it. Try again.' : `Refused (${status}).`);
  return new ApiProblem(status, text('code') ?? '', detail, text('attr'), body);
}
