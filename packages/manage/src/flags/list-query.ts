import { type FlagOrder, flagOrders, type FlagSelection, isInteger32 } from '@halyard/data/management';
import { isList, type JsonValue, parseJson, textOf } from '@halyard/json';
import { Refusal } from '../refusal.ts';
import { normalTags } from './flag-input.ts';
import { staleAfterMs } from './status.ts';

/** Parameters of a list by name, as they stand in a URL; of one that stands twice the last (M36). */
export type ListParameters = Readonly<Record<string, string | undefined>>;

/** Names that choose flags; `bulk_delete` takes no others (M98). */
export const selectionNames: ReadonlySet<string> = new Set([
  'search',
  'key',
  'active',
  'archived',
  'type',
  'evaluation_runtime',
  'created_by_id',
  'tags',
  'excluded_tags',
  'excluded_properties',
  'has_evaluation_contexts',
  'eligible_for_experiment',
  'depends_on',
  'uses_cohort',
]);

const longestSearch = 200;
const types = ['boolean', 'multivariant', 'experiment', 'remote_config'] as const;

/**
 * What a list is asked for (M36). What cannot be read restricts nothing, as far as the rules do not say otherwise.
 *
 * @param now milliseconds since the epoch
 * @param countedSince since when calls are counted (M87)
 */
export function readSelection(parameters: ListParameters, now: number, countedSince: number | null): FlagSelection {
  const text = (name: string) => {
    const value = parameters[name]?.trim();
    return value === undefined || value === '' || value.includes('\0') ? undefined : value;
  };
  const search = text('search');
  if (search !== undefined && search.length > longestSearch) {
    const detail = `A search may have up to ${longestSearch} characters.`;
    throw Refusal.invalid('max_length', detail, 'search');
  }
  const archived = text('archived');
  const staleBefore = now - staleAfterMs;
  return present({
    search,
    key: text('key'),
    active: text('active') === 'STALE' ? undefined : trueOrFalse(text('active')),
    stale:
      text('active') === 'STALE'
        ? {
            before: new Date(staleBefore).toISOString(),
            isCounted: countedSince !== null && countedSince < staleBefore,
          }
        : undefined,
    archived: archived === undefined ? false : (trueOrFalse(archived) ?? null),
    type: types.find((type) => type === text('type')),
    runtime: text('evaluation_runtime'),
    createdBy: ids(text('created_by_id')),
    tags: tags(text('tags')),
    excludedTags: tags(text('excluded_tags')),
    excludedKeys: names(text('excluded_properties')),
    hasContexts: trueOrFalse(text('has_evaluation_contexts')),
    eligibleForExperiment: trueOrFalse(text('eligible_for_experiment')),
    dependsOn: id(text('depends_on')),
    usesCohort: id(text('uses_cohort')),
  });
}

type Loose<Fields> = { [Name in keyof Fields]: Fields[Name] | undefined };

function present(selection: Loose<Required<FlagSelection>>): FlagSelection {
  const { archived = null, ...others } = selection;
  return { archived, ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)) };
}

function trueOrFalse(text: string | undefined): boolean | undefined {
  const lower = text?.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** A JSON list of texts, or a bare word as a list of one. */
function names(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return [text];
  }
  if (!isList(value)) return [text];
  const found = value.filter((item) => item !== null).map((item) => textOf(item));
  return found.length === 0 ? undefined : found.filter((name) => !name.includes('\0'));
}

function tags(text: string | undefined): readonly string[] | undefined {
  const found = names(text);
  return found === undefined ? undefined : normalTags(found.map((name) => name.trim()));
}

/** One id, a comma list or a JSON list. What is no id names nobody. */
function ids(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  return text
    .replaceAll(/[[\]"\s]/g, '')
    .split(',')
    .filter((part) => /^\d{1,10}$/.test(part) && isInteger32(Number(part)))
    .map(Number);
}

/** What is no id names nothing, and so nothing is found. */
function id(text: string | undefined): number | undefined {
  return text === undefined ? undefined : (ids(text)?.[0] ?? 0);
}

/** @throws {Refusal} for an order that there is none of (M36) */
export function readOrder({ order: given }: ListParameters): FlagOrder {
  const text = given?.trim() ?? '';
  if (text === '') return { by: 'created_at', isDescending: true };
  const name = text.replace(/^-/, '');
  const by = flagOrders.find((known) => known === name);
  if (by === undefined) {
    throw Refusal.invalid('invalid_choice', `Flags can be ordered by ${flagOrders.join(', ')}.`, 'order');
  }
  return { by, isDescending: text.startsWith('-') };
}
