import { INITIAL_SOURCES, osAlias } from '../initial-properties.ts';
import { Lexicon } from '../operators/lexicon.ts';

/** E87: where `person_metadata` filters look. Only `created_at` is ever stored. */
const METADATA_PREFIX = '__posthog_person_metadata__';
export const CREATED_AT = `${METADATA_PREFIX}created_at`;

export function metadataName(key: string): string {
  return METADATA_PREFIX + key;
}

/** A person property that some filter reads. */
export class PersonProperty {
  /** Its place among the values that one evaluation looks up. */
  readonly number: number;
  readonly key: string;
  /** The texts that filters compare this property with. */
  readonly lexicon: Lexicon = new Lexicon();
  /** Every object inherits a member of that name, so only a check for an own one tells the truth. */
  readonly inherited: boolean;
  /** Properties that fill this one when it is absent, in order (E147, E148). */
  readonly fallbacks: readonly string[];

  constructor(number: number, key: string) {
    this.number = number;
    this.key = key;
    this.inherited = key in Object.prototype;
    this.fallbacks = fallbacksOf(key);
  }

  /** The names that may supply this property, itself first: what has to be loaded for it. */
  get sources(): readonly string[] {
    return [this.key, ...this.fallbacks];
  }
}

/** A property of the request's group of one type that some filter reads. */
export class GroupProperty {
  /** Its place among the values that one evaluation looks up. */
  readonly number: number;
  /** Group type index. */
  readonly index: number;
  readonly key: string;
  /** The texts that filters compare this property with. */
  readonly lexicon: Lexicon = new Lexicon();

  constructor(number: number, index: number, key: string) {
    this.number = number;
    this.index = index;
    this.key = key;
  }
}

function fallbacksOf(key: string): readonly string[] {
  const alias = osAlias(key);
  if (alias !== null) return [alias];
  const source = INITIAL_SOURCES.get(key);
  if (source === undefined) return [];
  const sourceAlias = osAlias(source);
  return sourceAlias === null ? [source] : [source, sourceAlias];
}
