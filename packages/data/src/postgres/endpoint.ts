import { Client, type ClientConfig } from 'pg';
import type { TlsAttempts } from './tls-mode.ts';

/** A server to connect to. It remembers which way of TLS the server took, so that later connections begin with it. */
export class Endpoint {
  readonly #config: ClientConfig;
  #attempts: TlsAttempts;

  constructor(config: ClientConfig, attempts: TlsAttempts) {
    this.#config = config;
    this.#attempts = attempts;
  }

  /**
   * Connects, in another way of TLS where the server refuses one.
   *
   * @param onClient called with every client before it connects
   * @throws what the driver throws
   */
  async connect(options: ClientConfig, onClient: (client: Client) => void): Promise<Client> {
    const attempts = this.#attempts;
    for (const [index, ssl] of attempts.entries()) {
      const client = new Client({ ...this.#config, ...options, ssl });
      onClient(client);
      try {
        await client.connect();
        this.#attempts = [ssl, ...attempts.filter((other) => other !== ssl)];
        return client;
      } catch (error) {
        client.end().catch(() => undefined);
        if (index === attempts.length - 1 || !refusesTls(error)) throw error;
      }
    }
    throw new Error('there is no way to connect'); // there is always one attempt
  }
}

/** Whether another way of TLS may help: the server has none, the handshake failed, or `pg_hba.conf` wants it otherwise. */
function refusesTls(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '' } = error as { code?: string };
  return /^(ERR_SSL|ERR_TLS|EPROTO)|^28000$/.test(code) || error.message.includes('does not support SSL');
}
