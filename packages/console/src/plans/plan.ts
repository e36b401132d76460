import { flagSentence, type Names } from '@halyard/engine/review';
import type { JsonValue } from '@halyard/json';
import type { Condition, Person, Variant } from '../flag/flag.ts';
import { blankFields, rowOf } from '../flag/flag.ts';

/** What a planned change does to its flag (M136). */
export type PlannedChange =
  | { readonly operation: 'update_status'; readonly value: boolean }
  | { readonly operation: 'add_release_condition'; readonly value: { readonly groups: readonly Condition[] } }
  | {
      readonly operation: 'update_variants';
      readonly value: {
        readonly variants: readonly Variant[];
        readonly payloads?: Readonly<Record<string, JsonValue>>;
      };
    };

/** A planned change as the API answers it (M135). */
export interface Plan {
  readonly id: number;
  /** Id of the flag. */
  readonly record_id: string;
  readonly payload: PlannedChange;
  readonly scheduled_at: string;
  readonly executed_at: string | null;
  readonly failure_reason: string | null;
  readonly created_by: Person | null;
  readonly is_recurring: boolean;
  readonly recurrence_interval: string | null;
  readonly cron_expression: string | null;
  readonly end_date: string | null;
  readonly timezone: string | null;
}

/** A plan that comes again and again, and is to do nothing for now (M137). */
export function isPaused({
  is_recurring: recurs,
  recurrence_interval: interval,
  cron_expression: cron,
}: Plan): boolean {
  return !recurs && (interval !== null || cron !== null);
}

/** What will happen, as a sentence. */
export function planWords({ payload }: Pick<Plan, 'payload'>, names: Names): string {
  switch (payload.operation) {
    case 'update_status':
      return payload.value ? 'Switch on' : 'Switch off';
    case 'add_release_condition': {
      const filters = { groups: payload.value.groups };
      const sentence = flagSentence(rowOf({ ...blankFields, filters }), names).replace(/ Everybody else: off\.$/, '');
      return `Add a condition: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
    }
    case 'update_variants': {
      const variants = payload.value.variants.map(({ key, rollout_percentage: share }) => `${key} ${share} %`);
      return `Variants: ${variants.join(', ')}`;
    }
    default:
      return 'Unknown change';
  }
}

/** How it comes again; nothing where it comes once. */
export function recurrenceWords(plan: Plan): string {
  const { recurrence_interval: interval, cron_expression: cron, timezone, end_date: end } = plan;
  if (interval === null && cron === null) return '';
  const when = cron === null ? (interval ?? '') : `at ${cron} (${timezone ?? 'UTC'})`;
  return `Repeats ${when}${end === null ? '' : `, until ${end.slice(0, 10)}`}`;
}
