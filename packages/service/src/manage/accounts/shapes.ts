import { z } from '@hono/zod-openapi';
import type { CallingUser, Organization, Project } from '@halyard/manage';
import { apiTime } from '../frame/times.ts';

/** A user as others see it (M25). */
export const userBriefShape = z
  .object({
    id: z.number().int(),
    uuid: z.string().nullable(),
    distinct_id: z.string().nullable(),
    first_name: z.string(),
    last_name: z.string(),
    email: z.string(),
    is_email_verified: z.boolean().nullable(),
    hedgehog_config: z.null(),
    role_at_organization: z.string().nullable(),
  })
  .openapi('UserBrief');

export function userBrief(
  user: Omit<CallingUser, 'memberships' | 'currentOrganizationId' | 'currentTeamId' | 'dateJoined'>,
): z.infer<typeof userBriefShape> {
  return {
    id: user.id,
    uuid: user.uuid,
    distinct_id: user.distinctId,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    is_email_verified: user.isEmailVerified,
    hedgehog_config: null,
    role_at_organization: null,
  };
}

/** An organization where it is named beside something else (M145). */
export function organizationBrief({ id, name, row }: Organization) {
  return { id, name, slug: row['slug'] ?? null };
}

/** A project (M146); to its members its public token is no secret. */
export function projectBody({ id, organizationId, name, row }: Project) {
  return {
    id,
    uuid: row['uuid'] ?? null,
    organization: organizationId,
    name,
    api_token: row['api_token'] ?? null,
    timezone: row['timezone'] ?? 'UTC',
    is_demo: row['is_demo'] === true,
    created_at: apiTime(textIn(row['created_at'])),
  };
}

const settings = [
  'autocapture_opt_out',
  'autocapture_exceptions_opt_in',
  'autocapture_web_vitals_opt_in',
  'heatmaps_opt_in',
  'surveys_opt_in',
  'inject_web_apps',
  'capture_performance_opt_in',
  'capture_console_log_opt_in',
  'capture_dead_clicks',
  'session_recording_opt_in',
  'app_urls',
  'recording_domains',
] as const;

/** What is set of a project besides its name (M148). */
export function projectSettings({ row }: Project): Readonly<Record<string, unknown>> {
  return Object.fromEntries(settings.map((name) => [name, row[name] ?? null]));
}

/** Text as it is, and null for anything else. */
export function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export const projectShape = z
  .object({
    id: z.number().int(),
    uuid: z.string().nullable(),
    organization: z.string(),
    name: z.string(),
    api_token: z.string().nullable(),
    timezone: z.string(),
    is_demo: z.boolean(),
    created_at: z.string().nullable(),
  })
  .openapi('Project');

export const organizationShape = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string().nullable(),
    created_at: z.string().nullable(),
    membership_level: z.number().int(),
    teams: z.array(projectShape).optional(),
    projects: z.array(projectShape).optional(),
  })
  .openapi('Organization');

/** A page of something (M23). */
export function pageShape(item: z.ZodType) {
  return z.object({
    count: z.number().int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    results: z.array(item),
  });
}
