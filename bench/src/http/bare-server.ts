import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The least that node:http can do: read the body, send a fixed JSON text of the size asked for, or say that nothing has changed.
const isUnchanged = process.argv[2] === '304';
/** The headers that the service sends, so that as many bytes are written. */
const UNCHANGED = {
  etag: 'W/"0123456789abcdef"',
  'cache-control': 'private, must-revalidate',
  vary: 'Accept-Encoding, Origin',
  'halyard-position': 'w1234.1234',
};
const bytes = Number(process.argv[2] ?? 1000);
const body = JSON.stringify({ filler: 'x'.repeat(Math.max(0, bytes - '{"filler":""}'.length)) });

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (isUnchanged) {
      response.writeHead(304, UNCHANGED).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
});
