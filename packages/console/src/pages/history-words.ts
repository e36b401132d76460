import { flagChanges, type Names } from '@halyard/engine/review';
import type { HistoryChange, HistoryEntry } from '../api/queries.ts';
import { blankFields, type FlagFields, fieldNames, rowOf } from '../flag/flag.ts';

/** An entry of the project's history: of which kind of thing it is. */
export interface ProjectEntry extends HistoryEntry {
  readonly scope: string;
}

/** A flag before and after an entry, as far as the entry says; null: it is none of a flag's. */
export function flagBeforeAndAfter({ scope, detail }: ProjectEntry): readonly [FlagFields, FlagFields] | null {
  if (scope !== 'FeatureFlag') return null;
  const side = (of: 'before' | 'after'): FlagFields => {
    const told = (detail.changes ?? [])
      .filter(({ field, [of]: value }) => (fieldNames as readonly string[]).includes(field) && value !== null)
      .map((change): [string, unknown] => [change.field, change[of]]);
    // What an entry does not name is alike on both sides.
    return { ...blankFields, key: detail.name ?? '', ...Object.fromEntries(told) };
  };
  return [side('before'), side('after')];
}

/** Fields that people read and evaluation does not. */
const labels: Readonly<Record<string, string>> = {
  archived: 'archive',
  key: 'key',
  tags: 'tags',
  count: 'people',
  name: 'name',
  filters: 'filters',
  documentation_url: 'documentation',
  is_remote_configuration: 'remote configuration',
  has_encrypted_payloads: 'encrypted payloads',
};

/** What an entry changed, a sentence for each change (K51). */
export function changeSentences(entry: ProjectEntry, names: Names): readonly string[] {
  const changes = (entry.detail.changes ?? []).filter(({ field }) => field !== 'version' && field !== 'deleted');
  const sides = flagBeforeAndAfter(entry);
  if (sides === null) return changes.map(plain);
  const sentences = flagChanges(rowOf(sides[0]), rowOf(sides[1]), names);
  const others = changes.filter(({ field }) => field in labels && field !== 'name' && field !== 'filters').map(plain);
  const all = [...sentences, ...others];
  return all.length === 0 && changes.length > 0 ? ['Nobody’s value changed.'] : all;
}

function plain({ field, before, after }: HistoryChange): string {
  if (field === 'archived') return after === true ? 'Archived.' : 'Taken out of the archive.';
  const name = labels[field] ?? field.replaceAll('_', ' ');
  const label = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  if (typeof before === 'object' && !Array.isArray(before) && before !== null) return `${label} changed.`;
  if (typeof after === 'object' && !Array.isArray(after) && after !== null) return `${label} changed.`;
  return `${label}: ${shown(before)} → ${shown(after)}.`;
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
