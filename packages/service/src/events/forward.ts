import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { EventAnswer, EventPath } from '@halyard/people';
import { header, type Headers, type HttpRequest } from '../http/messages.ts';

/** What an upstream may answer at most, in bytes; its answers are lines. */
const MOST_ANSWER = 64 * 1024;

/** When to come again where the upstream does not say. */
const RETRY_SECONDS = 10;

/** Headers that are sent on beside `PostHog-*` (I180). */
const SENT_ON = ['content-type', 'content-encoding', 'user-agent'];

/** What became of a request that was sent on. */
export interface Forwarded {
  /** What the upstream said; 0: nothing, or nothing that is an answer. */
  readonly status: number;
  /** Null: "later", after so many seconds (I181). */
  readonly answer: EventAnswer | null;
  readonly retrySeconds: number;
  /** Why the upstream did not take it. */
  readonly problem?: string;
}

/** Sends requests with events on to another service, and gives its answers (I180–I182). */
export class Forwarder {
  readonly #base: URL;
  readonly #agent: HttpAgent;

  /** @param url paths are put behind it */
  constructor(url: string) {
    this.#base = new URL(url);
    const options = { keepAlive: true, maxSockets: 128 };
    this.#agent = this.#base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * Sends a request on. Never rejects.
   *
   * @param clientAddresses for `X-Forwarded-For`
   * @param timeoutMs until the whole answer is there
   */
  send(request: HttpRequest, path: EventPath, clientAddresses: string, timeoutMs: number): Promise<Forwarded> {
    return new Promise((resolve) => {
      let sent: ClientRequest | undefined;
      const end = (outcome: Forwarded): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      const fail = (problem: string): void => {
        end({ status: 0, answer: null, retrySeconds: RETRY_SECONDS, problem });
        sent?.destroy();
      };
      const timer = setTimeout(() => fail('no answer in time'), Math.max(timeoutMs, 0));
      try {
        const { url, method, headers, body } = request;
        const isSecure = this.#base.protocol === 'https:';
        sent = (isSecure ? httpsRequest : httpRequest)(
          `${this.#base.origin}${this.#base.pathname.replace(/\/$/, '')}${url}`,
          {
            agent: this.#agent,
            method,
            headers: {
              ...headersFor(headers, path),
              'x-forwarded-for': clientAddresses,
              ...(method === 'GET' ? {} : { 'content-length': String(body.length) }),
            },
          },
          (response) => void readAnswer(response).then(end, (error: unknown) => fail(codeOf(error))),
        );
        sent.on('error', (error) => fail(codeOf(error)));
        sent.end(method === 'GET' ? undefined : body);
      } catch (error) {
        fail(codeOf(error));
      }
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function headersFor(headers: Headers, path: EventPath): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const isSent = SENT_ON.includes(name) || name.startsWith('posthog-') || (name === 'authorization' && path === 'v1');
    const value = isSent ? header(headers, name) : undefined;
    if (value !== undefined) sent[name] = value;
  }
  return sent;
}

async function readAnswer(response: IncomingMessage): Promise<Forwarded> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += (chunk as Buffer).length;
    if (length > MOST_ANSWER) throw new Error('too long an answer');
    chunks.push(chunk as Buffer);
  }
  const status = response.statusCode ?? 0;
  const seconds = Number(response.headers['retry-after']);
  const retrySeconds = Number.isInteger(seconds) && seconds > 0 ? seconds : RETRY_SECONDS;
  // Redirects are not followed, and no SDK follows one with its events (I182).
  const isLater = status === 429 || status >= 500 || (status >= 300 && status < 400);
  if (isLater) return { status, answer: null, retrySeconds, problem: `status ${status}` };
  const type = response.headers['content-type'];
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  const again = response.headers['retry-after'];
  if (again !== undefined) headers['retry-after'] = again;
  // As bytes in characters, as our own answers are written.
  return { status, answer: { status, headers, body: Buffer.concat(chunks).toString('latin1') }, retrySeconds };
}

/** Never the message, which may have an address with a password in it. */
function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : 'failed';
}
