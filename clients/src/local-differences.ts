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

/** A way in which some clients decide otherwise: a row of docs/sdk-differences.md. */
export interface Difference {
  /** How the row of the page begins. */
  readonly row: string;
  readonly clients: readonly string[];
  /** Also where every property is of the kind that its filters expect. */
  readonly isTidy: boolean;
  /** Whether it can be the reason. */
  readonly explains: (decision: Decision) => boolean;
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
    explains: (decision) => uses(decision, /^(gte?|lte?)$/),
  },
  {
    row: 'a date',
    clients: [NODE, PYTHON],
    isTidy: false,
    explains: (decision) => uses(decision, /^is_date_/),
  },
  {
    row: 'a version',
    clients: [NODE, PYTHON, RUST],
    isTidy: false,
    explains: (decision) => uses(decision, /^semver_/),
  },
  {
    row: 'a condition that is passed over',
    clients: [NODE, PYTHON, GO, RUST],
    isTidy: true,
    explains: ({ project, user, flag, local, remote }) => {
      const all = withTargets(flag, project);
      if (!all.some((one) => conditionsOf(one).length > 1 && hasUnknown(one, { project, user }))) return false;
      const isVariant = local !== false && remote !== false;
      return isVariant || all.length > 1 || all.some(leavesEarly);
    },
  },
  {
    row: 'a rollout beside filters',
    clients: [GO],
    isTidy: true,
    explains: ({ flag, local }) =>
      local !== false &&
      conditionsOf(flag).some(({ properties, rollout_percentage: rollout }) => {
        return (properties as readonly unknown[]).length > 0 && typeof rollout === 'number' && rollout < 100;
      }),
  },
  {
    row: 'equality',
    clients: [GO],
    isTidy: true,
    explains: ({ flag, project, user }) => {
      const given = propertiesFor(flag, user);
      return propertyFilters(flag, project).some(
        ({ key, operator, value }) =>
          (operator === 'exact' || operator === 'is_not') &&
          [value].flat().some((wanted) => isOtherEqual(wanted ?? null, given[textOf(key)])),
      );
    },
  },
  {
    row: 'a cohort that it cannot decide',
    clients: [GO],
    isTidy: true,
    explains: (decision) =>
      filtersOf(decision.flag).some(({ type }) => type === 'cohort') &&
      (hasUnknown(decision.flag, decision) || uses(decision, /date|semver/)),
  },
  {
    row: 'a pattern',
    clients: [GO],
    isTidy: false,
    explains: (decision) => uses(decision, /regex/),
  },
  {
    row: 'a part of a text',
    clients: [GO],
    isTidy: false,
    explains: (decision) => uses(decision, /icontains/),
  },
  {
    row: 'a filter without a value',
    clients: [NODE, PYTHON, RUST],
    isTidy: false,
    explains: ({ flag, project }) =>
      withTargets(flag, project)
        .flatMap((one) => propertyFilters(one, project))
        .some(({ operator, value }) => /icontains/.test(textOf(operator)) && value === null),
  },
  {
    row: 'conditions with a variant',
    clients: [GO, RUST],
    isTidy: false,
    explains: ({ flag }) => conditionsOf(flag).some(({ variant }) => variant !== undefined),
  },
  {
    row: 'a device',
    clients: [GO, RUST],
    isTidy: true,
    explains: ({ flag }) => flag['bucketing_identifier'] === 'device_id',
  },
  {
    row: 'early exit',
    clients: [GO],
    isTidy: true,
    explains: ({ flag, local }) => local !== false && leavesEarly(flag),
  },
  {
    row: 'a holdout',
    clients: [GO, RUST],
    isTidy: true,
    explains: ({ flag, remote }) => settingsOf(flag)['holdout'] !== undefined && remote === 'holdout-7',
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
function withTargets(flag: JsonObject, { definitions }: RandomProject): readonly JsonObject[] {
  const found = new Set([flag]);
  for (const one of found) {
    for (const filter of filtersOf(one)) {
      if (member(filter, 'type') !== 'flag') continue;
      const target = definitions.flags.find(({ id }) => textOf(id) === member(filter, 'key'));
      if (target !== undefined) found.add(target);
    }
  }
  return [...found];
}

const settingsOf = (flag: JsonObject): JsonObject => flag['filters'] as JsonObject;
const conditionsOf = (flag: JsonObject): readonly JsonObject[] => settingsOf(flag)['groups'] as readonly JsonObject[];
const leavesEarly = (flag: JsonObject): boolean => settingsOf(flag)['early_exit'] === true;
const isOfGroup = (flag: JsonObject): boolean => settingsOf(flag)['aggregation_group_type_index'] === 0;
const filtersOf = (flag: JsonObject): readonly JsonObject[] =>
  conditionsOf(flag).flatMap(({ properties }) => properties as readonly JsonObject[]);

/** The filters on properties of a flag, also those in its cohorts. */
function propertyFilters(flag: JsonObject, { definitions }: RandomProject): readonly JsonObject[] {
  return filtersOf(flag).flatMap((filter) => {
    if (member(filter, 'type') !== 'cohort') return member(filter, 'type') === 'flag' ? [] : [filter];
    return leavesOf(member(definitions.cohorts, textOf(filter['value'])));
  });
}

function leavesOf(value: JsonValue | undefined): readonly JsonObject[] {
  if (value === undefined || !isObject(value)) return [];
  const values = member(value, 'values');
  return isList(values) ? values.flatMap(leavesOf) : [value];
}

function uses({ flag, project }: Decision, operators: RegExp): boolean {
  return withTargets(flag, project)
    .flatMap((one) => propertyFilters(one, project))
    .some(({ operator }) => operators.test(textOf(operator)));
}

function propertiesFor(flag: JsonObject, user: RandomUser): JsonObject {
  return isOfGroup(flag) ? (user.groupProperties['organization'] ?? {}) : user.personProperties;
}

/** Two values of which only the texts are equal, in whatever letters. */
function isOtherEqual(wanted: JsonValue, given: JsonValue | undefined): boolean {
  return given !== undefined && wanted !== given && textOf(wanted).toLowerCase() === textOf(given).toLowerCase();
}

/** Some filter cannot be decided without the service: by its property, which was not given, or as some clients see it. */
function hasUnknown(flag: JsonObject, { project, user }: Pick<Decision, 'project' | 'user'>): boolean {
  const given = propertiesFor(flag, user);
  return propertyFilters(flag, project).some((filter) => {
    const { key, operator, value } = filter;
    if (!Object.hasOwn(given, textOf(key))) return true;
    // In JavaScript 10 and 10.0 are one number, and as texts they are two.
    if (operator === 'exact' || operator === 'is_not') return [value, given[textOf(key)]].flat().some(Number.isInteger);
    return /regex/.test(textOf(operator));
  });
}
