import { isObject, type JsonValue, member } from '@halyard/json';
import { type FlagDefinition, isOutside, parseFlag } from '../definitions/flag.ts';
import type { FiltersV1 } from '../definitions/filters-v1.ts';
import { DefinitionError } from '../definitions/reader.ts';
import { isForEverybody, whoWords } from './condition-words.ts';
import type { Names } from './names.ts';
import { rulesSentence } from './rules-sentence.ts';
import { sharesOf, shareWords } from './shares.ts';
import { listWords, percent, quoted, worded } from './words.ts';

/**
 * What a flag does, as one paragraph in plain words (K32): "On for 25 % of people whose plan is pro; of those, half get "control" and
 * half "low". Everybody else: off." Made of the definition alone, with the engine's own reading of it; never throws.
 *
 * @param flag a row of `Definitions.flags`
 */
export function flagSentence(flag: JsonValue, names: Names): string {
  try {
    if (isOutside(flag)) return outsideWords(flag);
    return sentenceOf(parseFlag(flag), names);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return `Left out, as the definition cannot be used: ${`${error.path} ${error.message}`.trim()}.`;
  }
}

function outsideWords(flag: JsonValue): string {
  const isDeleted = isObject(flag) && member(flag, 'deleted') === true;
  return isDeleted ? 'Deleted.' : 'Remote configuration with encrypted payloads, which is no part of any evaluation.';
}

function sentenceOf(flag: FlagDefinition, names: Names): string {
  const parts = [...mainSentences(flag, names), ...reachSentences(flag)];
  if (!flag.active) parts.unshift('Switched off for everybody. When switched on:');
  return parts.join(' ');
}

function mainSentences(flag: FlagDefinition, names: Names): readonly string[] {
  switch (flag.filters.version) {
    case 1:
      return conditionSentences(flag, flag.filters, names);
    case 2:
      return rulesSentence(flag.filters, names);
    case 'unsupported':
      return [`Fails for everybody: ${flag.filters.problem}.`];
  }
}

function conditionSentences(flag: FlagDefinition, filters: FiltersV1, names: Names): readonly string[] {
  return [
    ...enrollmentSentences(flag, filters, names),
    ...(filters.holdout === null || filters.holdout.exclusion <= 0
      ? []
      : [
          `Before all conditions, ${percent(Math.min(100, filters.holdout.exclusion))} are held out and get ${quoted(`holdout-${filters.holdout.id}`)}.`,
        ]),
    ...valueSentences(filters, names),
    ...(filters.earlyExit && filters.conditions.length > 1
      ? ['Who matches a condition but is outside its share comes to no further one.']
      : []),
  ];
}

function enrollmentSentences(
  { key }: FlagDefinition,
  { enrollment, superCondition }: FiltersV1,
  names: Names,
): readonly string[] {
  if (enrollment) {
    return [
      `Who has enrolled (${worded(`$feature_enrollment/${key}`)} is true) has it on, and who has opted out has it off.`,
    ];
  }
  if (superCondition === null) return [];
  return [`Who has one of the properties of the enrollment has it on if among ${whoWords(superCondition, names)}.`];
}

/** Who gets which value (E25, E71). */
function valueSentences(filters: FiltersV1, names: Names): readonly string[] {
  const { conditions, variants, enrollment, superCondition, holdout } = filters;
  const others = enrollment || superCondition !== null || holdout !== null ? 'everybody else' : 'everybody';
  if (conditions.length === 0) return [`Off for ${others}: there is no condition.`];
  const all = conditions.map((condition, at) => ({
    who: whoWords(condition, names),
    number: `(${at + 1}) `,
    pinned: variants.some(({ key }) => key === condition.variant) ? quoted(condition.variant ?? '') : null,
  }));
  if (conditions.every(({ rollout }) => rollout <= 0)) {
    return [`Off for ${others}: ${all.map(({ who }) => who).join('; ')}.`];
  }
  const anyPinned = all.some(({ pinned }) => pinned !== null);
  const anyDrawn = all.some(({ pinned }) => pinned === null);
  const drawn = variants.length === 0 ? null : shareWords(sharesOf(variants), 'are on without a variant');
  const sharing = variants.length === 0 || !anyDrawn ? null : (drawn ?? 'all are on without a variant');
  const numbered = all.length > 1;
  const rest = conditions.some(isForEverybody) ? [] : ['Everybody else: off.'];
  if (!anyPinned) {
    const who = numbered ? all.map((part) => part.number + part.who).join('; ') : all.map((part) => part.who).join('');
    const main = `On for ${who}`;
    if (sharing === null) return [`${main}.`, ...rest];
    return numbered ? [`${main}.`, `Of those, ${sharing}.`, ...rest] : [`${main}; of those, ${sharing}.`, ...rest];
  }
  const each = all.map(({ who, number, pinned }) => `${numbered ? number : ''}${pinned ?? 'on'} for ${who}`);
  return [
    `${numbered ? 'The first that fits: ' : 'Always '}${each.join('; ')}.`,
    ...(sharing === null ? [] : [`Where no variant is named, ${sharing}.`]),
    ...rest,
  ];
}

/** What holds besides the conditions: where a flag is there at all, and how shares are drawn. */
function reachSentences(flag: FlagDefinition): readonly string[] {
  const sentences: string[] = [];
  if (flag.bucketsOnDevice) sentences.push('Shares are drawn by device.');
  if (flag.experienceContinuity) sentences.push("Signing in changes nobody's value (experience continuity).");
  if (flag.runtime !== null) sentences.push(`Only for ${flag.runtime}-side code.`);
  if (flag.contexts.length > 0) {
    sentences.push(`Only in the evaluation contexts ${listWords(flag.contexts.map(worded))}.`);
  }
  return sentences;
}
