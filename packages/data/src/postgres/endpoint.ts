import { Client, type ClientConfig } from 'pg';
import { firstWord, mostTelling, refusesTls } from './connect-failure.ts';
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
   * @throws what the driver throws; of several attempts the error that says what is wrong
   */
  async connect(options: ClientConfig, onClient: (client: Client) => void): Promise<Client> {
    const attempts = this.#attempts;
    const failures: unknown[] = [];
    for (const ssl of attempts) {
      const { stream, explain } = firstWord(this.#asked(ssl));
      const client = new Client({ ...this.#config, ...options, ssl, stream });
      onClient(client);
      try {
        await client.connect();
        this.#attempts = [ssl, ...attempts.filter((other) => other !== ssl)];
        return client;
      } catch (error) {
        client.end().catch(() => undefined);
        failures.push(explain(error));
        if (!refusesTls(error)) break;
      }
    }
    throw mostTelling(failures);
  }

  #asked(ssl: TlsAttempts[number]): 'tls' | 'plain' | null {
    if (ssl === false) return 'plain';
    const { sslnegotiation = process.env['PGSSLNEGOTIATION'] } = this.#config as { sslnegotiation?: string };
    return sslnegotiation === 'direct' ? null : 'tls';
  }
}
