import { type Headers, header } from './messages.ts';

/**
 * The caller's address (H51): the first entry of `X-Forwarded-For` when the service is told that a proxy stands in
 * front of it, else the other end of the connection. Anybody can send the header, so it is not read otherwise.
 */
export function clientAddress(headers: Headers, peer: string, trustProxy: boolean): string {
  const forwarded = trustProxy ? header(headers, 'x-forwarded-for') : undefined;
  if (forwarded === undefined) return peer.startsWith(MAPPED) ? peer.slice(MAPPED.length) : peer;
  const first = forwarded.split(',', 1)[0]?.trim() ?? '';
  return first === '' ? peer : withoutPort(first);
}

/** How an IPv4 address looks on a socket that serves IPv6 too. */
const MAPPED = '::ffff:';

function withoutPort(address: string): string {
  if (address.startsWith('[')) {
    const end = address.indexOf(']');
    return end < 0 ? address : address.slice(1, end);
  }
  const colon = address.indexOf(':');
  // Two colons or more: an IPv6 address without brackets, which cannot carry a port.
  return colon >= 0 && colon === address.lastIndexOf(':') ? address.slice(0, colon) : address;
}
