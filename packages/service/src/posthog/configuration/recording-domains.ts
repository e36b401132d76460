import { type Headers, header } from '../../http/messages.ts';

/** SDKs of applications, which have no domain, as their user agents name them, wherever in these (H156). */
const APPLICATIONS = ['posthog-android', 'posthog-ios', 'posthog-react-native', 'posthog-flutter'];

/**
 * Whether sessions of this caller may be recorded (H156): the host of its `Origin` or `Referer` is on the list, or it is an application.
 *
 * @param domains hosts or origins, `*` standing for any text; null: all
 */
export function mayRecord(headers: Headers, domains: readonly string[] | null): boolean {
  if (domains === null) return true;
  const userAgent = header(headers, 'user-agent') ?? '';
  if (APPLICATIONS.some((name) => userAgent.includes(name))) return true;
  const hosts = [header(headers, 'origin'), header(headers, 'referer')].map(hostOf).filter((host) => host !== null);
  return hosts.length > 0 && domains.some((domain) => hosts.some((host) => fits(host, hostOf(domain) ?? domain)));
}

/** The host of an origin or URL, or of a pattern written like one; null: there is none. */
function hostOf(url: string | undefined): string | null {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#:]+)/i.exec(url ?? '')?.[1]?.toLowerCase() ?? null;
}

/** Piece by piece from the left, so that no pattern can take long. */
function fits(host: string, pattern: string): boolean {
  const pieces = pattern.toLowerCase().split('*');
  const [first = ''] = pieces;
  if (pieces.length === 1) return host === first;
  const last = pieces.at(-1) ?? '';
  if (!host.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = host.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return host.length - last.length >= at && host.endsWith(last);
}
