import { isList, isObject, type JsonObject, type JsonValue, jsonText, member } from '@halyard/json';
import type { RandomProject, RandomUser } from './random-project.cases.ts';

/** What a client decided by itself, beside what the service answers. */
export interface Decision {
  readonly project: RandomProject;
  readonly user: RandomUser;
  readonly flag: JsonObject;
  readonly local: JsonValue;
  readonly remote: boolean | string;
}

/**
 * A way in which some clients decide otherwise: a row of docs/sdk-differences.md. It says what the client makes of a flag, so that what the client
 * decides can be held against what the service decides of that (`explained-decision.ts`).
 */
export interface Difference {
  /** How the row of the page begins. */
  readonly row: string;
  readonly clients: readonly string[];
  /** Also where every property is of the kind that its filters expect. */
  readonly isTidy: boolean;
  /** The settings of a flag as the client reads them. */
  readonly reads?: (flag: JsonObject) => JsonObject;
  /** Whether the client may decide a filter on a property otherwise, given these properties. */
  readonly doubts?: (filter: JsonObject, given: JsonObject) => boolean;
  /** Whether the client cannot decide a filter, and passes over its condition. */
  readonly passesOver?: (filter: JsonObject, given: JsonObject, client: string) => boolean;
  /** For what is neither: whether it can be the reason. */
  readonly explains?: (decision: Decision) => boolean;
}

const NODE = 'posthog-node';
const PYTHON = 'posthog (Python)';
const GO = 'posthog-go';
const RUST = 'posthog-rs';

/** Clients with an evaluator of their own; the others bring one of these, or are too slow to be asked so often. */
export const evaluators: readonly string[] = [NODE, PYTHON, GO, RUST];

/** Every known difference. One that explains less finds more. */
export const differences: readonly Difference[] = [
  {
    row: 'an order of texts',
    clients: [NODE, PYTHON, RUST],
    isTidy: false,
    doubts: ({ key, operator, value }, given) =>
      isOf(operator, /^(gte?|lte?)$/) && [value, given[textOf(key)]].some((side) => !isNumber(side)),
  },
  {
    row: 'a date',
    clients: [NODE, PYTHON],
    isTidy: false,
    doubts: ({ key, operator, value }, given) =>
      isOf(operator, /^is_date_/) && [value, given[textOf(key)]].some((side) => !USUAL_DATE.test(textOf(side))),
  },
  {
    row: 'a version',
    clients: [NODE, PYTHON, RUST],
    isTidy: false,
    doubts: ({ key, operator, value }, given) =>
      isOf(operator, /^semver_/) && [value, given[textOf(key)]].some((side) => !USUAL_VERSION.test(textOf(side))),
  },
  {
    row: 'a condition that is passed over',
    clients: [NODE, PYTHON, GO, RUST],
    isTidy: true,
    passesOver: (filter, given, client) =>
      isUnknown(filter, given, client) || (client === GO && isOf(filter['operator'], /date|semver/)),
  },
  {
    row: 'a rollout beside filters',
    clients: [GO],
    isTidy: true,
    reads: (flag) =>
      withConditions(flag, (conditions) =>
        conditions.map((one) =>
          (one['properties'] as readonly JsonValue[]).length > 0 ? { ...one, rollout_percentage: 100 } : one,
        ),
      ),
  },
  {
    row: 'equality',
    clients: [GO],
    isTidy: true,
    doubts: ({ key, operator, value }, given) =>
      isOf(operator, /^(exact|is_not)$/) &&
      [value].flat().some((wanted) => isOtherEqual(wanted ?? null, given[textOf(key)]) || isBoolean(wanted)) &&
      value !== given[textOf(key)],
  },
  {
    row: 'a cohort that it cannot decide',
    clients: [GO],
    isTidy: true,
    // A filter in a cohort; those of a condition are passed over.
    doubts: (filter, given) =>
      filter['type'] === 'cohort' && (isUnknown(filter, given, GO) || isOf(filter['operator'], /date|semver/)),
  },
  {
    row: 'a pattern',
    clients: [GO],
    isTidy: false,
    doubts: ({ key, operator, value }, given) =>
      isOf(operator, /regex/) && (typeof given[textOf(key)] !== 'string' || !USUAL_PATTERN.test(textOf(value))),
  },
  {
    row: 'a part of a text',
    clients: [GO],
    isTidy: false,
    doubts: ({ key, operator, value }, given) =>
      isOf(operator, /icontains/) && [value, given[textOf(key)]].some((side) => typeof side !== 'string'),
  },
  {
    row: 'a filter without a value',
    clients: [NODE, PYTHON, RUST],
    isTidy: false,
    doubts: ({ operator, value }) => isOf(operator, /icontains/) && value === null,
  },
  {
    row: 'conditions with a variant',
    clients: [GO, RUST],
    isTidy: false,
    reads: (flag) =>
      withConditions(flag, (conditions) => [
        ...conditions.filter(({ variant }) => variant !== undefined),
        ...conditions.filter(({ variant }) => variant === undefined),
      ]),
  },
  {
    row: 'a device',
    clients: [GO, RUST],
    isTidy: true,
    reads: (flag) => ({ ...flag, bucketing_identifier: null }),
  },
  {
    row: 'early exit',
    clients: [GO],
    isTidy: true,
    reads: (flag) => without(flag, 'early_exit'),
  },
  {
    row: 'a holdout',
    clients: [GO, RUST],
    isTidy: true,
    reads: (flag) => without(flag, 'holdout'),
  },
  {
    row: 'a flag about a person that depends on one about a group',
    clients: [NODE, PYTHON],
    isTidy: true,
    explains: ({ project, flag }) => withTargets(flag, project).some((one) => isOfGroup(one) !== isOfGroup(flag)),
  },
];

/** Those of a client. */
export function differencesOf(client: string): readonly Difference[] {
  return differences.filter(({ clients }) => clients.includes(client));
}

/** A text as it is, anything else as JSON. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : jsonText(value ?? null);
}

/** A flag, the flags that it depends on, those that they depend on, and so on. */
export function withTargets(flag: JsonObject, { definitions }: RandomProject): readonly JsonObject[] {
  const found = new Set([flag]);
  for (const one of found) {
    for (const filter of conditionsOf(one).flatMap(filtersOf)) {
      const target = targetOf(filter, definitions.flags);
      if (target !== undefined) found.add(target);
    }
  }
  return [...found];
}

/** The flag that a filter asks about; undefined: it asks about none. */
export function targetOf(filter: JsonObject, flags: readonly JsonObject[]): JsonObject | undefined {
  return filter['type'] === 'flag' ? flags.find(({ id }) => textOf(id) === filter['key']) : undefined;
}

export const conditionsOf = (flag: JsonObject): readonly JsonObject[] =>
  settingsOf(flag)['groups'] as readonly JsonObject[];
export const filtersOf = (condition: JsonObject): readonly JsonObject[] =>
  condition['properties'] as readonly JsonObject[];
export const isOfGroup = (flag: JsonObject): boolean => settingsOf(flag)['aggregation_group_type_index'] === 0;

/** The same flag with other conditions. */
export function withConditions(
  flag: JsonObject,
  change: (conditions: readonly JsonObject[]) => readonly JsonObject[],
): JsonObject {
  return { ...flag, filters: { ...settingsOf(flag), groups: change(conditionsOf(flag)) } };
}

/** The filters in a cohort. */
export function leavesOf(value: JsonValue | undefined): readonly JsonObject[] {
  if (value === undefined || !isObject(value)) return [];
  const values = member(value, 'values');
  return isList(values) ? values.flatMap(leavesOf) : [value];
}

const settingsOf = (flag: JsonObject): JsonObject => flag['filters'] as JsonObject;

function without(flag: JsonObject, setting: string): JsonObject {
  const { [setting]: _, ...filters } = settingsOf(flag);
  return { ...flag, filters };
}

const isOf = (operator: JsonValue | undefined, operators: RegExp): boolean => operators.test(textOf(operator));

/** Those that everybody reads alike. */
const USUAL_DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?$/;
const USUAL_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const USUAL_PATTERN = /^(?!.*\(\?)[^[]*$/;

/** The service asks whether the other side is true as well, whatever it is (E98). */
const isBoolean = (value: JsonValue | undefined): boolean => /^(true|false)$/i.test(textOf(value));

function isNumber(value: JsonValue | undefined): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '' && !Number.isNaN(Number(value)));
}

/** Two values of which only the texts are equal, in whatever letters. */
function isOtherEqual(wanted: JsonValue, given: JsonValue | undefined): boolean {
  return given !== undefined && wanted !== given && textOf(wanted).toLowerCase() === textOf(given).toLowerCase();
}

/** A filter cannot be decided without the service: by its property, which was not given, or as some clients see it. */
function isUnknown({ key, operator, value }: JsonObject, given: JsonObject, client: string): boolean {
  if (!Object.hasOwn(given, textOf(key))) return true;
  // In JavaScript 10 and 10.0 are one number, and as texts they are two.
  if (client === NODE && isOf(operator, /^(exact|is_not)$/)) {
    return [value, given[textOf(key)]].flat().some(Number.isInteger);
  }
  return client === NODE && isOf(operator, /regex/);
}
