import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] folder to run in
 * @property {NodeJS.ProcessEnv} [env] added to this process's own variables
 */

/**
 * Starts a command with our own input and output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function start(command, args, { cwd, env } = {}) {
  return spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
}

/**
 * Waits for a started command, hands on the signals we receive meanwhile, and answers its exit code. A command ended
 * by a signal answers 128 + the signal's number, as a shell does.
 *
 * When npm is told to stop, it stops the shell between it and us, and nobody tells us. A new parent is the sign of
 * that; without it a killed `npm test` would leave its servers behind.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
export function ended(child) {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let passed = -Infinity;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    // Ctrl-C reaches the child without us: a terminal signals the whole group. Twice would mean "at once" to it.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    // Whoever signals the group reaches us twice, once through npm: one wish, not two.
    if (performance.now() - passed < 1000) return;
    passed = performance.now();
    child.kill(signal);
  };
  const parent = process.ppid;
  const orphanCheck = setInterval(() => {
    if (process.ppid === parent || process.env['npm_lifecycle_event'] === undefined) return;
    clearInterval(orphanCheck);
    child.kill('SIGTERM');
  }, 250);
  const stop = () => {
    clearInterval(orphanCheck);
    for (const signal of signals) process.off(signal, pass);
  };
  return new Promise((resolve, reject) => {
    for (const signal of signals) process.on(signal, pass);
    child.once('error', (error) => {
      stop();
      reject(error);
    });
    child.once('close', (code, signal) => {
      stop();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/**
 * Runs a script with the Node that runs this one, to its end.
 *
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export const runNode = (args, options) => ended(start(process.execPath, args, options));

/**
 * Runs a script with the Node that runs this one and keeps what it prints.
 *
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function captureNode(args, { cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    /** @type {string[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => output.push(String(text)));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output: output.join('') }));
  });
}
