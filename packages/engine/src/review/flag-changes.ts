import { isObject, type JsonObject, type JsonValue, member, sourceText, textOf } from '@halyard/json';
import { type FlagDefinition, parseFlag } from '../definitions/flag.ts';
import type { ConditionDefinition, FiltersV1, VariantDefinition } from '../definitions/filters-v1.ts';
import { DefinitionError } from '../definitions/reader.ts';
import type { FiltersV2 } from '../rules/definition.ts';
import { whoWords } from './condition-words.ts';
import { flagSentence } from './flag-sentence.ts';
import type { Names } from './names.ts';
import { ruleWords } from './rules-sentence.ts';
import { givenWords, listWords, percent, quoted, worded } from './words.ts';

/**
 * What changes between two definitions of a flag, as sentences (K11): "Condition 2: 10 % → 50 % of people whose plan is pro." An empty
 * list: evaluation makes nothing of the difference. Never throws.
 *
 * @param names those of the project after the change
 */
export function flagChanges(before: JsonValue, after: JsonValue, names: Names): readonly string[] {
  const [old, now] = [readable(before), readable(after)];
  if (old === null || now === null) return whole(before, after, names);
  if (old.filters.version === 1 && now.filters.version === 1) {
    return [...rowChanges(old, now, before, after), ...conditionChanges(old.filters, now.filters, names)];
  }
  if (old.filters.version === 2 && now.filters.version === 2) {
    return [...rowChanges(old, now, before, after), ...ruleChanges(old.filters, now.filters, names)];
  }
  return [...rowChanges(old, now, before, after), ...whole(before, after, names)];
}

function readable(flag: JsonValue): FlagDefinition | null {
  try {
    return parseFlag(flag);
  } catch (error) {
    if (error instanceof DefinitionError) return null;
    throw error;
  }
}

function whole(before: JsonValue, after: JsonValue, names: Names): readonly string[] {
  const [was, is] = [flagSentence(before, names), flagSentence(after, names)];
  return was === is ? [] : [`Was: ${was}`, `Will be: ${is}`];
}

/** Members of the row that are not among the filters. */
function rowChanges(old: FlagDefinition, now: FlagDefinition, before: JsonValue, after: JsonValue): readonly string[] {
  const changes: string[] = [];
  if (old.active !== now.active) changes.push(now.active ? 'Switched on.' : 'Switched off.');
  const [wasNamed, isNamed] = [memberOf(before, 'name') ?? '', memberOf(after, 'name') ?? ''];
  if (textOf(wasNamed) !== textOf(isNamed)) {
    changes.push(`Description: ${givenWords(wasNamed)} → ${givenWords(isNamed)}.`);
  }
  const side = (flag: FlagDefinition): string => (flag.runtime === null ? 'everywhere' : `${flag.runtime}-side`);
  if (old.runtime !== now.runtime) changes.push(`Runtime: ${side(old)} → ${side(now)}.`);
  const places = ({ contexts }: FlagDefinition): string =>
    contexts.length === 0 ? 'all' : listWords([...contexts].sort().map(worded));
  if (places(old) !== places(now)) changes.push(`Evaluation contexts: ${places(old)} → ${places(now)}.`);
  if (old.experienceContinuity !== now.experienceContinuity) {
    changes.push(`Experience continuity is ${now.experienceContinuity ? 'on' : 'off'}.`);
  }
  if (old.bucketsOnDevice !== now.bucketsOnDevice) {
    changes.push(`Shares are drawn by ${now.bucketsOnDevice ? 'device' : 'person'}.`);
  }
  return changes;
}

function memberOf(value: JsonValue, name: string): JsonValue | undefined {
  return isObject(value) ? member(value, name) : undefined;
}

function conditionChanges(old: FiltersV1, now: FiltersV1, names: Names): readonly string[] {
  const changes = alignedChanges(
    old.conditions.map((condition) => conditionText(condition, names)),
    now.conditions.map((condition) => conditionText(condition, names)),
    'Condition',
    (was, is) => shareChange(old.conditions[was], now.conditions[is], names),
  );
  return [
    ...changes,
    ...variantChanges(old.variants, now.variants),
    ...payloadChanges(old.payloads, now.payloads),
    ...(old.enrollment === now.enrollment ? [] : [`Early access enrollment is ${now.enrollment ? 'on' : 'off'}.`]),
    ...(old.earlyExit === now.earlyExit ? [] : [`Early exit is ${now.earlyExit ? 'on' : 'off'}.`]),
    ...holdoutChanges(old.holdout, now.holdout),
  ];
}

function conditionText(condition: ConditionDefinition, names: Names): string {
  const value = condition.variant === null ? '' : `${quoted(condition.variant)} for `;
  return `${value}${whoWords(condition, names)}`;
}

/** Two conditions that differ in their share alone. */
function shareChange(
  old: ConditionDefinition | undefined,
  now: ConditionDefinition | undefined,
  names: Names,
): string | null {
  if (old === undefined || now === undefined || old.variant !== now.variant) return null;
  // At a share that everybody has, both read alike if they differ in nothing else.
  const among = (condition: ConditionDefinition): string => whoWords({ ...condition, rollout: 50 }, names);
  if (among(old) !== among(now)) return null;
  return `${percent(old.rollout)} → ${among(now).replace('50 %', percent(now.rollout))}`;
}

/** What became of the items of a list whose order matters. Equal ones in the same order are left out; the others are paired by place. */
function alignedChanges(
  old: readonly string[],
  now: readonly string[],
  what: string,
  finer: (was: number, is: number) => string | null,
): readonly string[] {
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const [removed, added] = [old.slice(head, old.length - tail), now.slice(head, now.length - tail)];
  const changes: string[] = [];
  for (let at = 0; at < Math.max(removed.length, added.length); at++) {
    const [was, is] = [removed[at], added[at]];
    if (was === is) continue;
    const place = `${what} ${head + at + 1}`;
    if (was === undefined) changes.push(`${place} is new: ${is ?? ''}.`);
    else if (is === undefined) changes.push(`${place} goes: ${was}.`);
    else {
      const fine = finer(head + at, head + at);
      changes.push(fine === null ? `${place}: was ${was}; will be ${is}.` : `${place}: ${fine}.`);
    }
  }
  return changes;
}

function variantChanges(old: readonly VariantDefinition[], now: readonly VariantDefinition[]): readonly string[] {
  const weights = (list: readonly VariantDefinition[]) => new Map(list.map(({ key, weight }) => [key, weight]));
  const [was, is] = [weights(old), weights(now)];
  const changes: string[] = [];
  for (const [key, weight] of is) {
    const before = was.get(key);
    if (before === undefined) changes.push(`Variant ${quoted(key)} is new, with ${percent(weight)}.`);
    else if (before !== weight) changes.push(`Variant ${quoted(key)}: ${percent(before)} → ${percent(weight)}.`);
  }
  for (const [key, weight] of was) {
    if (!is.has(key)) changes.push(`Variant ${quoted(key)} goes, with ${percent(weight)}.`);
  }
  const [before, after] = [[...was.keys()].filter((key) => is.has(key)), [...is.keys()].filter((key) => was.has(key))];
  if (before.join('\0') !== after.join('\0')) changes.push(`The variants stand in another order.`);
  return changes;
}

function payloadChanges(old: JsonObject | null, now: JsonObject | null): readonly string[] {
  const [was, is] = [old ?? {}, now ?? {}];
  const changes: string[] = [];
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [before, after] = [member(was, key), member(is, key)];
    if (before === undefined) changes.push(`Payload of ${quoted(key)} is new: ${givenWords(after ?? null)}.`);
    else if (after === undefined) changes.push(`Payload of ${quoted(key)} goes.`);
    else if (sourceText(before) !== sourceText(after)) {
      changes.push(`Payload of ${quoted(key)}: ${givenWords(before)} → ${givenWords(after)}.`);
    }
  }
  return changes;
}

function holdoutChanges(old: FiltersV1['holdout'], now: FiltersV1['holdout']): readonly string[] {
  const words = (holdout: FiltersV1['holdout']): string =>
    holdout === null ? 'none' : `${percent(holdout.exclusion)} (${quoted(`holdout-${holdout.id}`)})`;
  return words(old) === words(now) ? [] : [`Held out: ${words(old)} → ${words(now)}.`];
}

function ruleChanges(old: FiltersV2, now: FiltersV2, names: Names): readonly string[] {
  const changes = [
    ...alignedChanges(
      old.rules.map((rule) => ruleWords(rule, names)),
      now.rules.map((rule) => ruleWords(rule, names)),
      'Rule',
      () => null,
    ),
  ];
  if (old.returnType !== now.returnType) changes.push(`Values: ${old.returnType} → ${now.returnType}.`);
  const [was, is] = [givenWords(old.defaultValue), givenWords(now.defaultValue)];
  if (was !== is) changes.push(`Default: ${was} → ${is}.`);
  const seeds = (filters: FiltersV2): string =>
    JSON.stringify(filters.rules.map((rule) => (rule.type === 'targeted_release' ? null : rule.rollout.seed)));
  if (changes.length === 0 && seeds(old) !== seeds(now)) changes.push('Shares are drawn with another seed.');
  return changes;
}
