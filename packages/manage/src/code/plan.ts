import type { StoredCode } from '@halyard/data/management';
import { flagChanges, flagSentence, type FlagWarning, flagWarnings, namesOf } from '@halyard/engine/review';
import type { JsonObject, JsonValue } from '@halyard/json';
import type { Definitions } from '@halyard/engine';
import { CodeError, type CodeProblem } from './code-problem.ts';
import { judgeChanges } from './judge-changes.ts';
import { definitionsOf, storedForm } from './code-value.ts';
import { cohortRow, flagRow, flagsNamedBy } from './flag-code.ts';
import { definitionsFrom, idOf, isEncrypted, type ProjectCode, projectCode } from './project-code.ts';
import { judge, type ReadCode } from './read-code.ts';

/** What becomes of one flag, cohort or setting. */
export interface PlannedChange {
  readonly what: 'flag' | 'cohort' | 'project';
  /** The flag's key; the cohort's id and name; the setting. */
  readonly name: string;
  readonly change: 'create' | 'update' | 'delete';
  /** What it will do, or what changes in that. */
  readonly sentences: readonly string[];
  readonly warnings: readonly FlagWarning[];
}

export interface Plan {
  /** Flags by key, after what they need. */
  readonly changes: readonly PlannedChange[];
  readonly unchanged: number;
  /** Flags that are stored and stand in no file, and that are left alone. */
  readonly kept: readonly string[];
  /** What to write. */
  readonly writes: PlannedWrites;
}

/** Only what changes. */
export interface PlannedWrites {
  /** Null: the project is to be made. */
  readonly teamId: number | null;
  /** Cohorts, group types and settings. */
  readonly definitions: Definitions;
  /** By key, each after those that it asks about, which it names by key. */
  readonly flags: ReadonlyMap<string, JsonObject>;
  /** Keys of flags to delete. */
  readonly deleted: readonly string[];
  /** Ids of the flags that are stored. */
  readonly ids: ReadonlyMap<string, number>;
  /** Key → the flag's text as it was read; null: there was none. Those that are written, and those that they ask about. */
  readonly seen: ReadonlyMap<string, string | null>;
}

export interface PlanOptions {
  /** Delete flags that stand in no file. */
  readonly prune: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * What has to change for a project to be what files say.
 *
 * @param stored null: there is no such project yet
 * @throws {CodeError} when the files cannot become this project: then nothing is to be written
 */
export function planChanges(read: ReadCode, stored: StoredCode | null, { prune, now: moment }: PlanOptions): Plan {
  const { code } = read;
  const before = stored === null ? EMPTY : projectCode(stored).code;
  const encrypted = new Set(stored?.flags.flatMap(({ key, row }) => (isEncrypted(row) ? [key] : [])));
  const others = [...before.flags.keys()].filter((key) => !code.flags.has(key));
  const pruned = prune ? others : [];
  const after = afterwards(before, code, pruned);
  const changed = [...code.flags].filter(([key, flag]) => !isSame(before.flags.get(key), flag)).map(([key]) => key);
  const whole = withEncrypted(after, encrypted);
  refuse([
    ...judge(read, whole),
    ...clashes(read, before, encrypted),
    ...orphans(read, after, pruned),
    ...judgeChanges({ read, before, after: whole, changed, now: moment }),
  ]);

  const ids = new Map(stored?.flags.map(({ key, row }) => [key, idOf(row)]));
  const texts = new Map(stored?.flags.map(({ key, text }) => [key, text]));
  const [was, will] = [definitionsFrom(before, ids), definitionsFrom(after, ids)];
  const names = namesOf(will);
  const rowsOf = (project: ProjectCode, definitions: Definitions) =>
    new Map([...project.flags.keys()].map((key, at) => [key, definitions.flags[at] ?? null]));
  const [old, now] = [rowsOf(before, was), rowsOf(after, will)];

  const named = changed.flatMap((key) => flagsNamedBy(code.flags.get(key) ?? {}).map((each) => each.key));
  const seen = new Set([...changed, ...pruned, ...named]);
  const changes = [
    ...projectChanges(before, code),
    ...cohortChanges(before, code),
    ...changed.map((key) => flagChange(key, old.get(key), now.get(key) ?? null, names)),
    ...pruned.map((key): PlannedChange => {
      const sentences = [flagSentence(old.get(key) ?? null, namesOf(was))];
      return { what: 'flag', name: key, change: 'delete', sentences, warnings: [] };
    }),
  ];
  return {
    changes,
    unchanged: code.flags.size - changed.length,
    kept: prune ? [] : others,
    writes: {
      teamId: stored?.teamId ?? null,
      definitions: besidesFlags(code, before),
      flags: new Map(byNeeds(changed, code).map((key) => [key, rowOf(code, key)])),
      deleted: pruned,
      ids,
      seen: new Map([...seen].map((key) => [key, texts.get(key) ?? null])),
    },
  };
}

const EMPTY: ProjectCode = { flags: new Map(), cohorts: new Map(), groupTypes: {}, timezone: 'UTC' };

function refuse(problems: readonly CodeProblem[]): void {
  if (problems.length > 0) throw new CodeError(problems);
}

function afterwards(before: ProjectCode, code: ProjectCode, pruned: readonly string[]): ProjectCode {
  const flags = new Map([...before.flags, ...code.flags]);
  for (const key of pruned) flags.delete(key);
  return {
    flags,
    cohorts: new Map([...before.cohorts, ...code.cohorts]),
    groupTypes: { ...before.groupTypes, ...code.groupTypes },
    timezone: code.timezone ?? before.timezone ?? 'UTC',
    propertyMatchingVersion: code.propertyMatchingVersion ?? before.propertyMatchingVersion ?? 1,
  };
}

/** A flag may ask about one with encrypted payloads, which is in no file. */
function withEncrypted(after: ProjectCode, encrypted: ReadonlySet<string>): ProjectCode {
  const flags = new Map(after.flags);
  for (const key of encrypted) if (!flags.has(key)) flags.set(key, { key, active: true, filters: {} });
  return { ...after, flags };
}

/** What files may not change: where another meaning would come over what is stored. */
function clashes(read: ReadCode, before: ProjectCode, encrypted: ReadonlySet<string>): readonly CodeProblem[] {
  const problems: CodeProblem[] = [];
  for (const key of read.code.flags.keys()) {
    if (encrypted.has(key))
      problems.push(read.problemAt(key, [], 'is stored with encrypted payloads, which no file can hold'));
  }
  for (const [index, name] of Object.entries(read.code.groupTypes)) {
    const known = before.groupTypes[index];
    const elsewhere = Object.entries(before.groupTypes).find(([other, type]) => other !== index && type === name);
    const at = { file: 'group_types', line: 1, column: 1 };
    if (known !== undefined && known !== name) {
      const message = `group type ${index} is stored as ${JSON.stringify(known)}: what is stored of its groups would be taken for ${JSON.stringify(name)}`;
      problems.push({ ...at, message });
    } else if (elsewhere !== undefined) {
      problems.push({
        ...at,
        message: `${JSON.stringify(name)} is stored as group type ${elsewhere[0]}, not ${index}`,
      });
    }
  }
  return problems;
}

/** Flags that stay and ask about one that would be deleted. */
function orphans(read: ReadCode, after: ProjectCode, pruned: readonly string[]): readonly CodeProblem[] {
  const gone = new Set(pruned);
  return [...after.flags].flatMap(([key, flag]) => {
    // Those of the files were judged.
    if (gone.size === 0 || read.code.flags.has(key)) return [];
    return flagsNamedBy(flag)
      .filter((named) => gone.has(named.key))
      .map((named) =>
        read.problemAt(key, [], `asks about the flag ${JSON.stringify(named.key)}, which would be deleted`),
      );
  });
}

function isSame(a: JsonObject | undefined, b: JsonObject): boolean {
  return a !== undefined && storedForm(a) === storedForm(b);
}

function flagChange(
  key: string,
  before: JsonValue | undefined,
  after: JsonValue,
  names: ReturnType<typeof namesOf>,
): PlannedChange {
  if (before === undefined) {
    const warnings = flagWarnings(after, { before: null });
    return { what: 'flag', name: key, change: 'create', sentences: [flagSentence(after, names)], warnings };
  }
  const changes = flagChanges(before, after, names);
  const sentences = changes.length > 0 ? changes : ['Only in what evaluation does not read.'];
  return { what: 'flag', name: key, change: 'update', sentences, warnings: flagWarnings(after, { before }) };
}

function cohortChanges(before: ProjectCode, code: ProjectCode): readonly PlannedChange[] {
  return [...code.cohorts].flatMap(([id, cohort]): PlannedChange[] => {
    const old = before.cohorts.get(id);
    if (isSame(old, cohort)) return [];
    const name = typeof cohort['name'] === 'string' ? `${id} (${cohort['name']})` : String(id);
    const sentence = old === undefined ? 'Is new.' : 'Its definition changes for every flag that asks about it.';
    return [
      {
        what: 'cohort',
        name,
        change: old === undefined ? 'create' : 'update',
        sentences: [sentence],
        warnings: [],
      },
    ];
  });
}

function projectChanges(before: ProjectCode, code: ProjectCode): readonly PlannedChange[] {
  const change = (name: string, was: string | undefined, is: string): PlannedChange => ({
    what: 'project',
    name,
    change: was === undefined ? 'create' : 'update',
    sentences: [was === undefined ? `${is}.` : `${was} → ${is}.`],
    warnings: [],
  });
  const changes: PlannedChange[] = [];
  if (code.timezone !== undefined && code.timezone !== before.timezone) {
    changes.push(change('timezone', before.timezone, code.timezone));
  }
  const [was, is] = [before.propertyMatchingVersion ?? 1, code.propertyMatchingVersion ?? 0];
  if (is > 0 && is !== was) changes.push(change('property_matching_version', String(was), String(is)));
  for (const [index, name] of Object.entries(code.groupTypes)) {
    if (before.groupTypes[index] === undefined) changes.push(change(`group type ${index}`, undefined, name));
  }
  return changes;
}

function besidesFlags(code: ProjectCode, before: ProjectCode): Definitions {
  const cohorts = [...code.cohorts].filter(([id, cohort]) => !isSame(before.cohorts.get(id), cohort));
  return {
    teamId: 1,
    ...(code.timezone === undefined ? {} : { timezone: code.timezone }),
    ...(code.propertyMatchingVersion === undefined ? {} : { propertyMatchingVersion: code.propertyMatchingVersion }),
    flags: [],
    cohorts: cohorts.map(([, cohort]) => definitionsOf(cohortRow(cohort))),
    groupTypeMapping: code.groupTypes,
  };
}

function rowOf(code: ProjectCode, key: string): JsonObject {
  return definitionsOf(flagRow(code.flags.get(key) ?? {})) as JsonObject;
}

/** A new flag has an id, by which others name it, only when it is written. */
function byNeeds(changed: readonly string[], code: ProjectCode): readonly string[] {
  const left = new Set(changed);
  const sorted: string[] = [];
  const visit = (first: string): void => {
    // A stack of its own: chains may be long.
    const path = [first];
    for (let key = path.at(-1); key !== undefined; key = path.at(-1)) {
      left.delete(key);
      const next = flagsNamedBy(code.flags.get(key) ?? {}).find((named) => left.has(named.key));
      if (next === undefined) {
        path.pop();
        sorted.push(key);
      } else path.push(next.key);
    }
  };
  for (const key of changed) if (left.has(key)) visit(key);
  return sorted;
}
