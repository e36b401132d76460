import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { JsonCodec } from '../ports.ts';
import { isDatabaseText, isInteger32 } from '../stored-text.ts';
import { type IdMaps, remapTree } from './remap-ids.ts';
import { storableJson } from './storable-json.ts';

export interface ImportCohort {
  readonly id: number;
  readonly row: JsonObject;
}

/** A cohort row with an id that a filter can name; `null` otherwise. */
export function readCohort(value: JsonValue): ImportCohort | null {
  const id = isObject(value) ? member(value, 'id') : undefined;
  return isObject(value) && typeof id === 'number' && isInteger32(id) && id > 0 ? { id, row: value } : null;
}

/** Recognises a cohort that could not keep its id when the same document comes again. */
export function movedMark(id: number): string {
  return `Imported as cohort ${id}`;
}

/** The columns of `posthog_cohort` that an import writes, as one JSON object; `null` when they cannot be stored. */
export function cohortColumns(cohort: ImportCohort, id: number, maps: IdMaps, text: JsonCodec['text']): string | null {
  const { row } = cohort;
  const filters = member(row, 'filters') ?? null;
  const groups = member(row, 'groups') ?? [];
  const filtersText = storableJson(maps.cohorts.moved ? remapTree(filters, maps) : filters, text);
  const groupsText = storableJson(maps.cohorts.moved ? remapTree(groups, maps) : groups, text);
  if (filtersText === null || groupsText === null) return null;
  const columns = {
    id,
    name: shortText(member(row, 'name'), 400),
    description: id === cohort.id ? shortText(member(row, 'description'), 1000) : movedMark(cohort.id),
    deleted: member(row, 'deleted') === true,
    is_static: member(row, 'is_static') === true,
    cohort_type: shortText(member(row, 'cohort_type'), 50),
    last_backfill_person_properties_at: stamp(member(row, 'last_backfill_person_properties_at')),
    last_backfill_events_at: stamp(member(row, 'last_backfill_events_at')),
  };
  return `${JSON.stringify(columns).slice(0, -1)},"filters":${filtersText},"groups":${groupsText}}`;
}

function shortText(value: JsonValue | undefined, longest: number): string | null {
  return typeof value === 'string' && value.length <= longest && isDatabaseText(value) ? value : null;
}

/** A time that PostgreSQL is sure to read; anything else is no stamp. */
function stamp(value: JsonValue | undefined): string | null {
  if (typeof value !== 'string') return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
