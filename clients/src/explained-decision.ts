import { createHalyard } from 'halyard';
import type { JsonObject, JsonValue } from '@halyard/json';
import {
  conditionsOf,
  type Decision,
  type Difference,
  filtersOf,
  isOfGroup,
  leavesOf,
  targetOf,
  textOf,
  withConditions,
} from './local-differences.ts';
import type { RandomProject } from './random-project.cases.ts';

/** Filters on a property that is given to nobody: one that holds, and one that does not. */
const HOLDS: JsonObject = { key: 'of nobody', operator: 'is_not_set', value: 'is_not_set' };
const FAILS: JsonObject = { key: 'of nobody', operator: 'is_set', value: 'is_set' };

/** What a client may make of a filter: the filters that it may take it for. */
type Readings = readonly JsonObject[];

/**
 * Whether what a client decided is what the service decides of the flag as the client reads it: the settings that it does not know are gone, its
 * order of conditions is the client's, and of filters about which it may think otherwise every outcome is tried. What no reading
 * gives is a difference that nobody knows.
 */
export async function isExplained(decision: Decision, client: string, known: readonly Difference[]): Promise<boolean> {
  if (known.some(({ explains }) => explains?.(decision) === true)) return true;
  const project = readProject(decision.project, known);
  const flag = project.definitions.flags.find(({ id }) => id === decision.flag['id']) as JsonObject;
  const readings = conditionsOf(flag).map((condition) =>
    filtersOf(condition).map((filter) => readingsOf(filter, { ...decision, project, flag }, client, known)),
  );
  for (const chosen of combinations(readings.flat())) {
    const left = [...chosen];
    const read = withConditions(flag, (conditions) =>
      conditions.map((one) => ({ ...one, properties: left.splice(0, filtersOf(one).length) })),
    );
    if ((await decided(read, { ...decision, project })) === decision.local) return true;
  }
  return false;
}

function readProject(project: RandomProject, known: readonly Difference[]): RandomProject {
  const read = (flag: JsonObject): JsonObject => known.reduce((made, { reads }) => reads?.(made) ?? made, flag);
  return { ...project, definitions: { ...project.definitions, flags: project.definitions.flags.map(read) } };
}

function readingsOf(filter: JsonObject, decision: Decision, client: string, known: readonly Difference[]): Readings {
  const type = isOfGroup(decision.flag) ? { type: 'group', group_type_index: 0 } : { type: 'person' };
  if (mayDiffer(filter, decision, known, client)) return [HOLDS, FAILS].map((one) => ({ ...one, ...type }));
  return isPassedOver(filter, decision, client, known) ? [filter, { ...FAILS, ...type }] : [filter];
}

function mayDiffer(filter: JsonObject, decision: Decision, known: readonly Difference[], client: string): boolean {
  const { project, flag, user } = decision;
  const { flags, cohorts } = project.definitions;
  if (filter['type'] === 'flag') {
    const target = targetOf(filter, flags);
    if (target === undefined) return false;
    // It is decided by the same client, so what holds for its filters holds for it.
    return conditionsOf(target)
      .flatMap(filtersOf)
      .some((one) => readingsOf(one, { ...decision, flag: target }, client, known).length > 1);
  }
  const given = isOfGroup(flag) ? (user.groupProperties['organization'] ?? {}) : user.personProperties;
  if (filter['type'] === 'cohort') {
    return leavesOf(cohorts[textOf(filter['value'])]).some((leaf) =>
      known.some(({ doubts }) => doubts?.({ ...leaf, type: 'cohort' }, given) === true),
    );
  }
  return known.some(({ doubts }) => doubts?.(filter, given) === true);
}

function isPassedOver(filter: JsonObject, decision: Decision, client: string, known: readonly Difference[]): boolean {
  const { project, flag, user } = decision;
  const passes = known.flatMap(({ passesOver }) => passesOver ?? []);
  // Go and Rust decide no flag that depends on another.
  if (filter['type'] === 'flag') return passes.length > 0 && /posthog-(go|rs)/.test(client);
  const given = isOfGroup(flag) ? (user.groupProperties['organization'] ?? {}) : user.personProperties;
  const leaves =
    filter['type'] === 'cohort' ? leavesOf(project.definitions.cohorts[textOf(filter['value'])]) : [filter];
  return leaves.some((leaf) => passes.some((passesOver) => passesOver(leaf, given, client)));
}

/** Every way to choose one of each. */
function* combinations(of: readonly Readings[]): Generator<readonly JsonObject[]> {
  const [first, ...rest] = of;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const others of combinations(rest)) for (const one of first) yield [one, ...others];
}

/** What the service decides of the flag. */
async function decided(flag: JsonObject, { project: { definitions }, user }: Decision): Promise<JsonValue> {
  const flags = definitions.flags.map((one) => (one['id'] === flag['id'] ? flag : one));
  const halyard = await createHalyard({ definitions: { ...definitions, flags } as never });
  const found = halyard.evaluateSync({
    distinctId: user.distinctId,
    ...(user.deviceId === undefined ? {} : { deviceId: user.deviceId }),
    personProperties: user.personProperties,
    groups: user.groups,
    groupProperties: user.groupProperties,
    runtime: 'all',
    flagKeys: [textOf(flag['key'])],
  });
  await halyard.close();
  return found.value(textOf(flag['key'])) ?? false;
}
