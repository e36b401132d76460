import { z } from '@hono/zod-openapi';
import { endpoint, ok } from '../frame/endpoint.ts';
import type { WritePolicy } from '../frame/write-policy.ts';

/** What a page has to know before anybody is signed in: how that is done, and where flags are changed (K74, M200 to M202). */
export const instanceEndpoint = endpoint({
  method: 'get',
  place: 'root',
  path: '/halyard/instance/',
  access: { only: 'nobody in particular' },
  changes: 'nothing',
  summary: 'How people sign in here, and where flags are changed',
  answers: {
    200: z.object({
      sign_in: z
        .enum(['password', 'key'])
        .openapi({ description: 'key: the users are PostHog’s, and come with a personal key of theirs.' }),
      changes: z.enum(['here', 'forwarded', 'posthog', 'nowhere']).openapi({
        description: 'forwarded: PostHog carries them out; posthog: only there; nowhere: HALYARD_READ_ONLY.',
      }),
      posthog_url: z.string().nullable().openapi({ description: 'Where PostHog is, when a setting says so.' }),
    }),
  },
  handle: async ({ services }) => {
    const writes = await services.writes();
    return ok({
      sign_in: writes.belongsToPostHog ? ('key' as const) : ('password' as const),
      changes: placeOfChanges(writes),
      posthog_url: writes.belongsToPostHog ? (writes.posthogUrl ?? null) : null,
    });
  },
});

function placeOfChanges({ readOnly, belongsToPostHog, onPostHog }: WritePolicy) {
  if (readOnly) return 'nowhere' as const;
  if (!belongsToPostHog || onPostHog === 'direct') return 'here' as const;
  return onPostHog === 'forward' ? ('forwarded' as const) : ('posthog' as const);
}
