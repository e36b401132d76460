import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { throttled } from './api-error.ts';

const SECONDS = 900;

/** How often somebody may try to sign in: ten times in a quarter of an hour for one address of mail from one client, and a hundred for a client (M185). */
export class SignInLimits {
  readonly #pair = new RateLimiterMemory({ points: 10, duration: SECONDS });
  readonly #client = new RateLimiterMemory({ points: 100, duration: SECONDS });

  /**
   * Counts a try, before anything is looked up.
   *
   * @throws {ApiError} 429 with the seconds to wait
   */
  async count(email: string, client: string): Promise<void> {
    try {
      await this.#client.consume(client);
      await this.#pair.consume(pairOf(email, client));
    } catch (error) {
      if (error instanceof RateLimiterRes) throw throttled(error.msBeforeNext / 1000);
      throw error;
    }
  }

  /** It was the right one. */
  async forget(email: string, client: string): Promise<void> {
    await this.#pair.delete(pairOf(email, client));
  }
}

function pairOf(email: string, client: string): string {
  return JSON.stringify([email.toLowerCase(), client]);
}
