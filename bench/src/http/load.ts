import { Agent, request } from 'node:http';
import type { ServerProcess } from './server-process.ts';

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface Load {
  /** Request bodies, sent in turn. */
  readonly bodies: readonly string[];
  readonly path: string;
  readonly concurrency: number;
  readonly ms: number;
}

/** Keeps `concurrency` requests under way for that long. Any answer but 200 is an error. */
export async function putLoad(server: ServerProcess, load: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.concurrency });
  const { hostname, port } = new URL(server.url);
  const cpuBefore = server.cpuSeconds();
  const start = performance.now();
  const end = start + load.ms;
  let requests = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const body = load.bodies[requests++ % load.bodies.length] as string;
      await ask({ agent, hostname, port, path: load.path }, body);
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, worker));
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  return { requests, seconds, cpuSeconds: server.cpuSeconds() - cpuBefore };
}

/** One POST of a JSON body; resolves with the answer's text. */
export function ask(
  target: { agent?: Agent; hostname: string; port: string; path: string },
  body: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request({ ...target, method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`status ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
