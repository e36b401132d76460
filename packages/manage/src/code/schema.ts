import { OPERATOR_NAMES } from '@halyard/engine/review';
import type { JsonObject, JsonValue } from '@halyard/json';

/*
 * What editors check while somebody writes. It says what the engine's compiler takes, in the language of JSON Schema; where a rule needs
 * more than a schema can say, the compiler has the last word.
 */

const text = { type: 'string' };
const flagSwitch = { type: 'boolean' };
const percentage = { type: 'number', minimum: 0, maximum: 100 };
const int32 = { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const orNull = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: 'null' }] });
const described = (schema: JsonObject, description: string): JsonObject => ({ ...schema, description });
const ref = (name: string): JsonObject => ({ $ref: `#/definitions/${name}` });
const listOf = (items: JsonObject): JsonObject => ({ type: 'array', items });
const closed = (required: readonly string[], properties: Record<string, JsonValue>): JsonObject => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
const open = (required: readonly string[], properties: Record<string, JsonValue>): JsonObject => ({
  type: 'object',
  required,
  properties,
});

const flagMembers: Record<string, JsonValue> = {
  $schema: text,
  key: described({ type: 'string', minLength: 1, maxLength: 400 }, 'What code asks for.'),
  name: described(text, 'What the flag is for.'),
  active: described(flagSwitch, 'Whether the flag is switched on at all.'),
  archived: described(flagSwitch, 'Put away; only a flag that is off.'),
  tags: described(listOf({ type: 'string', minLength: 1, maxLength: 255 }), 'Words that flags are found by.'),
  evaluation_runtime: described({ enum: ['all', 'client', 'server'] }, 'Which code may ask for it.'),
  evaluation_contexts: described(
    listOf({ type: 'string', minLength: 1, maxLength: 255 }),
    'Where the flag is part of answers; everywhere when empty.',
  ),
  ensure_experience_continuity: described(flagSwitch, 'Signing in does not change the value.'),
  bucketing_identifier: described({ enum: ['distinct_id', 'device_id'] }, 'What shares are drawn by.'),
  is_remote_configuration: flagSwitch,
  has_experiment: flagSwitch,
  filters: ref('filters'),
};

const conditions = open([], {
  groups: described(listOf(ref('condition')), 'Tried in order; the first that matches and lets in decides.'),
  multivariate: orNull(open(['variants'], { variants: listOf(ref('variant')) })),
  payloads: described(orNull({ type: 'object' }), 'By variant, or under "true"; a text holds JSON.'),
  aggregation_group_type_index: orNull(int32),
  feature_enrollment: orNull(flagSwitch),
  early_exit: described(
    orNull(flagSwitch),
    'Who matches a condition but is outside its share comes to no further one.',
  ),
  holdout: orNull(open(['id', 'exclusion_percentage'], { id: { type: 'integer' }, exclusion_percentage: percentage })),
});

const seed = { type: 'string', minLength: 1, maxLength: 400 };
const ruleMembers = (type: string): Record<string, JsonValue> => ({
  id: { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
  rule_type: { const: type },
  description: text,
  metadata: { type: 'object' },
  targeting: closed(['properties'], { properties: { type: 'array', maxItems: 100, items: ref('predicate') } }),
});
const draw = {
  rollout_percentage: percentage,
  on_rollout_miss: { enum: ['continue', 'return_default'] },
  assignment_algorithm: { const: 'sha1_60_v1' },
  assign_by: { const: 'person' },
  seed,
};
const drawn = ['rollout_percentage', 'on_rollout_miss', 'assignment_algorithm', 'seed'];

const rules = closed(['version', 'return_type', 'default_value', 'rules'], {
  version: { const: 2 },
  return_type: { enum: ['boolean', 'string', 'number', 'object'] },
  default_value: described({}, 'null: the default of the caller.'),
  rules: {
    type: 'array',
    maxItems: 100,
    items: {
      oneOf: [
        closed(['id', 'rule_type', 'targeting', 'value'], { ...ruleMembers('targeted_release'), value: {} }),
        closed(['id', 'rule_type', 'targeting', 'value', ...drawn], {
          ...ruleMembers('percentage_rollout'),
          ...draw,
          value: {},
        }),
        closed(['id', 'rule_type', 'targeting', 'experiment_id', 'paused', 'variants', ...drawn], {
          ...ruleMembers('experiment'),
          ...draw,
          experiment_id: { type: 'null' },
          paused: flagSwitch,
          variants: {
            type: 'array',
            minItems: 2,
            maxItems: 20,
            items: closed(['key', 'weight', 'value'], {
              key: { type: 'string', pattern: '^[A-Za-z0-9_-]+$' },
              weight: percentage,
              value: {},
            }),
          },
          holdout: closed(['id', 'seed', 'exclusion_percentage'], {
            id: { type: 'null' },
            seed,
            exclusion_percentage: percentage,
          }),
        }),
      ],
    },
  },
});

/** The JSON Schema (draft 7) of files with flags. */
export const codeSchema: JsonObject = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Feature flags of Halyard',
  description: 'A file that holds one flag, or a document with flags, cohorts and what they refer to.',
  if: { type: 'object', anyOf: [{ required: ['key'] }, { required: ['filters'] }] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: ref('flag'),
  else: ref('document'),
  definitions: {
    flag: closed(['key', 'active', 'filters'], flagMembers),
    document: closed([], {
      $schema: text,
      timezone: described(text, 'In which dates without an offset are read, such as Europe/Vienna.'),
      property_matching_version: { enum: [1, 2] },
      group_types: {
        type: 'object',
        patternProperties: { '^[0-4]$': { type: 'string', minLength: 1 } },
        additionalProperties: false,
      },
      cohorts: listOf(ref('cohort')),
      flags: {
        anyOf: [
          listOf(ref('flag')),
          { type: 'object', additionalProperties: closed(['active', 'filters'], flagMembers) },
        ],
      },
    }),
    cohort: closed(['id'], {
      id: { type: 'integer', minimum: 1, maximum: 1_500_000_000 },
      name: text,
      description: text,
      is_static: described(flagSwitch, 'Its members are stored, and not in files.'),
      cohort_type: orNull(text),
      last_backfill_person_properties_at: orNull(text),
      last_backfill_events_at: orNull(text),
      filters: orNull({ type: 'object' }),
      groups: { type: 'array' },
    }),
    filters: {
      if: { type: 'object', required: ['version'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { anyOf: [rules, { allOf: [conditions, open([], { version: { const: 1 } })] }] },
      else: conditions,
    },
    condition: open([], {
      description: orNull(text),
      properties: orNull(listOf(ref('filter'))),
      rollout_percentage: described(orNull(percentage), 'The share that is let in; without it, all.'),
      variant: described(orNull(text), 'Everybody whom this condition lets in gets this variant.'),
      aggregation_group_type_index: orNull(int32),
    }),
    filter: open(['key', 'type'], {
      key: described(text, 'Of a property; of a flag that is asked about; "id" for a cohort.'),
      type: { enum: ['person', 'person_metadata', 'group', 'cohort', 'flag'] },
      operator: orNull({ enum: OPERATOR_NAMES }),
      value: described({}, 'A list means any of its items, where the operator takes lists.'),
      group_type_index: orNull(int32),
    }),
    variant: open(['key', 'rollout_percentage'], { key: text, name: orNull(text), rollout_percentage: percentage }),
    predicate: closed(['key', 'type'], {
      key: { type: 'string', minLength: 1 },
      type: { const: 'person' },
      operator: orNull({ enum: OPERATOR_NAMES }),
      value: {},
      negation: orNull(flagSwitch),
      label: orNull(text),
      cohort_name: orNull(text),
      group_key_names: orNull({ type: 'object' }),
      group_type_index: { type: 'null' },
    }),
  },
};
