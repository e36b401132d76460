import { z } from '@hono/zod-openapi';

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
    filters: told('object', 'Conditions, variants and payloads; merged at the top level.'),
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

/** A flag as it is answered (M30). */
export const flagShape = z
  .looseObject({
    id: z.number().int(),
    key: z.string(),
    name: z.string(),
    filters: z.looseObject({}),
    active: z.boolean(),
    archived: z.boolean(),
    deleted: z.boolean(),
    version: z.number().int(),
    status: z.enum(['ACTIVE', 'STALE', 'ARCHIVED', 'DELETED', 'UNKNOWN']),
    tags: z.array(z.string()),
    evaluation_contexts: z.array(z.string()),
    created_at: z.string(),
    updated_at: z.string().nullable(),
    last_called_at: z.string().nullable(),
  })
  .openapi('Flag');

export const anyObject = z.looseObject({});

/** A page of history (M160). */
export const activityShape = z
  .object({
    results: z.array(anyObject),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    total_count: z.number().int(),
  })
  .openapi('ActivityPage');
