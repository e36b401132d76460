import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { pause } from './postmaster.ts';

const longestWaitMs = 60_000;
const lookAgainMs = 20;

/**
 * Waits until no other start on this folder is under way, and keeps further ones waiting until the result is called: what one has seen of the
 * lock files must still hold when it acts. The name is of a kind that only a living process has, so a killed start leaves nothing behind. Where
 * the system has no such names (all but Linux), nobody waits.
 *
 * @throws {Error} when another start takes longer than a minute
 */
export async function takeStartTurn(folder: string): Promise<() => void> {
  if (process.platform !== 'linux') return () => undefined;
  const { dev, ino } = statSync(folder);
  const until = performance.now() + longestWaitMs;
  for (;;) {
    const turn = await named(`\0halyard-start-${dev}-${ino}`);
    if (turn !== null) return () => void turn.close();
    if (performance.now() > until) throw new Error(`Another start on the data folder ${folder} takes too long.`);
    await pause(lookAgainMs);
  }
}

function named(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen({ path, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}
