/** Longer sentences are not for people. */
const LONGEST = 300;

/**
 * What a server says of why it refuses: the `detail` of its JSON error (H85). Undefined: nothing that could be shown, such as a page of a proxy.
 *
 * @param body of the answer
 * @param secrets texts that must not be shown, whoever says them
 */
export function sentenceIn(body: string, secrets: readonly string[]): string | undefined {
  let detail: unknown;
  try {
    detail = (JSON.parse(body) as { detail?: unknown } | null)?.detail;
  } catch {
    return undefined;
  }
  if (typeof detail !== 'string' || detail === '' || detail.length > LONGEST || /[\p{C}]/u.test(detail))
    return undefined;
  return secrets.some((secret) => secret !== '' && detail.includes(secret)) ? undefined : detail;
}
