import type { HttpRequest, HttpResponse } from './messages.ts';
import type { RequestRecord } from './request-record.ts';

/** A request as routes get it. */
export interface Visit {
  readonly request: HttpRequest;
  /** Path without the query. */
  readonly path: string;
  /** Query without its question mark, '' when there is none. */
  readonly search: string;
  readonly record: RequestRecord;
}

export type Route = (visit: Visit) => HttpResponse | Promise<HttpResponse>;
