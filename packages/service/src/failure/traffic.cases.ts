import { Agent, request } from 'node:http';
import { askForPerson, type FlagKey, needFacts, rightValues, token } from './flags-project.cases.ts';

/** What the service said to one request. */
export interface Answer {
  /** 0: the connection broke without an answer. */
  readonly status: number;
  /** The error code of every failed flag. */
  readonly codes: ReadonlySet<string>;
  /** What the rules forbid: a wrong value, a missing flag, an error that is not reported. */
  readonly wrong: readonly string[];
  readonly retryAfter: string | undefined;
  readonly text: string;
}

interface Flag {
  readonly enabled: boolean;
  readonly variant: string | null;
  readonly failed?: boolean;
  readonly reason: { readonly code: string };
}

/** Sends one request and judges the answer. */
export async function askFlags(url: string, body: object = {}, agent?: Agent): Promise<Answer> {
  const { status, text, retryAfter } = await post(`${url}/flags?v=2`, { token, ...askForPerson, ...body }, agent);
  if (status !== 200) return { status, codes: new Set(), wrong: [], retryAfter, text };
  return { status, retryAfter, text, ...judge(text) };
}

/** E163: a flag without its facts is off and says so; every other one has its right value. */
function judge(text: string): Pick<Answer, 'codes' | 'wrong'> {
  const { flags, errorsWhileComputingFlags } = JSON.parse(text) as {
    flags: Record<string, Flag>;
    errorsWhileComputingFlags: boolean;
  };
  const codes = new Set<string>();
  const wrong: string[] = [];
  for (const [key, right] of Object.entries(rightValues) as [FlagKey, boolean | string][]) {
    const flag = flags[key];
    if (flag === undefined) wrong.push(`${key} is missing`);
    else if (flag.failed === true) {
      codes.add(flag.reason.code);
      if (!needFacts.has(key)) wrong.push(`${key} failed: ${flag.reason.code}`);
      if (flag.enabled || flag.variant !== null) wrong.push(`${key} failed and is on`);
    } else if ((flag.variant ?? flag.enabled) !== right) wrong.push(`${key} is ${flag.variant ?? flag.enabled}`);
  }
  if (errorsWhileComputingFlags !== codes.size > 0) wrong.push(`the errors flag is ${errorsWhileComputingFlags}`);
  return { codes, wrong };
}

function post(
  url: string,
  body: object,
  agent?: Agent,
): Promise<{ status: number; text: string; retryAfter?: string }> {
  return new Promise((resolve) => {
    const broken = (error: Error) => resolve({ status: 0, text: error.message });
    const sent = request(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json' }, ...(agent === undefined ? {} : { agent }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', broken);
        response.on('end', () => {
          const retryAfter = response.headers['retry-after'];
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
            ...(retryAfter === undefined ? {} : { retryAfter }),
          });
        });
      },
    );
    sent.on('error', broken);
    sent.end(JSON.stringify(body));
  });
}

/** After that nothing is expected to come any more. */
const patienceMs = 30_000;

/** Several clients that ask without pause until they are told to stop. */
export class Traffic {
  readonly answers: Answer[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #clients: Promise<void>[];
  #stopped = false;

  constructor(url: string, clients = 8) {
    this.#clients = Array.from({ length: clients }, async () => {
      while (!this.#stopped) {
        this.answers.push(await askFlags(url, {}, this.#agent));
        // Leave the processor to the servers now and then.
        await new Promise((resolve) => {
          setTimeout(resolve, 2);
        });
      }
    });
  }

  /** What went against the rules so far; requests that got no flags at all count as well. */
  get wrong(): string[] {
    const said = this.answers.flatMap(({ status, wrong, text }) => (status === 200 ? wrong : [`${status} ${text}`]));
    return [...new Set(said)];
  }

  /** Error codes of flags seen so far. */
  get codes(): string[] {
    return [...new Set(this.answers.flatMap(({ codes }) => [...codes]))].sort();
  }

  /** Waits for the next answers in which every flag has its right value; false when none come, however busy the machine is. */
  async healthy(): Promise<boolean> {
    for (let waited = 0; waited < patienceMs; waited += 20) {
      const from = this.answers.length;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
      const latest = this.answers.slice(from);
      if (latest.length > 0 && latest.every((answer) => isWhole(answer))) return true;
    }
    return false;
  }

  /** Waits until a flag has failed with this code. */
  async sees(code: string): Promise<boolean> {
    for (let waited = 0; waited < patienceMs && !this.codes.includes(code); waited += 20) {
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    return this.codes.includes(code);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }
}

export function isWhole({ status, wrong, codes }: Answer): boolean {
  return status === 200 && wrong.length === 0 && codes.size === 0;
}
