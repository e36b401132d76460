import { Counter, type Registry } from 'prom-client';

/** A counter without labels that counts in a number and is looked at when it is asked for: for what every request counts. */
export function plainCounter(registry: Registry, name: string, help: string): { inc(): void } {
  let count = 0;
  registry.registerMetric(
    new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        this.inc(count);
      },
    }),
  );
  return { inc: () => void (count += 1) };
}
