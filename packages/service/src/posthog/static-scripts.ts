import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { HttpResponse } from '../http/messages.ts';
import { type PackedFile, PackedFiles, takesPacked } from '../http/packed-files.ts';
import { emptyResponse } from '../http/response.ts';
import type { Route } from '../http/route.ts';

/** Where script files come from. */
export interface ScriptPackage {
  /** The folder of the files. */
  readonly folder: string;
  readonly version: string;
}

/** Longest time that a browser may keep a file which never changes under its path, and one that may be another one after an upgrade. Seconds. */
const VERSIONED = 'public, max-age=31536000, immutable';
const UNVERSIONED = 'public, max-age=3600';

const PREFIX = '/static/';

/**
 * `/static/<part>.js` and `/static/<version>/<part>.js` (H245), out of the package that browsers' SDK is published in. Files are read and packed
 * when they are first asked for, and held. Null: not such a path.
 *
 * @param scripts undefined: the package is not installed, and every file is unknown
 */
export function staticScripts(scripts: ScriptPackage | undefined): (path: string) => Route | null {
  const names = new Set(
    scripts === undefined ? [] : readdirSync(scripts.folder).filter((name) => /^[\w.-]+\.js$/.test(name)),
  );
  const files = new PackedFiles();
  return (path) => {
    if (!path.startsWith(PREFIX)) return null;
    const [first = '', second, ...rest] = path.slice(PREFIX.length).split('/');
    const name = second ?? first;
    const version = second === undefined ? undefined : first;
    return ({ request, search, record }) => {
      record.routine = true;
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return emptyResponse(405, { allow: 'GET, OPTIONS, HEAD' });
      }
      const known = rest.length === 0 && names.has(name) && (version === undefined || version === scripts?.version);
      if (scripts === undefined || !known) return emptyResponse(404);
      const fixed = (version ?? new URLSearchParams(search).get('v')) === scripts.version;
      const packed = takesPacked(request.headers);
      return files.load(scripts.folder, name).then((script) => response(script, packed, fixed));
    };
  };
}

function response(script: PackedFile, packed: boolean, fixed: boolean): HttpResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': fixed ? VERSIONED : UNVERSIONED,
      // The header of CORS names the caller.
      vary: 'Origin, Accept-Encoding',
      ...(packed ? { 'content-encoding': 'gzip' } : {}),
    },
    body: packed ? script.packed : script.plain,
  };
}

/**
 * The package `posthog-js`, beside the service or beside the folder that it was started in; undefined: it is not installed.
 *
 * @param from files whose folders are looked in, one after the other
 */
export function findScripts(
  from: readonly string[] = [import.meta.url, join(process.cwd(), 'index.js')],
): ScriptPackage | undefined {
  for (const file of from) {
    try {
      const folder = dirname(createRequire(file).resolve('posthog-js/dist/array.js'));
      const { version } = JSON.parse(readFileSync(join(folder, '..', 'package.json'), 'utf8')) as { version?: unknown };
      if (typeof version === 'string') return { folder, version };
    } catch {
      // Not there, or something else by that name: look on.
    }
  }
  return undefined;
}
