/** One flag's definition as the local-evaluation endpoint serves it. */
export interface FlagRow {
  readonly id: number;
  readonly key: string;
  readonly filters: {
    readonly groups: readonly ConditionRow[];
    readonly multivariate: { readonly variants: readonly { key: string; rollout_percentage: number }[] } | null;
    readonly payloads: Readonly<Record<string, string>>;
  };
  readonly [member: string]: unknown;
}

export interface ConditionRow {
  readonly properties: readonly FilterRow[];
  readonly rollout_percentage: number;
  readonly variant: null;
}

export interface FilterRow {
  readonly key: string;
  readonly type: 'person';
  readonly operator: 'exact' | 'icontains' | 'gt';
  readonly value: string | number | readonly string[];
}

/** One user, in the form in which the engine is asked. */
export interface UserRow {
  readonly distinctId: string;
  readonly personProperties: Readonly<Record<string, string | number>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Workload {
  readonly flags: readonly FlagRow[];
  readonly users: readonly UserRow[];
}

const USERS = 1024;
const COUNTRIES = 60;
const NOW = Date.UTC(2026, 0, 1);

/**
 * Flags with two conditions of two filters each (an exact list of twenty, and either a substring or a number), half rolled out,
 * every fifth with variants; users whose properties make about half of the conditions pass. The same seed gives the same workload.
 */
export function makeWorkload(flagCount: number, seed = 1): Workload {
  const next = generator(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const flags = Array.from({ length: flagCount }, (_, i): FlagRow => {
    const condition = (): ConditionRow => ({
      properties: [
        {
          key: 'country',
          type: 'person',
          operator: 'exact',
          value: sample(next, COUNTRIES, 20).map((n) => `country-${n}`),
        },
        next() < 0.5
          ? { key: 'email', type: 'person', operator: 'icontains', value: pick(['example', '@mail', 'corp', '.io']) }
          : { key: 'age', type: 'person', operator: 'gt', value: 20 + Math.floor(next() * 40) },
      ],
      rollout_percentage: 50,
      variant: null,
    });
    const variants = [
      { key: 'control', rollout_percentage: 50 },
      { key: 'test', rollout_percentage: 50 },
    ];
    return {
      id: i + 1,
      team_id: 1,
      key: `bench-flag-${i + 1}`,
      name: '',
      active: true,
      deleted: false,
      version: 1,
      ensure_experience_continuity: false,
      filters: { groups: [condition(), condition()], multivariate: i % 5 === 4 ? { variants } : null, payloads: {} },
    };
  });
  const users = Array.from(
    { length: USERS },
    (_, i): UserRow => ({
      distinctId: `user-${i}-${Math.floor(next() * 1e9).toString(36)}`,
      now: NOW,
      personProperties: {
        country: `country-${Math.floor(next() * COUNTRIES)}`,
        email: `person${i}@${pick(['mail.example.com', 'corp.test', 'startup.io', 'home.net'])}`,
        age: 18 + Math.floor(next() * 60),
      },
    }),
  );
  return { flags, users };
}

/** A deterministic stream of numbers in [0, 1) (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function sample(next: () => number, from: number, count: number): number[] {
  const picked = new Set<number>();
  while (picked.size < count) picked.add(Math.floor(next() * from));
  return [...picked];
}
