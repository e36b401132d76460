import { z } from '@hono/zod-openapi';
import type { FlagExplanation } from 'halyard/host';

type Condition = FlagExplanation['conditions'][number];
type Rule = NonNullable<FlagExplanation['rules']>[number];
type Filter = Condition['filters'][number];
type Draw = NonNullable<Condition['rollout']>;

const draw = z.object({ subject: z.string(), point: z.number(), percentage: z.number(), inside: z.boolean() });
const filter = z.looseObject({
  key: z.string(),
  type: z.string(),
  operator: z.string(),
  expected: z.unknown().optional(),
  seen: z.unknown().optional(),
  source: z.enum(['request', 'stored', 'filled', 'missing', 'not_loaded', 'flag', 'cohort']).openapi({
    description:
      'Where the value came from: sent, stored, from another property, nowhere, or unknown since it could not be loaded.',
  }),
  outcome: z.enum(['match', 'miss', 'error', 'assumed']),
});
const condition = z.looseObject({
  index: z.number().int(),
  outcome: z.string(),
  filters: z.array(filter),
  rollout: draw.nullable(),
  variant: z.object({ point: z.number(), key: z.string().nullable() }).nullable(),
});

/** How a flag came to its value, as it is answered (M181). */
export const explanationShape = z
  .looseObject({
    key: z.string(),
    distinct_id: z.string(),
    result: z
      .object({
        value: z.union([z.boolean(), z.string()]),
        payload: z.unknown(),
        reason: z.object({
          code: z.string(),
          condition_index: z.number().int().nullable(),
          description: z.string().nullable(),
        }),
        failed: z.boolean(),
      })
      .nullable(),
    excluded: z
      .string()
      .nullable()
      .openapi({ description: 'Why the flag takes no part, such as inactive or unknown.' }),
    conditions: z.array(condition),
    depends_on: z.array(z.string()),
  })
  .openapi('Explanation');

/** The engine's explanation in the names of the wire; values of properties as they were seen. */
export function explanationBody({
  key,
  distinctId,
  result,
  excluded,
  problem,
  enrollment,
  holdout,
  conditions,
  rules,
  dependsOn,
  missing = [],
}: FlagExplanation): object {
  return {
    key,
    distinct_id: distinctId,
    result:
      result === null
        ? null
        : {
            value: result.value,
            payload: result.payload ?? null,
            reason: {
              code: result.reason.code,
              condition_index: result.reason.conditionIndex,
              description: result.reason.description,
            },
            failed: result.failed,
          },
    excluded: excluded ?? null,
    problem: problem === undefined ? null : { path: problem.path, message: problem.message },
    enrollment,
    holdout,
    conditions: conditions.map(conditionBody),
    rules: rules?.map(ruleBody),
    depends_on: dependsOn,
    missing: missing.map(({ askedBy, ...flag }) => ({ ...flag, asked_by: askedBy })),
  };
}

function conditionBody({ index, outcome, failure, filters, rollout, variant }: Condition): object {
  return { index, outcome, failure, filters: filters.map(filterBody), ...drawsBody(rollout, variant) };
}

function ruleBody({ index, id, type, outcome, failure, filters, holdout, rollout, variant }: Rule): object {
  const judged = filters.map(filterBody);
  return { index, id, type, outcome, failure, filters: judged, holdout, ...drawsBody(rollout, variant) };
}

function drawsBody(rollout: Draw | undefined, variant: Condition['variant']): object {
  return { rollout: rollout ?? null, variant: variant ?? null };
}

function filterBody({ key, type, operator, expected, seen, source, outcome, negated }: Filter): object {
  return { key, type, operator, expected, seen, source, outcome, negated };
}
