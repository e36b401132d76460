import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Answers, User } from './contract.ts';

/** How to start a program. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a client says, or the error that its user gets. */
export type Reply<T> = (T & { readonly error?: undefined }) | { readonly error: string };

export interface Flags {
  readonly values: Answers;
  readonly payloads: Answers;
  /** What the client says beside its values, where it does. */
  readonly failed?: string;
}

/** What a client says of somebody when it asks. */
export type Asked = Pick<User, 'distinctId' | 'deviceId' | 'groups' | 'personProperties' | 'groupProperties'>;

/** A client that runs as a process of its own and is told line by line what to do. */
export class ClientProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #err = '';

  constructor({ program, args, env = {} }: Command) {
    // Nothing of this process's surroundings reaches a client: no proxy, no address of the real product.
    const { PATH, HOME } = process.env;
    this.#child = spawn(program, args, { env: { PATH, HOME, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.on('data', (chunk) => (this.#err = (this.#err + String(chunk)).slice(-4000)));
    // Whoever writes to a program that ended is told by the reply that never comes.
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', (error) => (this.#err += String(error)));
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  open(opening: {
    readonly host: string;
    readonly token: string;
    readonly secret?: string;
    readonly pollMs: number;
  }): Promise<Reply<object>> {
    return this.#ask('open', opening);
  }

  flags({ user, keys, local }: { user: Asked; keys: readonly string[]; local: boolean }): Promise<Reply<Flags>> {
    const { distinctId, deviceId, groups, personProperties, groupProperties } = user;
    return this.#ask('flags', {
      user: { distinctId, deviceId, groups, personProperties, groupProperties },
      keys,
      local,
    });
  }

  /** Sends an event, which may set properties of its person. */
  capture(event: {
    readonly distinctId: string;
    readonly event: string;
    readonly set?: object;
  }): Promise<Reply<object>> {
    return this.#ask('capture', event);
  }

  remoteConfig(key: string): Promise<Reply<{ readonly payload: Answers[string] }>> {
    return this.#ask('remoteConfig', { key });
  }

  /** What an adapter of the Flags SDK tells its toolbar about a project. */
  providerData(of: {
    readonly host: string;
    readonly projectId: number;
    readonly key: string;
  }): Promise<Reply<{ readonly data: unknown }>> {
    return this.#ask('providerData', of);
  }

  /** What an MCP tool answers; without its name, the names of all that the key is good for. */
  tool(call: {
    readonly host: string;
    readonly key: string;
    readonly name?: string;
    readonly input?: object;
  }): Promise<Reply<{ readonly answer: unknown }>> {
    return this.#ask('tool', call);
  }

  close(): Promise<Reply<object>> {
    return this.#ask('close', {});
  }

  /** Ends the process, whatever it is doing. */
  end(): void {
    this.#child.kill('SIGKILL');
    this.#reader.close();
  }

  async #ask<T extends object>(name: string, question: object): Promise<Reply<T>> {
    this.#child.stdin.write(`${JSON.stringify({ do: name, ...question })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`The client ended instead of answering ${name}: ${this.#err}`);
    return JSON.parse(line.value) as Reply<T>;
  }
}
