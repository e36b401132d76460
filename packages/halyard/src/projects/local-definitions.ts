import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { DefinitionSource, ProjectDefinitions } from '@halyard/data';
import { isObject, member } from '@halyard/json';
import { isBillable } from '../billable.ts';
import type { CompiledProject } from '../compiled-project.ts';
import { localDocument } from '../local-document.ts';
import { positionText } from '../position-header.ts';
import { Turns } from '../turns.ts';
import { type Made, PerRevision } from './per-revision.ts';

/** The document from which SDKs evaluate by themselves (H172), ready to be sent. */
export interface LocalDefinitions {
  /** 16 hex digits of the SHA-256 of the document: equal definitions have equal ones (H170). */
  readonly tag: string;
  /** How far the store had come, as a header says it; null: nobody knows. */
  readonly position: string | null;
  /** JSON, UTF-8. */
  readonly plain: Uint8Array;
  /** The same, packed. */
  readonly gzipped: Uint8Array;
  /** Some flag of it counts as usage (H110): one that the product has not made for itself. */
  readonly isBillable: boolean;
}

export interface LocalDefinitionsOptions {
  readonly source: DefinitionSource;
  readonly maxBytes: number;
  readonly onError: (error: unknown) => void;
}

const pack = promisify(gzip);

/** The documents for local evaluation, made once per revision of a project. */
export function localDefinitions({ source, ...limits }: LocalDefinitionsOptions): PerRevision<LocalDefinitions> {
  const turns = new Turns();
  return new PerRevision({
    ...limits,
    make: async (project) => {
      const loaded = await newest(source, project);
      return loaded === null ? null : made(loaded, turns);
    },
  });
}

/** The definitions that the program was compiled from, or newer ones: a reader that lags may have older ones. */
async function newest(
  source: DefinitionSource,
  { project, revision }: CompiledProject,
): Promise<ProjectDefinitions | null> {
  const read = await source.load(project.token, { revision });
  if (read?.revision === revision) return read;
  try {
    return await source.load(project.token, { side: 'writer' });
  } catch (error) {
    if (read === null) throw error;
    return read;
  }
}

async function made(loaded: ProjectDefinitions, turns: Turns): Promise<Made<LocalDefinitions>> {
  const { position } = loaded;
  const plain = Buffer.from(await turns.through(localDocument(loaded)));
  const gzipped = await pack(plain);
  const value = {
    tag: hash('sha256', plain).slice(0, 16),
    position: position === undefined ? null : positionText(position),
    plain,
    gzipped,
    isBillable: loaded.definitions.flags.some((flag) => {
      const key = isObject(flag) ? member(flag, 'key') : undefined;
      return typeof key === 'string' && isBillable(key);
    }),
  };
  return { value, bytes: plain.byteLength + gzipped.byteLength };
}
