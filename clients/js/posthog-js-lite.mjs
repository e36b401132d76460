import { PostHog } from 'posthog-js-lite';
import { oneUser } from './one-user.mjs';
import { serve } from './serve.mjs';

// In Node there is nothing to keep state in, and no history of pages to watch.
await serve(oneUser((token, options) => new PostHog(token, { ...options, persistence: 'memory' })));
