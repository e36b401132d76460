import { INITIAL_SOURCES, osAlias } from './initial-properties.ts';
import type { JsonObject, JsonValue } from '@halyard/json';
import { Cell } from './operators/cell.ts';
import { Lexicon } from './operators/lexicon.ts';
import type { Run } from './run.ts';

/** E87: where `person_metadata` filters look. Only `created_at` is ever stored. */
const METADATA_PREFIX = '__posthog_person_metadata__';
export const CREATED_AT = `${METADATA_PREFIX}created_at`;

export function metadataName(key: string): string {
  return METADATA_PREFIX + key;
}

export type ValueSource = 'request' | 'stored' | 'filled' | 'missing';

/** One person property that some filter reads, looked up at most once per request. */
export class PersonSlot extends Cell {
  readonly key: string;
  /** The texts that filters compare this property with. */
  readonly lexicon: Lexicon;
  readonly #inherited: boolean;
  readonly #fallbacks: readonly string[];
  #stamp = -1;

  constructor(key: string) {
    const lexicon = new Lexicon();
    super(lexicon);
    this.lexicon = lexicon;
    this.key = key;
    // `key in overrides` by plain access is only safe for names that no object inherits.
    this.#inherited = key in Object.prototype;
    this.#fallbacks = fallbacksOf(key);
  }

  /** The names that may supply this property, itself first: what has to be loaded for it. */
  get sources(): readonly string[] {
    return [this.key, ...this.#fallbacks];
  }

  /** This slot, holding the value of this request. */
  read(run: Run): this {
    if (this.#stamp !== run.stamp) {
      this.#stamp = run.stamp;
      this.fill(this.#value(run));
    }
    return this;
  }

  /** Where the value of this request came from, for explanations. */
  source(run: Run): ValueSource {
    if (Object.hasOwn(run.overrides, this.key) || this.key === 'distinct_id') return 'request';
    if (lookUp(run, this.key, true) !== undefined) return 'stored';
    return this.read(run).value === undefined ? 'missing' : 'filled';
  }

  #value(run: Run): JsonValue | undefined {
    const value = lookUp(run, this.key, this.#inherited);
    if (value !== undefined || this.#fallbacks.length === 0) return value;
    for (const name of this.#fallbacks) {
      const other = lookUp(run, name, false);
      if (other !== undefined) return other;
    }
    return undefined;
  }
}

/** E145: the request's value, else the stored one. */
function lookUp(run: Run, key: string, inherited: boolean): JsonValue | undefined {
  const sent = own(run.overrides, key, inherited);
  if (sent !== undefined) return sent;
  if (key === 'distinct_id') return run.distinctId; // E146
  const { stored } = run;
  if (stored !== null) {
    const value = own(stored, key, inherited);
    if (value !== undefined) return value;
  }
  return key === CREATED_AT ? run.person?.createdAt : undefined;
}

/** Own member of an object; plain access is enough for a name that no object inherits. */
function own(object: JsonObject, key: string, inherited: boolean): JsonValue | undefined {
  return !inherited || Object.hasOwn(object, key) ? object[key] : undefined;
}

/** E147, E148: other properties that fill this one when it is absent, in order. */
function fallbacksOf(key: string): readonly string[] {
  const alias = osAlias(key);
  if (alias !== null) return [alias];
  const source = INITIAL_SOURCES.get(key);
  if (source === undefined) return [];
  const sourceAlias = osAlias(source);
  return sourceAlias === null ? [source] : [source, sourceAlias];
}
