import { writeFile } from 'node:fs/promises';
import { parseDefinitions } from '@halyard/json';
import { definitionsFrom, flagTypes, projectCode, readCode, type TypeLanguage } from '@halyard/manage/code';
import { DefinitionError, type Definitions, fromLocalEvaluation } from 'halyard/host';
import type { Settings } from '../../operate/settings/table.ts';
import { readDefinitions } from '../definitions-file.ts';
import type { Io } from '../io.ts';
import { ownToken } from '../own-token.ts';
import { oneLine, UserError } from '../problem-line.ts';
import { codeTexts, refusingFiles } from './code-input.ts';
import { withStore } from './with-store.ts';

export interface TypesOptions {
  readonly lang: TypeLanguage;
  /** Default: standard output. */
  readonly out?: string;
  readonly database?: boolean;
  readonly token?: string;
  /** A Halyard or PostHog that serves definitions. */
  readonly host?: string;
  readonly secretKey?: string;
}

/** How long a host may take. */
const HOST_MS = 30_000;

/** `halyard types --lang ts|python`: writes a module with the keys, values and payloads of flags. */
export async function types(
  settings: Settings,
  path: string | undefined,
  options: TypesOptions,
  io: Io,
): Promise<void> {
  const { host, database = false, lang, out } = options;
  const given = [path !== undefined, database, host !== undefined].filter(Boolean).length;
  if (given !== 1)
    throw new UserError('Say where the flags are: a file or folder, --database, or --host with --secret-key.');
  const definitions =
    path !== undefined
      ? await fromFiles(path)
      : host !== undefined
        ? await fromHost(host, options.secretKey, options.token)
        : await fromDatabase(settings, options.token);
  const text = flagTypes(definitions, lang);
  if (out === undefined) return io.print(text);
  try {
    await writeFile(out, text);
  } catch (error) {
    throw new UserError(`${oneLine(out)} cannot be written: ${oneLine((error as Error).message)}.`);
  }
}

/** Files as `export` writes them, or one as /flags/definitions serves it. */
async function fromFiles(path: string): Promise<Definitions> {
  const texts = await codeTexts(path);
  const [only, ...others] = texts;
  if (only !== undefined && others.length === 0 && /"(?:group_type_mapping|cohorts)"\s*:\s*\{/.test(only.text)) {
    return (await readDefinitions(path)).definitions;
  }
  return refusingFiles(() => definitionsFrom(readCode(texts).code));
}

async function fromDatabase(settings: Settings, named: string | undefined): Promise<Definitions> {
  return withStore(settings, null, async (store, database) => {
    const token = named ?? (await ownToken(database));
    const stored = token === null ? null : await store.read(token);
    if (stored === null) throw new UserError(`There is no project with the token ${token ?? ''}.`);
    return definitionsFrom(projectCode(stored).code);
  });
}

async function fromHost(host: string, key: string | undefined, token: string | undefined): Promise<Definitions> {
  if (key === undefined)
    throw new UserError('A host gives definitions to keys only: say --secret-key, or HALYARD_SECRET_KEY.');
  if (!URL.canParse(host)) throw new UserError('--host must be an address such as https://flags.example.');
  const url = new URL('flags/definitions', host.endsWith('/') ? host : `${host}/`);
  if (token !== undefined) url.searchParams.set('token', token);
  url.searchParams.set('send_cohorts', '');
  const text = await answerOf(url, key);
  try {
    return fromLocalEvaluation(parseDefinitions(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DefinitionError) {
      throw new UserError(`${url.origin} answers with something else than definitions: ${oneLine(error.message)}.`);
    }
    throw error;
  }
}

async function answerOf(url: URL, key: string): Promise<string> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(HOST_MS),
    });
    const text = await response.text();
    if (response.ok) return text;
    throw new UserError(`${url.origin} refuses with ${response.status}: ${oneLine(text).slice(0, 200)}`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${url.origin} cannot be reached: ${oneLine((error as Error).message)}.`);
  }
}
