/** Work that is done again and again beside everything else, and never twice at a time. */
export interface Repeating {
  /** Does it now; while it is under way, waits for that. Never rejects. */
  readonly run: () => Promise<void>;
  /** Begins it no more, and waits for what is under way. */
  readonly stop: () => Promise<void>;
}

/** Begins: the first time `everyMs` from now. It keeps no process alive. */
export function startRepeating(
  work: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
): Repeating {
  let underWay: Promise<void> | undefined;
  const run = (): Promise<void> =>
    (underWay ??= work()
      .catch(onError)
      .finally(() => void (underWay = undefined)));
  const timer = setInterval(() => void run(), everyMs).unref();
  return {
    run,
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
