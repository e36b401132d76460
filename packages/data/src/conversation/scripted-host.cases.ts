import type { FactPlan } from '@halyard/engine';
import type { PoolName } from '../pool-names.ts';
import type { Row } from '../statements/statement.ts';
import { classifyError } from './classify-error.ts';
import { Store, type StorePolicies } from './store.ts';
import type { Answer, Ask, Conversation } from './wish.ts';

/** What a host may say about a statement: a row (its ticket is put in), no ticket of ours at all, no row, or an SQLSTATE. */
export type Said = Row | { readonly alien: Row } | 'nothing' | { readonly code: string };

/** The kinds of statements, each by something that only its text has. */
const signs = {
  tables: /pg_attribute/,
  'sticky keys': /insert into posthog_featureflaghashkeyoverride/,
  lag: /pg_is_in_recovery\(\) then false/,
  project: /t\.api_token = \$1/,
  revision: /t\.api_token = \$2/,
  flags: /as flags,/,
  cohorts: /as cohorts,/,
  'group types': /as mapping,/,
  'group types revision': /as revision, \$2::text as asked\nfrom posthog_grouptypemapping/,
  notice: /pg_notify/,
  facts: /x\.person/,
  key: /k\.secure_value|secret_api_token/,
} as const;

export type StatementKind = keyof typeof signs;

export function kindOf(ask: Ask): StatementKind {
  const text = ask.statement.text;
  const found = (Object.keys(signs) as StatementKind[]).find((kind) => signs[kind].test(text));
  if (found === undefined) throw new Error(`a statement of no kind: ${text}`);
  return found;
}

/** What is said about a kind of statement at a pool; a function is asked each time. */
export type Script = Partial<Record<StatementKind, Said | ((pool: PoolName) => Said)>>;

/** What the tables look like when nothing else is said. */
const plainTables: Row = { can_lock_persons: 'true', announces_changes: 'true', contexts: 'true' };

/** A host that says what a script says, has a clock of its own and no chance, and writes down what it was asked. */
export class ScriptedHost {
  script: Script;
  now = 0;
  chance = 0.5;
  /** `facts @ persons reader`; those of one wish are joined by ` + `. */
  readonly asked: string[] = [];
  /** The same as they were asked. */
  readonly asks: Ask[] = [];
  readonly pauses: number[] = [];
  readonly reported: unknown[] = [];
  readonly store: Store;

  constructor(script: Script = {}, policies: Partial<StorePolicies> = {}) {
    this.script = script;
    this.store = new Store({
      clock: () => this.now,
      chance: () => this.chance,
      readerMayLag: false,
      report: (error) => this.reported.push(error),
      ...policies,
    });
  }

  run<Result>(conversation: Conversation<Result>): Result {
    let step = conversation.next();
    while (step.done !== true) {
      const wish = step.value;
      if ('pauseMs' in wish) {
        this.pauses.push(wish.pauseMs);
        this.now += wish.pauseMs;
        step = conversation.next([]);
        continue;
      }
      this.asks.push(...wish.ask);
      this.asked.push(wish.ask.map((ask) => `${kindOf(ask)} @ ${ask.pool}`).join(' + '));
      step = conversation.next(wish.ask.map((ask) => this.#answer(ask)));
    }
    return step.value;
  }

  /** What was asked since the last time, but for looks at the tables. */
  since(): string[] {
    return this.asked.splice(0).filter((asked) => !asked.startsWith('tables'));
  }

  /** The same for a driver: rejects with what a client of PostgreSQL throws. */
  async rows(ask: Ask): Promise<readonly Row[]> {
    this.asked.push(`${kindOf(ask)} @ ${ask.pool}`);
    const said = this.#said(ask);
    if (said !== 'nothing' && 'code' in said) throw Object.assign(new Error('failed'), { code: said.code });
    return this.#answer(ask) as readonly Row[];
  }

  #said(ask: Ask): Said {
    const kind = kindOf(ask);
    const entry = this.script[kind];
    return typeof entry === 'function' ? entry(ask.pool) : (entry ?? (kind === 'tables' ? plainTables : {}));
  }

  #answer(ask: Ask): Answer {
    const said = this.#said(ask);
    if (said === 'nothing') return [];
    if ('code' in said) return classifyError(Object.assign(new Error('failed'), { code: said.code }), ask.pool, false);
    if ('alien' in said) return [said.alien as Row];
    return [{ ...said, asked: ask.ticket }];
  }
}

export function planOf(part: Partial<FactPlan> = {}): FactPlan {
  return {
    teamId: 1,
    distinctId: 'ann',
    person: { keys: ['email'], createdAt: false },
    groups: [],
    staticCohorts: [],
    stickyKeys: null,
    ...part,
  };
}

/** A request that brings an anonymous id, with one flag to keep. */
export function signingIn(distinctId = 'ann', hashKey = 'visitor'): FactPlan {
  return planOf({ distinctId, stickyKeys: { anonDistinctId: hashKey, write: { flagKeys: ['kept'], hashKey } } });
}

/** A request of the same user later. */
export function signedIn(distinctId = 'ann'): FactPlan {
  return planOf({ distinctId, stickyKeys: { anonDistinctId: null, write: null } });
}
