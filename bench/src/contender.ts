import type { UserRow } from './workload.ts';

/** Something that evaluates all flags of a workload for one user, in this process. */
export interface Contender {
  readonly name: string;
  /** All flags of one user: key → value. Only for checking that contenders agree. */
  values(user: UserRow): Promise<Readonly<Record<string, boolean | string>>>;
  /** Evaluates all flags of every user once; what is measured. Returns something that depends on every answer. */
  round(users: readonly UserRow[]): number | Promise<number>;
  close(): Promise<void>;
}
