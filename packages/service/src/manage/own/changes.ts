import { endpoint } from '../frame/endpoint.ts';
import { throttled } from '../frame/api-error.ts';

const AGAIN_SECONDS = 30;

/** Changes of definitions, for pages that are open (M184, M196). */
export const changesEndpoint = endpoint({
  method: 'get',
  place: 'project',
  own: true,
  path: '/changes/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Server-sent events: what of the project was changed, with kind, id and version',
  answers: {
    200: 'text/event-stream: `open`, then `change` with {kind, id, key, version, removed}. Ends after a quarter of an hour: come again.',
    429: 'Too many are open.',
  },
  handle: async ({ caller, project, services }) => {
    if (!services.streams.hasRoom(caller.user.id)) throw throttled(AGAIN_SECONDS);
    const stream = await services.streams.open(project.teamId, caller.user.id);
    // Proxies that gather answers would keep each event back.
    return { status: 200, stream, headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } };
  },
});
