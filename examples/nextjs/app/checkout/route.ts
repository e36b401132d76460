// Flags in a Next.js route handler, from Halyard's service through PostHog's own SDK. In the environment of the application:
//
//   HALYARD_URL=http://127.0.0.1:8000  HALYARD_TOKEN=phc_…
import { PostHog } from 'posthog-node';

// Once per process, not per request.
const posthog = new PostHog(process.env['HALYARD_TOKEN'] ?? '', {
  host: process.env['HALYARD_URL'] ?? 'http://127.0.0.1:8000',
});

/** `GET /checkout?user=ada` */
export async function GET(request: Request): Promise<Response> {
  const user = new URL(request.url).searchParams.get('user');
  if (user === null) return Response.json({ error: 'user is missing' }, { status: 400 });
  const flags = await posthog.getAllFlags(user, { personProperties: { signed_in: 'true' } });
  return Response.json({
    checkout: flags['new-checkout'] === true ? 'new' : 'old',
    colour: flags['button-colour'],
  });
}
