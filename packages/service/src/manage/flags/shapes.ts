import { z } from '@hono/zod-openapi';
import { userBriefShape } from '../accounts/shapes.ts';

/** A member that the command reads, not the schema: the document says what it is, and nothing is refused by it. */
const told = (type: 'string' | 'boolean' | 'integer' | 'object', description: string) =>
  z
    .unknown()
    .optional()
    .openapi({ type, description, ...(type === 'object' ? { additionalProperties: true } : {}) });

const names = (description: string) =>
  z
    .unknown()
    .optional()
    .openapi({ type: 'array', items: { type: 'string' }, description });

/** What a write may send (M30). */
export const flagBody = z
  .looseObject({
    key: told('string', 'Letters, digits, "_" and "-"; unique in the project.'),
    name: told('string', 'What people read.'),
    filters: z
      .unknown()
      .optional()
      .openapi({ allOf: [{ $ref: '#/components/schemas/FlagFilters' }], description: 'Merged at the top level.' }),
    active: told('boolean', 'Whether it is on.'),
    archived: told('boolean', 'Put away; only a flag that is off.'),
    deleted: told('boolean', 'Deletes or restores.'),
    ensure_experience_continuity: told('boolean', 'People keep what they had before they were known.'),
    is_remote_configuration: told('boolean', 'A configuration value instead of a decision.'),
    has_encrypted_payloads: told('boolean', 'Payloads are encrypted where they are stored.'),
    evaluation_runtime: told('string', 'all, client or server.'),
    bucketing_identifier: told('string', 'distinct_id or device_id.'),
    tags: names('Replace the stored ones.'),
    evaluation_contexts: names('Replace the stored ones.'),
    version: told('integer', 'The version that the change was made on; another one may be a conflict.'),
    original_flag: told('object', 'What the change was made on, for a conflict field by field.'),
    change_note: told('string', 'Why, for the history.'),
  })
  .openapi('FlagWrite');

/** Everything that has no more to say about itself. */
export const anyObject = z.looseObject({});

const int32 = () =>
  z
    .number()
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1);
const share = () => z.number().min(0).max(100);

/** A filter on a property (M62), with the names that are shown beside ids (M31). */
const filterShape = z
  .looseObject({
    key: z.string().openapi({ description: 'Of a property; the id of a flag that is asked about; "id" for a cohort.' }),
    type: z.enum(['person', 'person_metadata', 'group', 'cohort', 'flag']),
    operator: z.string().nullable().optional().openapi({ description: 'Such as exact, icontains, gt, is_date_after.' }),
    value: z.unknown().optional().openapi({ description: 'Any JSON; a list means any of its items.' }),
    group_type_index: int32().nullable().optional(),
    negation: z.boolean().nullable().optional(),
    cohort_name: z.string().nullable().optional().openapi({ description: 'Shown only.' }),
    group_key_names: z.record(z.string(), z.string()).optional().openapi({ description: 'Shown only.' }),
    label: z.string().nullable().optional().openapi({ description: 'Shown only.' }),
  })
  .openapi('PropertyFilter');

/** One of the conditions that are tried in order. */
const conditionShape = z
  .looseObject({
    properties: z.array(filterShape).nullable().optional().openapi({ description: 'All have to match.' }),
    rollout_percentage: share()
      .nullable()
      .optional()
      .openapi({ description: 'Of those who match; null is 100. Fractions are allowed.' }),
    variant: z.string().nullable().optional().openapi({ description: 'All of them get this one.' }),
    aggregation_group_type_index: int32()
      .nullable()
      .optional()
      .openapi({ description: 'The group type that it is about; null: persons.' }),
    description: z.string().nullable().optional(),
    sort_key: z.string().nullable().optional(),
  })
  .openapi('ConditionGroup');

const variantShape = z
  .looseObject({
    key: z.string(),
    name: z.string().nullable().optional(),
    rollout_percentage: share().openapi({ description: 'All variants together are 100.' }),
  })
  .openapi('FlagVariant');

/** Conditions, variants and payloads (M62). What is not named here is kept as it was sent (M63). */
const filtersShape = z
  .looseObject({
    groups: z
      .array(conditionShape)
      .optional()
      .openapi({ description: 'Tried in order; the first that matches and lets in decides.' }),
    multivariate: z
      .looseObject({ variants: z.array(variantShape) })
      .nullable()
      .optional(),
    payloads: z
      .record(z.string(), z.unknown())
      .nullable()
      .optional()
      .openapi({ description: 'By variant, or under "true"; JSON text when read.' }),
    aggregation_group_type_index: int32().nullable().optional(),
    feature_enrollment: z.boolean().nullable().optional(),
    early_exit: z
      .boolean()
      .nullable()
      .optional()
      .openapi({ description: 'Who matches a condition but is outside its share comes to no further one.' }),
    holdout: z.looseObject({ id: z.number().int(), exclusion_percentage: share() }).nullable().optional(),
  })
  .openapi('FlagFilters');

const featureShape = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    stage: z.string(),
    documentationUrl: z.string(),
    flagKey: z.string(),
  })
  .openapi('EarlyAccessFeatureBrief');

/** A flag as it is answered (M30). */
export const flagShape = z
  .looseObject({
    id: z.number().int(),
    key: z.string(),
    name: z.string(),
    filters: filtersShape,
    active: z.boolean(),
    archived: z.boolean(),
    deleted: z.boolean(),
    version: z.number().int(),
    status: z.enum(['ACTIVE', 'STALE', 'ARCHIVED', 'DELETED', 'UNKNOWN']),
    ensure_experience_continuity: z.boolean().nullable(),
    is_remote_configuration: z.boolean().nullable(),
    has_encrypted_payloads: z.boolean().nullable(),
    evaluation_runtime: z.string().nullable(),
    bucketing_identifier: z.string().nullable(),
    tags: z.array(z.string()),
    evaluation_contexts: z.array(z.string()),
    created_at: z.string(),
    created_by: z.union([userBriefShape, z.null()]),
    updated_at: z.string().nullable(),
    last_modified_by: z.union([userBriefShape, z.null()]),
    last_called_at: z.string().nullable(),
    features: z.array(featureShape),
    can_edit: z.boolean(),
    user_access_level: z.enum(['manager', 'editor']),
    is_eligible_for_experiment: z.boolean(),
  })
  .openapi('Flag');

/** A page of history (M160). */
export const activityShape = z
  .object({
    results: z.array(anyObject),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    total_count: z.number().int(),
  })
  .openapi('ActivityPage');
