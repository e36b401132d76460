const SLASH = 0x2f;

/** Scheme, authority, and what follows: path and query. */
const ABSOLUTE = /^https?:\/\/([^/?#@]+)(.*)$/is;

/**
 * Path and query of a request's target (RFC 9112, 3.2): as sent, or what follows the authority of a whole URL, which proxies send.
 * Whom that URL names is not looked at: whoever reaches us means us.
 *
 * @param method the `*` of OPTIONS stays what it is
 * @returns null for what is no target: another scheme than HTTP's, no host, or a user before it (RFC 9110, 4.2.4)
 */
export function originForm(method: string, target: string): string | null {
  if (target.charCodeAt(0) === SLASH) return target;
  if (target === '*') return method === 'OPTIONS' ? target : null;
  const rest = ABSOLUTE.exec(target)?.[2];
  if (rest === undefined || rest.startsWith('@')) return null;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Whether a request names its host twice, even if alike: two machines on its way may have gone by different ones (RFC 9112, 3.2).
 *
 * @param rawHeaders names and values in turn, as sent
 */
export function namesTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string; // within the list
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
