import { useCallback, useEffect, useState } from 'react';
import { readJson, writeJson } from '../api/exact-json.ts';
import { fieldNames, type Filters, fieldsOf, type Flag, type FlagFields } from './flag.ts';

/** A flag that is being changed: what it was when the editing began, and what it is to be. */
export interface Draft {
  readonly base: Flag;
  readonly fields: FlagFields;
  readonly isChanged: boolean;
  readonly change: (next: FlagFields) => void;
  readonly discard: () => void;
  /** Goes on from what is stored now; `fields` are what is wanted still. */
  readonly rebase: (stored: Flag, fields: FlagFields) => void;
}

interface Kept {
  readonly base: Flag;
  readonly fields: FlagFields;
}

const nameOf = (project: string, id: number): string => `halyard-draft:${project}:${id}`;

/** What was not saved survives a page that is loaded anew (K31), until it is saved or dropped. */
export function keptDraft(project: string, id: number): Kept | null {
  try {
    const text = localStorage.getItem(nameOf(project, id));
    return text === null ? null : (readJson(text) as unknown as Kept);
  } catch {
    return null;
  }
}

/** Leaves a draft where the flag's editor looks for it; null: there is none any more. */
export function keepDraft(project: string, id: number, kept: Kept | null): void {
  try {
    if (kept === null) localStorage.removeItem(nameOf(project, id));
    else localStorage.setItem(nameOf(project, id), writeJson(kept));
  } catch {
    // Without storage a draft lasts as long as the page.
  }
}

/** The draft of a flag, from where the last visit left it. */
export function useDraft(project: string, flag: Flag): Draft {
  const [state, setState] = useState<Kept>(() => keptDraft(project, flag.id) ?? { base: flag, fields: fieldsOf(flag) });
  const isChanged = Object.keys(changesOf(state.base, state.fields)).length > 0;
  // What others save while nothing is changed here is simply shown.
  if (!isChanged && state.base.version < flag.version) setState({ base: flag, fields: fieldsOf(flag) });
  useEffect(() => keepDraft(project, flag.id, isChanged ? state : null), [project, flag.id, isChanged, state]);
  const change = useCallback((fields: FlagFields) => setState((before) => ({ ...before, fields })), []);
  const discard = useCallback(() => setState({ base: flag, fields: fieldsOf(flag) }), [flag]);
  const rebase = useCallback((base: Flag, fields: FlagFields) => setState({ base, fields }), []);
  return { base: state.base, fields: state.fields, isChanged, change, discard, rebase };
}

/** The body of a change: fields that differ, and of `filters` the members that do (M46). A member that goes is sent as null. */
export function changesOf(base: FlagFields, fields: FlagFields): Partial<Record<keyof FlagFields, unknown>> {
  const was = fieldsOf(base);
  const changes: Partial<Record<keyof FlagFields, unknown>> = {};
  for (const name of fieldNames) {
    if (name === 'filters') {
      const filters = filterChanges(was.filters, fields.filters);
      if (Object.keys(filters).length > 0) changes.filters = filters;
    } else if (!same(was[name], fields[name])) changes[name] = fields[name];
  }
  return changes;
}

function filterChanges(was: Filters, is: Filters): Record<string, unknown> {
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return Object.fromEntries(
    [...names].filter((name) => !same(was[name] ?? null, is[name] ?? null)).map((name) => [name, is[name] ?? null]),
  );
}

/** Whether two values are the same JSON, whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([name, value]) => right.has(name) && same(value, right.get(name)));
}
