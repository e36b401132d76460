import { compile } from '@halyard/engine';
import { flagProblem } from '@halyard/engine/review';
import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { CodeError, type CodeProblem } from './code-problem.ts';
import { codeText, ordered } from './code-value.ts';
import { COHORT_MEMBERS, cohortsNamedBy, FLAG_MEMBERS, flagsNamedBy, orderedFlag, type Path } from './flag-code.ts';
import { definitionsFrom, type ProjectCode } from './project-code.ts';
import { pathFrom, readSource, type Source } from './read-source.ts';

/** A file that somebody wrote. */
export interface CodeText {
  /** Its path, for messages; the end of the name tells YAML from JSON. */
  readonly file: string;
  readonly text: string;
}

/** Files as one project, and where its parts stand. */
export interface ReadCode {
  readonly code: ProjectCode;
  /** A problem at a place of a flag or cohort. */
  problemAt(what: string | number, path: Path, message: string): CodeProblem;
}

/** Where a flag, by key, or a cohort, by id, stands. */
interface Origin {
  readonly source: Source;
  readonly path: Path;
}

const DOCUMENT_MEMBERS = ['$schema', 'flags', 'cohorts', 'group_types', 'timezone', 'property_matching_version'];

/**
 * Reads files of definitions. One holds a flag itself, or a document with `flags`, `cohorts`, `group_types`, `timezone` and
 * `property_matching_version`.
 *
 * @throws {CodeError} that lists everything that is wrong, each with its place
 */
export function readCode(texts: readonly CodeText[]): ReadCode {
  const reading = new Reading();
  for (const { file, text } of texts) {
    try {
      reading.file(readSource(file, text));
    } catch (error) {
      if (!(error instanceof CodeError)) throw error;
      reading.problems.push(...error.problems);
    }
  }
  if (reading.problems.length > 0) throw new CodeError(reading.problems);
  return reading;
}

/**
 * What a file holds, without a look at whether it can be used: the key of the flag that it is, or how many flags stand in its document.
 *
 * @throws {CodeError} where it cannot be read at all
 */
export function keyOfFile({ file, text }: CodeText): { readonly key: string | null; readonly flags: number } {
  const { value } = readSource(file, text);
  if (!isObject(value)) return { key: null, flags: 0 };
  const key = member(value, 'key');
  const flags = member(value, 'flags');
  const count = isList(flags) ? flags.length : isObject(flags) ? Object.keys(flags).length : 0;
  return { key: typeof key === 'string' ? key : null, flags: count };
}

/**
 * What the engine makes of the files, with what is stored already beside them: definitions that it would leave out or that would fail
 * everybody, flags and cohorts that there are not.
 *
 * @param all the project as it would be
 */
export function judge(read: ReadCode, all: ProjectCode): readonly CodeProblem[] {
  const problems: CodeProblem[] = [];
  const definitions = definitionsFrom(all);
  for (const { flagKey, cohortId, path, message } of compile(definitions).problems) {
    const what = flagKey ?? cohortId;
    const isOurs = typeof what === 'string' ? read.code.flags.has(what) : read.code.cohorts.has(what ?? -1);
    if (what !== undefined && isOurs) problems.push(read.problemAt(what, pathFrom(path), `${path}: ${message}`));
  }
  const rows = new Map([...all.flags.keys()].map((key, at) => [key, definitions.flags[at] ?? null]));
  for (const [key, flag] of read.code.flags) {
    // What cannot be read at all was told above.
    const problem = flagProblem(rows.get(key) ?? null);
    if (problem?.failing === true) problems.push(read.problemAt(key, pathFrom(problem.path), problem.message));
    for (const named of flagsNamedBy(flag)) {
      if (named.key === key) problems.push(read.problemAt(key, named.path, 'asks about itself'));
      else if (!all.flags.has(named.key)) {
        problems.push(
          read.problemAt(key, named.path, `names the flag ${JSON.stringify(named.key)}, which there is not`),
        );
      }
    }
    if (isInCycle(key, all))
      problems.push(read.problemAt(key, ['filters'], 'depends on itself, through the flags it asks about'));
    for (const { value, path } of cohortsNamedBy(flag)) {
      const id = Number(typeof value === 'string' ? value : codeText(value));
      if (!all.cohorts.has(id)) {
        problems.push(read.problemAt(key, path, `names the cohort ${codeText(value)}, which there is not`));
      }
    }
  }
  return problems;
}

/** Whether a flag asks about itself, through others. */
function isInCycle(key: string, { flags }: ProjectCode): boolean {
  const reached = new Set<string>();
  const pending = flagsNamedBy(flags.get(key) ?? {}).map((named) => named.key);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === key) return reached.size > 0;
    if (reached.has(next)) continue;
    reached.add(next);
    pending.push(...flagsNamedBy(flags.get(next) ?? {}).map((named) => named.key));
  }
  return false;
}

class Reading implements ReadCode {
  readonly problems: CodeProblem[] = [];
  readonly #flags = new Map<string, JsonObject>();
  readonly #cohorts = new Map<number, JsonObject>();
  readonly #origins = new Map<string | number, Origin>();
  #groupTypes: Record<string, string> = {};
  #timezone: string | undefined;
  #version: number | undefined;

  get code(): ProjectCode {
    const byKey = [...this.#flags].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      flags: new Map(byKey),
      cohorts: new Map([...this.#cohorts].sort(([a], [b]) => a - b)),
      groupTypes: this.#groupTypes,
      ...(this.#timezone === undefined ? {} : { timezone: this.#timezone }),
      ...(this.#version === undefined ? {} : { propertyMatchingVersion: this.#version }),
    };
  }

  problemAt(what: string | number, path: Path, message: string): CodeProblem {
    const origin = this.#origins.get(what);
    const name = typeof what === 'string' ? what : `cohort ${what}`;
    const text = `${name}: ${message}`;
    if (origin === undefined) return { file: '', line: 1, column: 1, message: text };
    return { ...origin.source.placeOf([...origin.path, ...path]), message: text };
  }

  file(source: Source): void {
    const { value } = source;
    if (!isObject(value)) return this.#fail(source, [], 'must be an object: a flag, or a document with flags');
    if (Object.hasOwn(value, 'key') || Object.hasOwn(value, 'filters')) return this.#flag(source, [], value);
    this.#onlyHas(source, [], value, DOCUMENT_MEMBERS);
    this.#all(source, value, 'flags', 'key', (path, flag) => this.#flag(source, path, flag));
    this.#all(source, value, 'cohorts', 'id', (path, cohort) => this.#cohort(source, path, cohort));
    this.#groupTypesOf(source, member(value, 'group_types') ?? {});
    this.#settings(source, value);
  }

  /** A list, or an object by key. */
  #all(
    source: Source,
    document: JsonObject,
    name: string,
    id: string,
    read: (path: Path, item: JsonObject) => void,
  ): void {
    const items = member(document, name) ?? [];
    if (isList(items)) {
      for (const [at, item] of items.entries()) {
        if (isObject(item)) read([name, at], item);
        else this.#fail(source, [name, at], 'must be an object');
      }
    } else if (isObject(items) && id === 'key') {
      for (const [key, item] of Object.entries(items)) {
        if (!isObject(item)) this.#fail(source, [name, key], 'must be an object');
        else read([name, key], { key, ...item });
      }
    } else this.#fail(source, [name], 'must be a list');
  }

  #flag(source: Source, path: Path, flag: JsonObject): void {
    const before = this.problems.length;
    this.#onlyHas(source, path, flag, ['$schema', ...Object.keys(FLAG_MEMBERS)]);
    const key = member(flag, 'key');
    if (typeof key !== 'string' || key === '') return this.#fail(source, [...path, 'key'], 'key: must be a text');
    if (key.length > LONGEST_KEY) this.#fail(source, [...path, 'key'], `key: is longer than ${LONGEST_KEY} characters`);
    for (const [name, test] of Object.entries(FLAG_TESTS)) {
      const value = member(flag, name);
      const isAbsent = value === undefined && name !== 'active';
      if (!isAbsent && !test.fits(value ?? null)) {
        this.#fail(source, [...path, name], `${JSON.stringify(key)}: ${name}: must be ${test.what}`);
      }
    }
    if (!isObject(member(flag, 'filters'))) {
      this.#fail(source, [...path, 'filters'], `${JSON.stringify(key)}: filters: must be an object`);
    }
    this.#storable(source, path, flag);
    if (this.#flags.has(key)) return this.#fail(source, path, `another flag has the key ${JSON.stringify(key)}`);
    if (this.problems.length > before) return;
    const { $schema: _, ...code } = flag;
    this.#flags.set(key, orderedFlag(withoutDefaults(code, FLAG_MEMBERS)));
    this.#origins.set(key, { source, path });
  }

  #cohort(source: Source, path: Path, cohort: JsonObject): void {
    this.#onlyHas(source, path, cohort, Object.keys(COHORT_MEMBERS));
    const given = member(cohort, 'id') ?? null;
    const id = Number(typeof given === 'object' && given !== null && 'text' in given ? codeText(given) : Number.NaN);
    if (!Number.isInteger(id) || id <= 0 || id > HIGHEST_ID) {
      return this.#fail(source, [...path, 'id'], 'id: must be a whole number above 0');
    }
    this.#storable(source, path, cohort);
    if (this.#cohorts.has(id)) return this.#fail(source, path, `another cohort has the id ${id}`);
    this.#cohorts.set(id, ordered(withoutDefaults(cohort, COHORT_MEMBERS)) as JsonObject);
    this.#origins.set(id, { source, path });
  }

  #groupTypesOf(source: Source, types: JsonValue): void {
    if (!isObject(types)) return this.#fail(source, ['group_types'], 'group_types: must be an object');
    for (const [index, name] of Object.entries(types)) {
      const path = ['group_types', index];
      if (!/^[0-4]$/.test(index)) this.#fail(source, path, `${JSON.stringify(index)} must be a number from 0 to 4`);
      else if (typeof name !== 'string' || name === '') this.#fail(source, path, 'must be the name of a group type');
      else if ((this.#groupTypes[index] ?? name) !== name) this.#fail(source, path, 'has another name in another file');
      else this.#groupTypes = { ...this.#groupTypes, [index]: name };
    }
  }

  #settings(source: Source, document: JsonObject): void {
    const timezone = member(document, 'timezone');
    if (timezone !== undefined && !isTimezone(timezone)) {
      this.#fail(source, ['timezone'], 'timezone: must be a name such as Europe/Vienna');
    } else if (typeof timezone === 'string') this.#timezone = timezone;
    const version = member(document, 'property_matching_version');
    if (version === undefined) return;
    const number = Number(typeof version === 'object' && version !== null && 'text' in version ? codeText(version) : 0);
    if (number !== 1 && number !== 2) {
      return this.#fail(source, ['property_matching_version'], 'property_matching_version: must be 1 or 2');
    }
    this.#version = number;
  }

  #onlyHas(source: Source, path: Path, object: JsonObject, names: readonly string[]): void {
    for (const name of Object.keys(object)) {
      if (names.includes(name)) continue;
      const hint = NOT_IN_FILES.get(name) ?? `known are ${names.filter((known) => known !== '$schema').join(', ')}`;
      this.#fail(source, [...path, name], `unknown member ${JSON.stringify(name.slice(0, 60))}: ${hint}`);
    }
  }

  #storable(source: Source, path: Path, value: JsonObject): void {
    if (/\\u(?:0000|d[89ab])/i.test(codeText(value).replaceAll('\\\\', ''))) {
      this.#fail(source, path, 'holds characters that cannot be stored (NUL, or half of a surrogate pair)');
    }
  }

  #fail(source: Source, path: Path, message: string): void {
    this.problems.push({ ...source.placeOf(path), message });
  }
}

const LONGEST_KEY = 400;
const HIGHEST_ID = 1_500_000_000;

/** What comes with flags from the API and is the database's to know. */
const NOT_IN_FILES = new Map(
  ['id', 'version', 'team_id', 'created_at', 'updated_at', 'created_by', 'last_modified_by', 'deleted'].map((name) => [
    name,
    name === 'deleted'
      ? 'remove the flag from the files instead, and apply with --prune'
      : 'the database keeps it; leave it out',
  ]),
);

interface MemberTest {
  readonly what: string;
  readonly fits: (value: JsonValue) => boolean;
}

const SWITCH: MemberTest = { what: 'true or false', fits: (value) => typeof value === 'boolean' };
const NAMES: MemberTest = {
  what: 'a list of names of at most 255 characters',
  fits: (value) =>
    isList(value) && value.every((name) => typeof name === 'string' && name !== '' && name.length <= 255),
};
const oneOf = (...words: readonly string[]): MemberTest => ({
  what: words.join(', ').replace(/, (?=[^,]*$)/, ' or '),
  fits: (value) => typeof value === 'string' && words.includes(value),
});

const FLAG_TESTS: Readonly<Record<string, MemberTest>> = {
  name: { what: 'a text', fits: (value) => typeof value === 'string' },
  active: SWITCH,
  archived: SWITCH,
  tags: NAMES,
  evaluation_runtime: oneOf('all', 'client', 'server'),
  evaluation_contexts: NAMES,
  ensure_experience_continuity: SWITCH,
  bucketing_identifier: oneOf('distinct_id', 'device_id'),
  is_remote_configuration: SWITCH,
  has_experiment: SWITCH,
};

function isTimezone(value: JsonValue): boolean {
  if (typeof value !== 'string') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function withoutDefaults(object: JsonObject, members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => {
      const usual = members[name];
      return usual === undefined || JSON.stringify(value) !== JSON.stringify(usual);
    }),
  );
}
