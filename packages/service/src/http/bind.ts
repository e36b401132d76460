import type { AddressInfo, Server } from 'node:net';

/** Where the service listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
}

/** Connections that may wait to be taken. Node's own 511 drops the rest of a rush, and a client tries again a second later. */
const BACKLOG = 4_096;

/**
 * Has the server listen.
 *
 * @param port 0: any free one
 * @returns where it does. Rejects when the address cannot be had
 */
export async function bind(server: Server, host: string, port: number): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return addressOf(server.address() as AddressInfo); // not a pipe
}

/** What the system says of a port, as we write it. */
export function addressOf({ address, port: chosen, family }: AddressInfo): Address {
  return { host: address, port: chosen, url: `http://${family === 'IPv6' ? `[${address}]` : address}:${chosen}` };
}
