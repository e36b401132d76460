import type { ServerResponse } from 'node:http';
import type { HttpResponse } from './messages.ts';

/** Writes a whole answer. With `last` the connection ends behind it. */
export function writeResponse(target: ServerResponse, response: HttpResponse, last: boolean): void {
  const { body, stream } = response;
  if (stream !== undefined) {
    target.writeHead(response.status, { ...response.headers, ...(last ? { connection: 'close' } : {}) });
    // Who closes its half has gone: it would not be noticed otherwise before much is written to it (`httpAllowHalfOpen`).
    target.req.socket.once('end', () => target.destroy());
    if (target.req.method === 'HEAD') target.end();
    else stream(target);
    return;
  }
  // Text is ASCII (see `HttpResponse`), so it has as many bytes as characters, and nobody needs to count them.
  const length = body === null ? 0 : body.length;
  // A flat list of names and values is what node:http writes fastest.
  // A length of 304 would be that of the answer that it stands for (RFC 9110, 8.6).
  const headers: string[] = response.status === 304 ? [] : ['content-length', String(length)];
  for (const name of Object.keys(response.headers)) headers.push(name, response.headers[name] as string); // an own key
  if (last) headers.push('connection', 'close');
  // Echoed values came through the parser of node:http, which refuses whatever may not be written in a header.
  target.writeHead(response.status, headers);
  if (body === null) target.end();
  else if (typeof body === 'string') target.end(body, 'latin1');
  else target.end(body);
}
