import type { Remembered } from '../observe/recent-requests.ts';
import type { Observer } from '../posthog/observer.ts';
import { Gate, type Job } from '../http/gate.ts';
import type { HttpResponse } from '../http/messages.ts';
import type { Route, Visit } from '../http/route.ts';
import type { ManagementApi } from './api.ts';
import type { ManagementOptions } from './options.ts';
import { observe } from './observe.ts';
import { startScheduleClock } from './schedules/schedule-clock.ts';

/** Where the management API is, and how it ends. */
export interface Management {
  readonly route: Route;
  /** What it hears of evaluations; null: nothing. */
  readonly observer: Observer | null;
  /** What this process alone remembers of a project's requests (M195). */
  readonly ownRecent: (teamId: number) => Remembered;
  /** The answer to a request that came too late, or was too large to be read. */
  refuse(status: number, detail: string): HttpResponse;
  /** Ends answers that would go on for ever; from now on there are none. */
  endStreams(): void;
  close(): Promise<void>;
}

/** Requests at once, and those that may wait for them: few, whatever comes, so that `/flags` has its time. */
const AT_ONCE = 8;
const WAITING = 64;
const PATIENCE_MS = 10_000;

/** Mounts the management API beside what evaluates flags: nothing of it is loaded before somebody asks, and it has limits of its own. */
export function mountManagement(options: ManagementOptions): Management {
  const gate = new Gate({ limit: AT_ONCE, queue: WAITING, patienceMs: PATIENCE_MS });
  const schedules = startScheduleClock(options);
  const observed = observe(options);
  let api: Promise<ManagementApi> | undefined;
  const answer = async ({ request, record }: Visit): Promise<HttpResponse> => {
    api ??= import('./api.ts').then(({ openManagementApi }) => openManagementApi(options, observed));
    return (await api).answer(request, record);
  };
  return {
    observer: observed.observer,
    ownRecent: observed.ownRecent,
    route: (visit) =>
      new Promise((resolve, reject) => {
        const job: Job = {
          settled: false,
          start: () =>
            void answer(visit)
              .then(resolve, reject)
              .finally(() => gate.leave()),
          refuse: () => resolve(refusal(503, 'Too many requests are waiting. Ask again later.')),
        };
        if (!gate.admit(job)) job.refuse();
      }),
    refuse: refusal,
    endStreams: () => void api?.then((opened) => opened.endStreams()),
    close: async () => {
      await schedules.close();
      if (api !== undefined) await (await api).close();
      await observed.close();
    },
  };
}

/** Written out here, since nothing of the API may be loaded yet. */
function refusal(status: number, detail: string): HttpResponse {
  const body = JSON.stringify({
    type: status < 500 ? 'invalid_request' : 'server_error',
    code: 'error',
    detail,
    attr: null,
  });
  const headers = { 'content-type': 'application/json', ...(status === 503 ? { 'retry-after': '1' } : {}) };
  return { status, headers, body };
}
