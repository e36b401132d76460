import type { JsonValue } from '@halyard/json';
import type { Cell } from './cell.ts';
import type { Lexicon } from './lexicon.ts';
import type { Moment, Outcome } from './outcome.ts';

/** One compiled operator with its filter value: decides one property. Shared by all requests; keeps no request's data. */
export type PropertyTest = (cell: Cell, moment: Moment) => Outcome;

/** What a team sets once for all its filters. */
export interface OperatorSettings {
  /** IANA name of the zone in which dates without an offset are read (E117). An unknown name means UTC. */
  readonly timezone: string;
  /** E96: 1 is released equality, 2 is explicit equality. */
  readonly propertyMatchingVersion: 1 | 2;
  /** Numbers the texts of the property that is tested; the cells passed to the test must have the same one. */
  readonly lexicon?: Lexicon;
}

/** Makes the test of one operator. The filter value is never null: E91 is dealt with before. */
export type OperatorCompiler = (value: JsonValue, settings: OperatorSettings) => PropertyTest;
