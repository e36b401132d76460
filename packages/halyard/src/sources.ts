import { readFile } from 'node:fs/promises';
import { type JsonValue, parseStored } from '@halyard/json';
import { DefinitionError, type Definitions, fromLocalEvaluation } from '@halyard/engine';

/** Definitions as PostHog's local-evaluation endpoint serves them: `flags`, `group_type_mapping`, `cohorts`. */
export type DefinitionsDocument = object;

/** A definitions document on the web, such as PostHog's or Halyard's `/flags/definitions`. */
export interface DefinitionsUrl {
  readonly url: string;
  /** Sent with every request, for instance `{ authorization: 'Bearer phs_…' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often to look for changes, in milliseconds; 0 = never. Default 30 000. */
  readonly pollMs?: number;
}

const FETCH_TIMEOUT_MS = 10_000;

/** Reads a definitions document that is already in memory. Throws `DefinitionError` when it is not one. */
export function definitionsFromObject(document: DefinitionsDocument): Definitions {
  try {
    return fromLocalEvaluation(document as JsonValue);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw new TypeError(`definitions: ${placeOf(error)}${error.message}`, { cause: error });
  }
}

/** Reads a definitions file. Errors name the file and what is wrong with it. */
export async function definitionsFromFile(file: string): Promise<Definitions> {
  const text = await readFile(file, 'utf8');
  return definitionsFromText(text, file);
}

/** The document, or `null` when the server says it has not changed since `etag`. */
export async function definitionsFromUrl(
  source: DefinitionsUrl,
  etag: string | null,
): Promise<{ definitions: Definitions; etag: string | null } | null> {
  const response = await fetch(source.url, {
    headers: { ...source.headers, ...(etag === null ? {} : { 'if-none-match': etag }) },
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (response.status === 304) return null;
  const text = await response.text();
  const place = withoutSecrets(source.url);
  if (!response.ok) throw new Error(`${place} answered ${response.status} instead of definitions`);
  return { definitions: definitionsFromText(text, place), etag: response.headers.get('etag') };
}

function definitionsFromText(text: string, place: string): Definitions {
  try {
    return fromLocalEvaluation(parseStored(text));
  } catch (error) {
    const where = error instanceof DefinitionError ? placeOf(error) : '';
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${place} holds no flag definitions: ${where}${reason}`, { cause: error });
  }
}

function placeOf({ path }: DefinitionError): string {
  return path === '' ? '' : `${path} `;
}

/** The address without query and credentials, which may hold keys. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname}`;
}
