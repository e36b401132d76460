/** What PostHog's tables have no place for, or this role no right to (M203, M205). Says so to whoever wanted it written. */
export class UnwritableError extends Error {
  override readonly name = 'UnwritableError';
  /** The field that cannot be kept; null: nothing of the kind can be. */
  readonly field: string | null;

  constructor(message: string, field: string | null = null) {
    super(message);
    this.field = field;
  }
}
