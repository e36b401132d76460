import type { HttpRequest, HttpResponse } from '../http.ts';
import type { RequestFacts } from '../log/request-facts.ts';

/** A request as routes get it. */
export interface Visit {
  readonly request: HttpRequest;
  /** Path without the query. */
  readonly path: string;
  /** Query without its question mark, '' when there is none. */
  readonly search: string;
  readonly facts: RequestFacts;
}

export type Route = (visit: Visit) => HttpResponse | Promise<HttpResponse>;
