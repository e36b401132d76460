import type { HttpResponse } from '../../http/messages.ts';
import { Failure, failureResponse } from '../wire/failure.ts';
import type { Visit } from '../../http/route.ts';
import type { Bots } from './bots.ts';
import type { RateLimits, Ruling } from './rate-limits.ts';
import type { Exceeded } from './token-buckets.ts';

/** What stands in front of an evaluation. */
export interface GuardOptions {
  readonly limits: RateLimits | null;
  readonly bots: Bots | null;
  /** The answer to a bot (H63). */
  readonly minimal: () => HttpResponse;
  readonly evaluate: () => HttpResponse | Promise<HttpResponse>;
}

const TOO_MANY = 'This address or project asks more often than it may. Ask again later.';

/** Address, bot, token, in the order of H50; then the evaluation. */
export async function guarded({ request, record }: Visit, guard: GuardOptions): Promise<HttpResponse> {
  const { limits, bots } = guard;
  const refused = ({ waitMs }: Exceeded): HttpResponse =>
    failureResponse(new Failure('rate_limit_exceeded', TOO_MANY, waitMs), record);
  const byAddress: Ruling = (await limits?.address(record)) ?? 'served';
  if (typeof byAddress === 'object') return refused(byAddress);
  if (bots?.isBot(record) === true && bots.mode === 'on') return guard.minimal();
  const byToken: Ruling = (await limits?.token(request, record)) ?? 'served';
  if (typeof byToken === 'object') return refused(byToken);
  const response = await guard.evaluate();
  return response.status === 200 && (byAddress === 'warned' || byToken === 'warned') ? warned(response) : response;
}

/** H98. */
function warned(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...response.headers, 'x-posthog-rate-limit-warning': 'true' } };
}
