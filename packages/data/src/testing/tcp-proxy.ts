import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { clientConfig } from '../postgres/client-config.ts';

/** Stands between us and the server, and misbehaves on request. */
export interface TcpProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Connections that are open now. */
  readonly open: number;
  /** Whether what the server says is held back. */
  readonly frozen: boolean;
  /** Stops passing on what the server says; the connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Breaks every connection. */
  cut(): void;
  /** Refuses connections from now on, and breaks those there are. */
  refuse(): Promise<void>;
  /** Takes connections again, on the same port. */
  accept(): Promise<void>;
}

/** Listens to one connection. */
export interface Tap {
  /** What the client says. */
  sent(chunk: Buffer): void;
  /** What the server says. */
  received(chunk: Buffer): void;
}

/** @param tap called once per connection */
export async function startTcpProxy(url: string, tap?: () => Tap): Promise<TcpProxy> {
  const { host = '', port = 5432, user, database } = clientConfig(url, 'test database');
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((client) => {
    const upstream = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    const pair = [client, upstream];
    for (const socket of pair) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        for (const other of pair) other.destroy();
      });
    }
    const ear = tap?.();
    client.on('data', (data) => {
      ear?.sent(data);
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      ear?.received(data);
      if (!frozen) client.write(data);
    });
  });
  const listen = (at: number) =>
    new Promise<void>((resolve) => {
      server.listen(at, '127.0.0.1', resolve);
    });
  await listen(0);
  const { port: own } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `postgresql://${user}@127.0.0.1:${own}/${database}`,
    get open() {
      return sockets.size / 2;
    },
    get frozen() {
      return frozen;
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
    cut,
    async refuse() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      cut();
      await closed;
    },
    accept: () => listen(own),
  };
}
