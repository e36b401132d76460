import type { Row, Statement, Work } from '@halyard/data/management';

/** On whose behalf a command runs. Who may run it is decided before, at the door. */
export interface Actor {
  /** `null`: no user, such as the command line. */
  readonly userId: number | null;
  /** What it came through, as history shows it (M163): `console`, `key`, `cli`, `schedule`. */
  readonly via: string;
  /** The key's label, where it is a key. */
  readonly label?: string;
  /** A background job: history calls it the system. */
  readonly isSystem?: boolean;
  /** Level 8 or above in the organization (M16). */
  readonly isAdmin: boolean;
}

/** What every command is told. */
export interface CommandContext {
  readonly teamId: number;
  readonly organizationId: string | null;
  readonly actor: Actor;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For encrypted payloads; absent: no key is configured. */
  readonly secrets?: PayloadSecrets;
}

/** Seals and opens encrypted payloads with the configured keys (H189). */
export interface PayloadSecrets {
  readonly seal: (text: string) => string;
  /** `null`: no key fits. */
  readonly open: (sealed: string) => string | null;
}

/** Asks one statement; the rows. */
export function* ask(statement: Statement): Work<readonly Row[]> {
  return yield statement;
}

/** The moment of a command as PostgreSQL reads it. */
export function timeOf({ now }: CommandContext): string {
  return new Date(now).toISOString();
}
