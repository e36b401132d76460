import type { Address } from '../http/bind.ts';
import type { Settings } from '../operate/settings/table.ts';

/** A metric as `prom-client` writes it in JSON, which is also what it puts together again. */
export type MetricValues = object;

/** What the primary says to a worker. */
export type ToWorker =
  /** The first message: what to serve, with this worker's share of the limits. */
  | { readonly kind: 'begin'; readonly worker: number; readonly settings: Settings; readonly address: Address }
  /** Comes with a connection, which is the worker's from then on. */
  | { readonly kind: 'connection'; readonly id: number }
  /** The service is about to end: say so in `/_readiness`, go on otherwise. */
  | { readonly kind: 'drain' }
  /** No connection comes any more: finish within `leftMs`, then end. */
  | { readonly kind: 'stop'; readonly leftMs: number }
  | { readonly kind: 'tell-metrics'; readonly id: number }
  /** The answer to `want-page`. */
  | { readonly kind: 'page'; readonly id: number; readonly text: string }
  /** What does this worker remember of a project's requests? */
  | { readonly kind: 'tell-recent'; readonly id: number; readonly teamId: number }
  /** The answer to `want-recent`: of each worker what it remembers, as text. */
  | { readonly kind: 'recent-of-all'; readonly id: number; readonly texts: readonly string[] };

/** What a worker says to the primary. */
export type ToPrimary =
  | { readonly kind: 'ready' }
  /** The connection has arrived: sent before anything of it is read, so that the primary may give its copy away. */
  | { readonly kind: 'taken'; readonly id: number; readonly open: number }
  /** How many connections are open. */
  | { readonly kind: 'open'; readonly open: number }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: readonly MetricValues[] }
  /** Somebody asks this worker for `/metrics`, which is of all of them. */
  | { readonly kind: 'want-page'; readonly id: number }
  | { readonly kind: 'recent'; readonly id: number; readonly text: string }
  /** Somebody asks this worker what all of them remember of a project's requests. */
  | { readonly kind: 'want-recent'; readonly id: number; readonly teamId: number };
