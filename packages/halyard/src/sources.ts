import { parseDefinitions } from '@halyard/json';
import type { Position } from '@halyard/data';
import { DefinitionError, type Definitions, fromLocalEvaluation } from '@halyard/engine';
import { messageOf } from './arguments.ts';
import { jsonForm } from './json-form.ts';
import { POSITION_HEADER, positionFrom } from './position-header.ts';
import { sentenceIn } from './server-sentence.ts';

/** Definitions as PostHog's local-evaluation endpoint serves them: `flags`, `group_type_mapping`, `cohorts`. */
export type DefinitionsDocument = object;

/** A definitions document in a file. */
export interface DefinitionsFile {
  /** Its path, or a `file:` URL such as `new URL('./flags.json', import.meta.url)`. */
  readonly file: string | URL;
}

/** A definitions document on the web, such as PostHog's or Halyard's `/flags/definitions`. */
export interface DefinitionsUrl {
  /** Its address, `http:` or `https:`. */
  readonly url: string | URL;
  /** Sent with every request, for instance `{ authorization: 'Bearer phs_…' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long after an answer to look for changes, in milliseconds; 0 = never. Default 30 000. Failures make it longer. */
  readonly pollMs?: number;
}

/** A document as a server sent it. */
export interface FetchedText {
  readonly text: string;
  readonly etag: string | null;
  /** How far the server's store had come, where it says so. */
  readonly position: Position | undefined;
}

/** As deep as a stored document may be (E126); larger than any project. */
const DOCUMENT_LIMITS = { depth: 512, values: 50_000_000 };

/**
 * Reads a definitions document that is already in memory, as the JSON that would be written of it.
 *
 * @throws TypeError when it is not one, naming the place
 */
export function definitionsFromObject(document: DefinitionsDocument): Definitions {
  try {
    return fromLocalEvaluation(jsonForm(document, 'definitions', DOCUMENT_LIMITS) ?? null);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw new TypeError(`definitions: ${placeOf(error)}${error.message}`, { cause: error });
  }
}

/** Reads a definitions file. Errors name the file and what is wrong with it. */
export async function definitionsFromFile({ file }: DefinitionsFile): Promise<Definitions> {
  const { readFile } = await import('#of-node');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`definitions.file: cannot read ${String(file)}: ${messageOf(error)}`, { cause: error });
  }
  return definitionsFromText(text, String(file));
}

/**
 * The document, or `null` when the server says it has not changed since `etag`.
 *
 * @param signal ends the request; its reason is the error
 * @throws {Error} naming the address, without what may be secret in it, and the cause
 */
export async function textFromUrl(
  { url, headers }: DefinitionsUrl,
  etag: string | null,
  signal: AbortSignal,
): Promise<FetchedText | null> {
  const place = withoutSecrets(url);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      headers: { ...headers, ...(etag === null ? {} : { 'if-none-match': etag }) },
      signal,
    });
    if (response.status === 304 && etag !== null) return null;
    text = await response.text();
  } catch (error) {
    throw new Error(`${place} could not be reached: ${reasonOf(error)}`, { cause: error });
  }
  if (!response.ok) {
    // A key may stand alone or behind its scheme.
    const secrets = Object.values(headers ?? {}).flatMap((value) => [value, value.slice(value.indexOf(' ') + 1)]);
    const said = sentenceIn(text, secrets);
    const reason = [adviceFor(response), said].filter((part) => part !== undefined).join('. ');
    throw new Error(`${place} answered ${response.status} instead of definitions${reason === '' ? '' : `: ${reason}`}`);
  }
  const { headers: answered } = response;
  return { text, etag: answered.get('etag'), position: positionFrom(answered.get(POSITION_HEADER)) };
}

/** Reads what an address sent. Errors name it and what is wrong with the document. */
export function definitionsSentBy({ url }: DefinitionsUrl, text: string): Definitions {
  return definitionsFromText(text, withoutSecrets(url));
}

function definitionsFromText(text: string, place: string): Definitions {
  try {
    return fromLocalEvaluation(parseDefinitions(text));
  } catch (error) {
    const where = error instanceof DefinitionError ? placeOf(error) : '';
    throw new Error(`${place} holds no flag definitions: ${where}${messageOf(error)}`, { cause: error });
  }
}

function placeOf({ path }: DefinitionError): string {
  return path === '' ? '' : `${path} `;
}

/** `fetch` fails with "fetch failed"; why stands in its cause, or in the first of several when a name has several addresses. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const first: unknown = cause instanceof AggregateError && cause.errors.length > 0 ? cause.errors[0] : cause;
  return messageOf(first);
}

function adviceFor({ status }: Response): string | undefined {
  if (status === 401 || status === 403) return 'check the key';
  return status === 404 ? 'check the address' : undefined;
}

/** The address without query and credentials, which may hold keys. */
function withoutSecrets(address: string | URL): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname}`;
}
