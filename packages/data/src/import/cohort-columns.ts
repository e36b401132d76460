import { isObject, type JsonValue, member } from '@halyard/json';
import { isInteger32 } from '../stored-text.ts';
import { ColumnReader } from './column-reader.ts';
import { type IdMaps, remapTree } from './remap-ids.ts';
import { storableJson } from './storable-json.ts';

/** A cohort of a document, checked as far as storing it goes. */
export interface ImportCohort {
  /** A filter can name it. */
  readonly id: number;
  readonly filters: JsonValue;
  readonly groups: JsonValue;
  /** What `posthog_cohort` takes besides. */
  readonly columns: CohortColumns;
}

type CohortColumns = ReturnType<typeof readColumns>;

/** A cohort of a document that cannot be stored. */
export interface RefusedCohort {
  /** Its id as far as it can be told, else the place in the document, such as `cohorts[3]`. */
  readonly cohort: string;
  readonly reason: string;
}

export function readCohort(value: JsonValue, place: string): ImportCohort | RefusedCohort {
  if (!isObject(value)) return { cohort: place, reason: 'not an object' };
  const id = member(value, 'id');
  if (typeof id !== 'number' || !isInteger32(id) || id <= 0) return { cohort: place, reason: 'has no usable id' };
  const reader = new ColumnReader(value);
  const columns = readColumns(reader);
  if (reader.problems.length > 0) return { cohort: String(id), reason: reader.problems.join(', ') };
  return { id, filters: member(value, 'filters') ?? null, groups: member(value, 'groups') ?? [], columns };
}

function readColumns(reader: ColumnReader) {
  return {
    name: reader.text('name', 400),
    description: reader.text('description', 1000),
    deleted: reader.boolean('deleted'),
    is_static: reader.boolean('is_static'),
    cohort_type: reader.text('cohort_type', 50),
    last_backfill_person_properties_at: reader.time('last_backfill_person_properties_at'),
    last_backfill_events_at: reader.time('last_backfill_events_at'),
  };
}

/** Recognises a cohort that could not keep its id when the same document comes again. */
export function movedMark(id: number): string {
  return `Imported as cohort ${id}`;
}

/** The columns of `posthog_cohort` that an import writes, as one JSON object; or why they cannot be stored. */
export function cohortColumns(cohort: ImportCohort, id: number, maps: IdMaps): string | RefusedCohort {
  const stored = (value: JsonValue) => storableJson(maps.cohorts.moved ? remapTree(value, maps) : value);
  const [filters, groups] = [stored(cohort.filters), stored(cohort.groups)];
  if (filters === null || groups === null)
    return { cohort: String(cohort.id), reason: 'its filters hold characters that cannot be stored' };
  const moved = id === cohort.id ? {} : { description: movedMark(cohort.id) };
  return `${JSON.stringify({ id, ...cohort.columns, ...moved }).slice(0, -1)},"filters":${filters},"groups":${groups}}`;
}
