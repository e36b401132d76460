import { approvalPoliciesStatement, isReadableStatement, type Work } from '@halyard/data/management';
import { ExactNumber, isList, isObject, type JsonObject, type JsonValue, member, parseJson } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { Refusal } from '../refusal.ts';
import type { FlagFields } from './flag.ts';

/* PostHog's approvals (M203). A policy belongs to an action, and has conditions on how the rollouts of a flag change. */

/** Rollouts by their place in the filters; what has none is absent. */
type Rollouts = ReadonlyMap<string, JsonValue>;

type State = Pick<FlagFields, 'active' | 'filters'>;

/** What wants an approval: an action, and when. */
export interface ApprovalPolicy {
  readonly action: string;
  readonly conditions: JsonValue;
}

/** The policies that hold for whoever asks; none where PostHog's table is not. */
export function* approvalPolicies({ teamId, actor }: CommandContext): Work<readonly ApprovalPolicy[]> {
  const [table] = yield* ask(isReadableStatement('posthog_approvalpolicy'));
  if (table?.['readable'] !== 'true') return [];
  const rows = yield* ask(approvalPoliciesStatement(teamId, actor.userId));
  return rows.map((row) => ({ action: row['action'] ?? '', conditions: parseJson(row['conditions'] ?? 'null') }));
}

/** Whether a change is of a kind for which there can be policies. */
export function mayNeedApproval(before: State, after: State): boolean {
  return actionsOf(before, after).length > 0;
}

/** @throws {Refusal} with status 409: a policy wants an approval of this change, which nobody can give here */
export function refuseWithoutApproval(policies: readonly ApprovalPolicy[], before: State, after: State): void {
  const actions = actionsOf(before, after);
  const [old, now] = [rolloutsOf(before.filters), rolloutsOf(after.filters)];
  const isHeld = policies.some(
    ({ action, conditions }) =>
      actions.includes(action) &&
      // What turns a flag on or off says nothing of rollouts.
      (action === UPDATE ? isMet(conditions, old, now) : isMet(conditions, NOTHING, NOTHING)),
  );
  if (isHeld) throw new Refusal(409, [{ type: 'server_error', code: 'approval_required', detail: DETAIL, attr: null }]);
}

/** What a change does, in PostHog's names. */
function actionsOf(before: State, after: State): readonly string[] {
  const actions = haveChanged(rolloutsOf(before.filters), rolloutsOf(after.filters)) ? [UPDATE] : [];
  if (after.active === before.active) return actions;
  return [...actions, after.active ? 'feature_flag.enable' : 'feature_flag.disable'];
}

const UPDATE = 'feature_flag.update';
const NOTHING: Rollouts = new Map();
const DETAIL =
  'This change needs an approval by a policy of PostHog’s, and approvals can only be given there. Nothing was changed.';

/** Whether a policy's conditions ask for an approval; none, and what is not known, ask for every one. */
function isMet(conditions: JsonValue, old: Rollouts, now: Rollouts): boolean {
  if (!isObject(conditions) || Object.keys(conditions).length === 0) return true;
  const [type, field] = [member(conditions, 'type'), member(conditions, 'field')];
  // Nothing but rollouts has values that PostHog compares.
  if (field !== 'rollout_percentage') return true;
  if (type === 'any_change') return haveChanged(old, now);
  const operator = member(conditions, 'operator');
  const compare = typeof operator === 'string' ? comparisons[operator] : undefined;
  const bound = member(conditions, 'value');
  if (compare === undefined || typeof bound !== 'number') return true;
  const isOver = (value: number | null): boolean => value !== null && compare(value, bound);
  if (type === 'before_after') return [...now.values()].some((value) => isOver(numberOf(value)));
  if (type !== 'change_amount') return true;
  return placesIn(old, now).some((place) => {
    const [from, to] = [numberOf(old.get(place)), numberOf(now.get(place))];
    return from !== null && to !== null && isOver(to - from);
  });
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '>': (value, bound) => value > bound,
  '<': (value, bound) => value < bound,
  '>=': (value, bound) => value >= bound,
  '<=': (value, bound) => value <= bound,
  '==': (value, bound) => value === bound,
  '!=': (value, bound) => value !== bound,
};

function rolloutsOf(filters: JsonObject): Rollouts {
  const found = new Map<string, JsonValue>();
  const walk = (name: string, list: JsonValue | undefined): void => {
    if (!isList(list)) return;
    for (const [at, each] of list.entries()) {
      const rollout = isObject(each) ? member(each, 'rollout_percentage') : undefined;
      if (rollout !== undefined && rollout !== null) found.set(`${name}[${at}]`, rollout);
    }
  };
  for (const name of ['groups', 'super_groups', 'holdout_groups']) walk(name, member(filters, name));
  const multivariate = member(filters, 'multivariate');
  if (isObject(multivariate)) walk('variants', member(multivariate, 'variants'));
  return found;
}

function placesIn(old: Rollouts, now: Rollouts): readonly string[] {
  return [...new Set([...old.keys(), ...now.keys()])];
}

function haveChanged(old: Rollouts, now: Rollouts): boolean {
  return placesIn(old, now).some((place) => isChanged(old.get(place), now.get(place)));
}

function isChanged(from: JsonValue | undefined, to: JsonValue | undefined): boolean {
  const [before, after] = [numberOf(from), numberOf(to)];
  return before === null || after === null ? from !== to : before !== after;
}

function numberOf(value: JsonValue | undefined): number | null {
  const number = value instanceof ExactNumber ? value.value : value;
  return typeof number === 'number' ? number : null;
}
