import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { ProbePort } from './probe-port.ts';

let port: ProbePort | undefined;
afterEach(async () => {
  await port?.close();
  port = undefined;
});

const health = { draining: false, waiting: true, warmUp: () => Promise.resolve() };

/** Asks from another process; until it has answered, nothing else happens in this one. */
function askWhileNothingHappens(url: string, path: string): string {
  const script = `const { status } = await fetch(process.argv[1]); console.log(status);`;
  const args = ['--input-type=module', '--eval', script, url + path];
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim();
}

async function ask(url: string, path: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url + path, init);
  return `${response.status} ${await response.text()}`;
}

/** Asks until something else is said than before. */
async function next(url: string, before: string): Promise<string> {
  for (;;) {
    const said = await ask(url, '/_readiness');
    if (said !== before) return said;
  }
}

it('H215: says what the state is', async () => {
  const state = { ...health };
  const { url } = (port = await ProbePort.open('127.0.0.1', 0, state));
  expect(await ask(url, '/_readiness')).toBe('503 waiting for the database');
  state.waiting = false;
  expect(await next(url, '503 waiting for the database')).toBe('200 ready');
  state.draining = true;
  expect(await next(url, '200 ready')).toBe('503 shutting down');
  expect(await ask(url, '/_liveness?x=1')).toBe('200 alive');
});

it('H216: answers while the event loop is held up, and says when that lasts too long', async () => {
  const { url } = (port = await ProbePort.open('127.0.0.1', 0, health));
  expect(askWhileNothingHappens(url, '/_liveness')).toBe('200');
  await port.close();
  const impatient = (port = await ProbePort.open('127.0.0.1', 0, { ...health, waiting: false }, 1));
  // A process takes longer than that to start.
  expect(askWhileNothingHappens(impatient.url, '/_liveness')).toBe('503');
  expect(askWhileNothingHappens(impatient.url, '/_readiness')).toBe('503');
});

it('H217: the first start probe warms up, each says 200', async () => {
  let warmed = 0;
  const warm = { ...health, warmUp: () => Promise.resolve(void warmed++) };
  const { url } = (port = await ProbePort.open('127.0.0.1', 0, warm));
  for (let i = 0; i < 3; i++) expect(await ask(url, '/_startup')).toBe('200 started');
  await expect.poll(() => warmed, { timeout: 30_000 }).toBe(1);
});

it('answers nothing but probes, and says so', async () => {
  const { url } = (port = await ProbePort.open('127.0.0.1', 0, health));
  expect(await ask(url, '/flags')).toBe('404 There are only probes on this port.');
  expect(await ask(url, '/_liveness', { method: 'POST', body: '{}' })).toBe('405 ');
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.write('\0\u{1F4A9} nonsense\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('400 Bad Request');
  expect(await ask(url, '/_liveness')).toBe('200 alive');
});

it('a port that somebody else has is an error that names it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port: taken } = other.address() as { port: number };
  await expect(ProbePort.open('127.0.0.1', taken, health)).rejects.toThrow(
    `The probes cannot be answered at 127.0.0.1:${taken} (EADDRINUSE). Choose another port with --probe-port or HALYARD_PROBE_PORT.`,
  );
  other.close();
});
