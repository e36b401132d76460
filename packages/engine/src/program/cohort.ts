import type { FailureCode } from '../reasons.ts';
import type { PersonFilter } from './filter.ts';

/** A cohort that flags use, with everything that is wrong with it found beforehand. */
export interface CompiledCohort {
  /** Its place among the memberships that one evaluation decides. */
  readonly number: number;
  /** Why every flag that uses this cohort fails, or `null` (E126, E133). */
  readonly problem: FailureCode | null;
  /** Has leaves about behaviour, which cannot be evaluated here (E129). */
  readonly behavioural: boolean;
  /** The cohorts to decide in this order: those it refers to, each once (E132), itself last. */
  readonly steps: readonly CohortStep[];
}

/** One cohort to decide once those before it are. */
export interface CohortStep {
  readonly number: number;
  readonly id: number;
  readonly test: MembershipTest;
}

/** How membership is told (E125 to E128). */
export type MembershipTest =
  /** By the stored members of the cohort of that id. */
  | { readonly kind: 'static'; readonly id: number }
  | { readonly kind: 'any' | 'all'; readonly of: readonly MembershipTest[] }
  | { readonly kind: 'filter'; readonly filter: PersonFilter; readonly negation: boolean }
  /** By membership in another cohort, decided before; `wanted` is the membership that passes. */
  | { readonly kind: 'cohort'; readonly number: number; readonly wanted: boolean; readonly negation: boolean }
  | { readonly kind: 'always'; readonly value: boolean }
  /** Fails the flag when evaluation reaches it (E126). */
  | { readonly kind: 'malformed' };
