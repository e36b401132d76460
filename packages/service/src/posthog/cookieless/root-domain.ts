import { isIP, isIPv6 } from 'node:net';
import { getDomain } from 'tldts';

/**
 * What a site calls itself, whatever the part of it (H140): the registrable domain of an origin, private suffixes such as `github.io` counted as
 * suffixes, and its port where it has one of its own. Addresses, and names without a suffix, stay whole; `localhost` is `127.0.0.1`; what is no
 * URL at all stays as it is.
 *
 * @param host an origin, a URL or a host
 */
export function rootDomain(host: string): string {
  if (isIPv6(host)) return rootDomain(`[${host}]`);
  const text = host.includes('://') ? host : `http://${host}`;
  if (!URL.canParse(text)) return host;
  const { hostname, port } = new URL(text);
  const domain = hostname === '' ? host : registrable(hostname);
  return port === '' ? domain : `${domain}:${port}`;
}

function registrable(hostname: string): string {
  if (hostname === 'localhost') return '127.0.0.1';
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return hostname;
  return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
}
