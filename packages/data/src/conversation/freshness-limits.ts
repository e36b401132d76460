/** How long things last, in milliseconds. They are spread by a tenth, so that projects do not march in step. */
export interface FreshnessLimits {
  /** How long a snapshot is used before a request causes a look at its revision. Default 2 s. */
  readonly checkAfterMs: number;
  /** The same while notices arrive. Default 30 s. */
  readonly listeningCheckAfterMs: number;
  /** How long a snapshot that nobody asks for goes without a look. Default 60 s (H223: at most 90). */
  readonly idleCheckAfterMs: number;
  /** Pause after a failed look; it doubles up to `longestRetryMs`. Default 1 s. */
  readonly retryAfterMs: number;
  /** Default 15 s. */
  readonly longestRetryMs: number;
  /** How long an unknown token is remembered (H43). Default 30 s. */
  readonly unknownForMs: number;
}

export const defaultLimits: FreshnessLimits = {
  checkAfterMs: 2_000,
  listeningCheckAfterMs: 30_000,
  idleCheckAfterMs: 60_000,
  retryAfterMs: 1_000,
  longestRetryMs: 15_000,
  unknownForMs: 30_000,
};
