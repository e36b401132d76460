import { spawn } from 'node:child_process';

/** A tiny process that outlives us just long enough to stop the server. */
export interface Sitter {
  /** The server is in other hands or gone; nobody needs to stop it any more. */
  dismiss(): void;
}

/**
 * Sees to it that the server does not outlive this process, however it ends: a shell waits at the other end of a pipe,
 * and when the system closes the pipe, it asks the server to stop. Without a shell nobody sits; the next start finds
 * the server then.
 */
export function sitFor(pid: number): Sitter {
  const script = `read -r word || kill -INT ${pid}`;
  const child = spawn('/bin/sh', ['-c', script], { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    dismiss() {
      child.stdin.end('stay\n');
    },
  };
}
