import { randomUUID } from 'node:crypto';
import { ask } from '@halyard/data/testing';
import { token } from './flags-project.cases.ts';

interface Acknowledged {
  readonly uuid: string;
  readonly value: number;
}

/** Pause before an event is sent again, as an SDK would, but sooner. */
const AGAIN_MS = 50;

/**
 * Clients that send one event after the other, each of them a change of their own person, and the same again until it is acknowledged:
 * what is stored at the end is what was acknowledged last, unless an event got lost, or came a second time after a newer one.
 */
export class EventTraffic {
  readonly statuses = new Map<number, number>();
  readonly #url: () => string;
  readonly #acknowledged = new Map<string, Acknowledged[]>();
  readonly #clients: Promise<void>[];
  #stopped = false;

  /** @param url where the service is now */
  constructor(url: () => string, clients = 6) {
    this.#url = url;
    this.#clients = Array.from({ length: clients }, (_, i) => this.#send(`sender-${i}`));
  }

  get acknowledged(): number {
    return [...this.#acknowledged.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Ends when each client has an acknowledgement for what it sent last. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  /** What of the database is not as it was acknowledged. */
  async wrong(databaseUrl: string): Promise<string[]> {
    const stored = (await ask(
      databaseUrl,
      `select d.distinct_id || ' ' || (p.properties ->> 'value') from posthog_person p
         join posthog_persondistinctid d on d.person_id = p.id where d.distinct_id like 'sender-%'`,
    )) as string[];
    const uuids = new Set((await ask(databaseUrl, 'select uuid::text from halyard_ingested_event')) as string[]);
    return [...this.#acknowledged].flatMap(([id, events]) => {
      const last = `${id} ${events.at(-1)?.value}`;
      const lost = events.filter(({ uuid }) => !uuids.has(uuid)).map(({ value }) => `${id} ${value} is lost`);
      return stored.includes(last) ? lost : [`${last} is not what is stored: ${stored.join()}`, ...lost];
    });
  }

  async #send(id: string): Promise<void> {
    const acknowledged: Acknowledged[] = [];
    this.#acknowledged.set(id, acknowledged);
    for (let value = 1; !this.#stopped; value += 1) {
      const uuid = randomUUID();
      const event = { event: '$set', distinct_id: id, uuid, properties: { $set: { value } } };
      while (!(await this.#post(JSON.stringify({ api_key: token, batch: [event] })))) await pause(AGAIN_MS);
      acknowledged.push({ uuid, value });
      await pause(2);
    }
  }

  async #post(body: string): Promise<boolean> {
    const status = await fetch(`${this.#url()}/batch/`, { method: 'POST', body }).then(
      async (response) => {
        await response.text();
        return response.status;
      },
      () => 0,
    );
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    return status === 200;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
