import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Address } from '../http/bind.ts';
import type { Recipient } from './dispatcher.ts';
import type { MetricValues, ToPrimary, ToWorker } from './messages.ts';
import type { Settings } from '../operate/settings/table.ts';

/** The program that a worker runs. */
export interface WorkerProgram {
  /** Path of the script. */
  readonly script: string;
  readonly args: readonly string[];
}

export interface WorkerEvents {
  readonly taken: (id: number) => void;
  readonly wantsPage: () => Promise<string>;
  readonly wantsRecent: (teamId: number) => Promise<readonly string[]>;
}

/** A worker has this long to say what its metrics are, or what it remembers. */
const METRICS_MS = 1_000;

/** Options of Node that open a port or take a file, which two processes cannot have at once. */
const OF_ONE_PROCESS = /^--(inspect|debug|cpu-prof|heap-prof|prof\b)/;

/** A worker, seen from the primary. */
export class WorkerProcess implements Recipient {
  open = 0;
  readonly untaken = new Map<number, Socket>();
  /** When it said that it serves, on the clock of `performance.now()`; undefined: not yet. */
  readyAt: number | undefined;
  /** Its metrics, as last told. */
  metrics: readonly MetricValues[] = [];
  /** Whether it came to serve; false: it died before. */
  readonly ready: Promise<boolean>;
  /** Resolves when it is dead and everything that it said has been heard. */
  readonly gone: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, (text: string | null) => void>();
  #lastAsked = 0;

  constructor(program: WorkerProgram, worker: number, settings: Settings, address: Address, events: WorkerEvents) {
    const child = fork(program.script, program.args, {
      execArgv: process.execArgv.filter((option) => !OF_ONE_PROCESS.test(option)),
      // What JSON cannot say, metrics can: a lag that nobody has measured yet is no number.
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const heard = once(child, 'disconnect');
    // A program that cannot be started exits no more than it started.
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', () => {
        if (child.pid === undefined) resolve({ code: null, signal: null });
      });
    });
    this.gone = exited.then(async (end) => {
      if (child.connected) await heard;
      return end;
    });
    const serves = new Promise<boolean>((resolve) => {
      child.on('message', (message) => {
        const said = message as ToPrimary;
        if (said.kind === 'ready') {
          this.readyAt = performance.now();
          resolve(true);
        } else this.#hear(said, events);
      });
    });
    this.ready = Promise.race([serves, this.gone.then(() => false)]);
    this.tell({ kind: 'begin', worker, settings, address });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(id: number, socket: Socket): void {
    // The copy stays here until the worker has its own.
    this.#post({ kind: 'connection', id }, socket);
  }

  tell(message: ToWorker): void {
    this.#post(message);
  }

  /** Its metrics of now; those that it told last when it says nothing within a second, or never again. */
  async freshMetrics(): Promise<readonly MetricValues[]> {
    await this.#ask((id) => ({ kind: 'tell-metrics', id }));
    return this.metrics;
  }

  /** What it remembers of a project's requests, as text; null when it says nothing within a second, or never again. */
  async recent(teamId: number): Promise<string | null> {
    return this.#ask((id) => ({ kind: 'tell-recent', id, teamId }));
  }

  /** The text of its answer; null: it has none, or none came in time. */
  async #ask(question: (id: number) => ToWorker): Promise<string | null> {
    const id = ++this.#lastAsked;
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<string | null>((resolve) => {
      this.#asked.set(id, resolve);
      timer = setTimeout(() => resolve(null), METRICS_MS);
    });
    this.tell(question(id));
    const answer = await Promise.race([answered, this.gone.then(() => null)]);
    clearTimeout(timer);
    this.#asked.delete(id);
    return answer;
  }

  /** Lets it finish within `leftMs` milliseconds, and ends it then, whatever it does. Resolves when it has gone. */
  async stop(leftMs: number): Promise<void> {
    this.tell({ kind: 'stop', leftMs });
    const timer = setTimeout(() => this.kill(), leftMs);
    await this.gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #hear(said: Exclude<ToPrimary, { kind: 'ready' }>, events: WorkerEvents): void {
    switch (said.kind) {
      case 'taken':
        this.open = said.open;
        events.taken(said.id);
        break;
      case 'open':
        this.open = said.open;
        break;
      case 'metrics':
        this.metrics = said.metrics;
        this.#asked.get(said.id)?.(null);
        break;
      case 'recent':
        this.#asked.get(said.id)?.(said.text);
        break;
      case 'want-recent':
        void events.wantsRecent(said.teamId).then((texts) => this.tell({ kind: 'recent-of-all', id: said.id, texts }));
        break;
      case 'want-page':
        void this.#answerPage(said.id, events);
        break;
    }
  }

  async #answerPage(id: number, events: WorkerEvents): Promise<void> {
    this.tell({ kind: 'page', id, text: await events.wantsPage() });
  }

  #post(message: ToWorker, socket?: Socket): void {
    if (!this.#child.connected) return;
    // A failure to send is its end, which is told elsewhere.
    this.#child.send(message, socket, { keepOpen: true }, () => undefined);
  }
}
