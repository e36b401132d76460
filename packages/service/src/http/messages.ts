import type { Stream } from './stream.ts';

/** Header names in lower case; a repeated header arrives joined, or as a list. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request as the application sees it: complete, and free of any server library. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as sent, such as `/flags/?v=2`. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Address of the other end of the connection. */
  readonly peer: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. Length, date and connection headers belong to the listener. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Text is ASCII, JSON included (`wire/ascii-json.ts`): an answer joined from many texts then need not be gone through to
   * learn its length in bytes.
   */
  readonly body: string | Uint8Array | null;
  /** Writes the answer bit by bit, in the place of a body. */
  readonly stream?: Stream;
}

/** The first value of a header, or undefined. */
export function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || value === undefined ? value : value[0];
}
