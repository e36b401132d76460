import type { Logger } from 'pino';

/**
 * What hears whether a Redis can be used, and logs it: a line when it can, another when it cannot any more.
 *
 * @param there what can be done with it
 * @param away what that means
 */
export function logRedis(
  logger: Logger,
  there: string,
  away: string,
): (up: boolean, error: { readonly kind: string } | null) => void {
  return (up, error) => {
    if (up) logger.info(there);
    else logger.warn({ error_class: error?.kind, err: error }, away);
  };
}
