import type { Client } from 'pg';

/** What the driver has and its types leave out. */
type Holder = Client & { ref(): void; unref(): void };

/** The process goes on while this connection is open, as with any socket. */
export function holdProcess(client: Client): void {
  (client as Holder).ref();
}

/** This connection alone keeps no process alive. */
export function releaseProcess(client: Client): void {
  (client as Holder).unref();
}
