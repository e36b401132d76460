import { isObject, type JsonValue } from '@halyard/json';
import { DefinitionError, listAt } from '../definitions/reader.ts';
import { ClosedObject, isWhole } from './closed-object.ts';
import type {
  Experiment,
  PercentageRollout,
  PredicateDefinition,
  ReturnType,
  RolloutDefinition,
  RuleDefinition,
  RuleVariant,
  TargetedRelease,
} from './definition.ts';
import { parsePredicate } from './parse-predicate.ts';
import { percentageAt } from './percentage.ts';
import { typedValueAt } from './typed-value.ts';

const MOST_PREDICATES = 100;
const FEWEST_VARIANTS = 2;
const MOST_VARIANTS = 20;
/** 100 % in hundredths. */
const ALL = 10_000;

const COMMON = ['id', 'rule_type', 'targeting', 'description', 'metadata'];
const ROLLOUT = ['rollout_percentage', 'on_rollout_miss', 'assignment_algorithm', 'seed', 'assign_by'];
const MEMBERS = {
  targeted_release: [...COMMON, 'value'],
  percentage_rollout: [...COMMON, 'value', ...ROLLOUT],
  experiment: [...COMMON, ...ROLLOUT, 'experiment_id', 'paused', 'variants', 'holdout'],
} as const;

/** Reads one rule (E174 to E176). */
export function parseRule(given: JsonValue, returnType: ReturnType, path: string): RuleDefinition {
  const rule = new ClosedObject(given, path);
  const type = rule.word('rule_type', ['targeted_release', 'percentage_rollout', 'experiment']);
  if (type === 'experiment') refuseLinked(rule); // before unknown members are looked for (E185a)
  rule.onlyHas(MEMBERS[type]);
  const base = { id: idOf(rule), predicates: predicatesOf(rule) };
  checkNotes(rule);
  switch (type) {
    case 'targeted_release':
      return { ...base, type, value: valueOf(rule, returnType) } satisfies TargetedRelease;
    case 'percentage_rollout':
      return { ...base, type, value: valueOf(rule, returnType), rollout: rolloutOf(rule) } satisfies PercentageRollout;
    case 'experiment':
      return {
        ...base,
        type,
        paused: pausedOf(rule),
        rollout: rolloutOf(rule),
        variants: variantsOf(rule, returnType),
        holdout: holdoutOf(rule),
      } satisfies Experiment;
  }
}

function valueOf(rule: ClosedObject, returnType: ReturnType): JsonValue {
  return typedValueAt(rule.get('value'), returnType, rule.at('value'));
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function idOf(rule: ClosedObject): string {
  const id = rule.string('id');
  return UUID.test(id) ? id : rule.fail('id', 'must be a UUID of 36 characters');
}

function predicatesOf(rule: ClosedObject): readonly PredicateDefinition[] {
  const targeting = new ClosedObject(rule.get('targeting'), rule.at('targeting'));
  targeting.onlyHas(['properties']);
  const path = targeting.at('properties');
  const properties = listAt(targeting.get('properties'), path);
  if (properties.length > MOST_PREDICATES) {
    throw new DefinitionError(path, `has ${properties.length} predicates, more than ${MOST_PREDICATES}`);
  }
  return properties.map((predicate, i) => parsePredicate(predicate, `${path}[${i}]`));
}

/** Members for people; `null` is not how they are left out (E185a). */
function checkNotes(rule: ClosedObject): void {
  if (rule.has('description')) rule.string('description');
  if (rule.has('metadata') && !isObject(rule.get('metadata'))) rule.fail('metadata', 'must be an object');
}

function rolloutOf(rule: ClosedObject): RolloutDefinition {
  rule.word('assignment_algorithm', ['sha1_60_v1']);
  if (rule.has('assign_by')) rule.word('assign_by', ['person']);
  return {
    percentage: percentageAt(rule.get('rollout_percentage'), rule.at('rollout_percentage')).percent,
    onMiss: rule.word('on_rollout_miss', ['continue', 'return_default']),
    seed: rule.seed('seed'),
  };
}

function pausedOf(rule: ClosedObject): boolean {
  const paused = rule.get('paused');
  return typeof paused === 'boolean' ? paused : rule.fail('paused', 'must be true or false');
}

/** An experiment that is linked is somebody else's to assign (E176). */
function refuseLinked(rule: ClosedObject): void {
  const id = rule.get('experiment_id');
  if (isWhole(id)) rule.fail('experiment_id', 'names an experiment: not supported');
  if (id !== null) rule.fail('experiment_id', 'must be null');
}

const VARIANT_KEY = /^[A-Za-z0-9_-]+$/;

function variantsOf(rule: ClosedObject, returnType: ReturnType): readonly RuleVariant[] {
  const path = rule.at('variants');
  const variants = listAt(rule.get('variants'), path);
  if (variants.length < FEWEST_VARIANTS || variants.length > MOST_VARIANTS) {
    throw new DefinitionError(path, `must be ${FEWEST_VARIANTS} to ${MOST_VARIANTS} variants, not ${variants.length}`);
  }
  const keys = new Set<string>();
  let total = 0;
  const read = variants.map((given, i) => {
    const variant = new ClosedObject(given, `${path}[${i}]`);
    variant.onlyHas(['key', 'weight', 'value']);
    const key = variant.string('key');
    if (!VARIANT_KEY.test(key)) variant.fail('key', 'may have letters, digits, _ and - only');
    if (keys.has(key)) variant.fail('key', 'is the key of a variant before');
    keys.add(key);
    const weight = percentageAt(variant.get('weight'), variant.at('weight'));
    total += weight.hundredths;
    return { key, weight: weight.percent, value: valueOf(variant, returnType) };
  });
  if (total !== ALL) throw new DefinitionError(path, `have weights of ${total / 100} in all, not 100`);
  return read;
}

function holdoutOf(rule: ClosedObject): Experiment['holdout'] {
  if (!rule.has('holdout')) return null;
  const holdout = new ClosedObject(rule.get('holdout'), rule.at('holdout'));
  const id = holdout.get('id');
  if (isWhole(id)) holdout.fail('id', 'names a holdout: not supported');
  holdout.onlyHas(['id', 'seed', 'exclusion_percentage']);
  if (id !== null) holdout.fail('id', 'must be null');
  const path = holdout.at('exclusion_percentage');
  const percentage = percentageAt(holdout.get('exclusion_percentage'), path).percent;
  return { seed: holdout.seed('seed'), percentage };
}
