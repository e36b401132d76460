/** The kind of a failure, without anything that it is about: for logs, metrics and states. */
export function errorClass(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    const { kind, name } = error as { kind?: unknown; name?: unknown };
    if (typeof kind === 'string') return kind;
    if (typeof name === 'string') return name;
  }
  return 'error';
}
