import { createInterface } from 'node:readline';

/**
 * What is asked of a client, one method a command.
 *
 * @typedef {object} User
 * @property {string} distinctId
 * @property {Record<string, string>} groups key of the group by type
 * @property {Record<string, string | number | boolean>} personProperties
 * @property {Record<string, Record<string, string | number | boolean>>} groupProperties by type
 * @property {string} [deviceId]
 *
 * @typedef {object} Opening
 * @property {string} host
 * @property {string} token of the project
 * @property {string} [secret] with it the client evaluates locally
 * @property {number} pollMs how often it asks for definitions then
 *
 * @typedef {object} Client
 * @property {(opening: Opening) => unknown} open makes the client
 * @property {(question: { user: User, keys: string[], local: boolean }) => unknown} flags `{ values, payloads }` by key; null where it has none
 * @property {(question: { distinctId: string, event: string, set?: Record<string, unknown> }) => unknown} capture sends an event, which may set
 *   properties of its person, and waits until it is gone
 * @property {(question: { key: string }) => unknown} [remoteConfig] `{ payload }`
 * @property {(question: { host: string, projectId: number, key: string }) => unknown} [providerData] `{ data }`, with a personal key
 * @property {() => unknown} close
 */

/**
 * Answers commands: a line of JSON in, `{"do": "flags", …}`, a line of JSON out, `{"error": "…"}` for whatever is thrown. Ends with the input.
 *
 * @param {Client} client
 */
export async function serve(client) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: name, ...question } = /** @type {{ do: string }} */ (JSON.parse(line));
    let answer;
    try {
      const method = /** @type {Record<string, ((question: unknown) => unknown) | undefined>} */ (
        /** @type {unknown} */ (client)
      )[name];
      answer = method === undefined ? { error: `no ${name}` } : ((await method(question)) ?? {});
    } catch (error) {
      answer = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}

/**
 * What a client says of each flag: `undefined` and null are one in JSON.
 *
 * @param {string[]} keys
 * @param {(key: string) => unknown} of
 */
export async function byKey(keys, of) {
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const key of keys) found[key] = (await of(key)) ?? null;
  return found;
}
