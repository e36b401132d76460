import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { HttpResponse } from '../http/messages.ts';
import { type PackedFile, PackedFiles, takesPacked } from '../http/packed-files.ts';
import { emptyResponse } from '../http/response.ts';
import type { Route, Visit } from '../http/route.ts';

/** Below this path the console is. */
export const CONSOLE_PATH = '/console/';

/** Files with a hash of what they hold in their names: another content has another name. */
const ASSETS = `${CONSOLE_PATH}assets/`;
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Stands in the page where its nonce belongs (packages/console/index.html). */
const NONCE = '__NONCE__';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** For every answer: nobody guesses types, shows the console in a frame, or learns its addresses. */
const guarded = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * The console's files (section 4 of the console's rules): every path that is no file is the page itself, which reads the rest of its address.
 * Files are read and packed when they are first asked for, and held.
 *
 * @param folder of the built console
 */
export function consoleRoute(folder: string): Route {
  const names = new Set(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && extname(entry.name) in types)
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll('\\', '/'),
      ),
  );
  const files = new PackedFiles();
  return async (visit) => {
    const { request, path, record } = visit;
    record.routine = true;
    if (request.method !== 'GET' && request.method !== 'HEAD') return emptyResponse(405, { allow: 'GET, HEAD' });
    if (!path.startsWith(CONSOLE_PATH)) return emptyResponse(308, { ...guarded, location: CONSOLE_PATH });
    const name = path.slice(CONSOLE_PATH.length);
    if (name !== 'index.html' && names.has(name)) return fileResponse(visit, name, await files.load(folder, name));
    // A page of an older version asks for a part that is gone: it must hear so, and loads itself anew.
    if (path.startsWith(ASSETS)) return emptyResponse(404, guarded);
    return pageResponse((await files.load(folder, 'index.html')).plain.toString());
  };
}

function fileResponse({ request, path }: Visit, name: string, { plain, packed }: PackedFile): HttpResponse {
  const isPacked = takesPacked(request.headers);
  return {
    status: 200,
    headers: {
      ...guarded,
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'cache-control': path.startsWith(ASSETS) ? FOR_EVER : 'no-cache',
      vary: 'Accept-Encoding',
      ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
    },
    body: isPacked ? packed : plain,
  };
}

/** The page, with a nonce of its own: the controls' library writes one style sheet by script. */
function pageResponse(text: string): HttpResponse {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    status: 200,
    headers: {
      ...guarded,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy.join('; '),
    },
    body: Buffer.from(text.replaceAll(NONCE, nonce)),
  };
}
