import type { JsonObject, JsonValue } from '@halyard/json';
import { type Budget, createBudget } from '@halyard/pattern';
import { type Facts, isFailure, type PersonFacts } from '../facts.ts';
import { GroupContext, NO_GROUPS } from '../groups.ts';
import { Cell } from '../operators/cell.ts';
import type { Moment } from '../operators/outcome.ts';
import type { GroupFilter, PersonFilter } from '../program/filter.ts';
import type { ProgramParts } from '../program/program.ts';
import { CREATED_AT, type GroupProperty, type PersonProperty } from '../program/property.ts';
import type { FailureCode } from '../reasons.ts';
import type { EvaluationRequest } from '../request.ts';
import type { FlagResult } from '../result.ts';
import { places } from './places.ts';
import type { Subjects } from './subjects.ts';
import type { Trace } from './trace.ts';

const NOTHING: JsonObject = Object.freeze({});
/** E86: what a group filter without a group type index reads. */
const UNRESOLVED = new Cell(undefined, 'missing');

/** A flag's value for those that depend on it; `false` for one that is not evaluated in this request (E141, E144). */
export type Recorded = FlagResult | false;

/** Whether the person is in a cohort; or why the flag that asks fails (E161). */
export type Membership = boolean | FailureCode;

/**
 * Everything that one evaluation knows: what the request says, the facts, and what it has looked up and decided so far. Made for one
 * evaluation and dropped after it, so that no request can meet what belongs to another.
 */
export class EvaluationState implements Moment {
  // Declared only, as in `Cell`: the constructor assigns every field.
  declare readonly request: EvaluationRequest;
  declare readonly groups: GroupContext;
  /** `null` when there is no such person, or it was not loaded. */
  declare readonly person: PersonFacts | null;
  declare readonly trace: Trace;
  declare readonly subjects: Subjects;
  declare private searchBudget: Budget | null;
  declare private readonly program: ProgramParts;
  declare private readonly facts: Facts | null;
  /** By property number: the values looked up so far. */
  declare private readonly cells: (Cell | undefined)[];
  /** By cohort number: memberships decided so far. */
  declare private memberships: (Membership | undefined)[] | null;
  /** By flag position: results so far. */
  declare private results: (FlagResult | undefined)[] | null;

  /** `subjects` are empty and lent to this evaluation alone. */
  constructor(
    program: ProgramParts,
    request: EvaluationRequest,
    facts: Facts | null,
    trace: Trace,
    subjects: Subjects,
  ) {
    this.request = request;
    this.groups =
      request.groups === undefined && request.groupProperties === undefined
        ? NO_GROUPS
        : new GroupContext(program.groupTypes, request, facts);
    this.person = facts === null ? null : personOf(request, facts);
    this.trace = trace;
    this.subjects = subjects;
    subjects.person.set(request.distinctId);
    this.searchBudget = null;
    this.program = program;
    this.facts = facts;
    this.cells = places(program.propertyCount);
    this.memberships = null;
    this.results = null;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.request.now;
  }

  /** E159: the group type mapping could not be loaded. */
  get mappingFailed(): boolean {
    return this.program.groupTypes === null;
  }

  /** E105a: what all pattern searches of the request may cost together, those in cohorts included. */
  get budget(): Budget {
    return (this.searchBudget ??= createBudget());
  }

  /** Identifiers beside the distinct id; `null` when the request has none. */
  get deviceId(): string | null {
    return this.request.deviceId || null;
  }

  get anonDistinctId(): string | null {
    return this.request.anonDistinctId || null;
  }

  /** The stored hash key for a flag (E157). */
  stickyKey(flagKey: string): string | undefined {
    const keys = this.facts?.stickyKeys;
    return keys === undefined || keys === null || isFailure(keys) ? undefined : keys.get(flagKey);
  }

  /** E124: cohort memberships can be told. */
  get cohortsPrepared(): boolean {
    const facts = this.facts;
    if (facts === null || this.request.onlyUseOverridePersonProperties === true) return false;
    return !isFailure(facts.person) && this.program.cohortsFailure === null;
  }

  /** E184: a person property that is not there is known not to be there. */
  get personComplete(): boolean {
    if (this.request.onlyUseOverridePersonProperties === true) return true;
    return this.facts !== null && !isFailure(this.facts.person);
  }

  /** The merged person property (E145 to E148), looked up at most once. */
  personProperty(property: PersonProperty): Cell {
    return (this.cells[property.number] ??= this.lookUp(property));
  }

  /** What a filter on a property sees: the person's or else that of the request's group (E86, E150), looked up at most once. */
  seenBy(filter: PersonFilter | GroupFilter): Cell {
    return (this.cells[filter.place] ??= this.lookUpFor(filter));
  }

  /** Membership in the cohort of that number, as decided before; `undefined` when it was not. */
  membership(cohort: number): Membership | undefined {
    return this.memberships?.[cohort];
  }

  decideMembership(cohort: number, membership: Membership): void {
    const memberships = (this.memberships ??= places(this.program.cohortCount));
    memberships[cohort] = membership;
  }

  /** The value for others of the flag at that position; every flag comes after those it depends on. */
  recorded(position: number): Recorded {
    return this.results?.[position] ?? false;
  }

  record(position: number, result: FlagResult): void {
    const recorded = (this.results ??= places(this.program.keys.length));
    recorded[position] = result;
  }

  private lookUpFor(filter: PersonFilter | GroupFilter): Cell {
    if (filter.kind === 'person') return this.lookUp(filter.property);
    return filter.property === null ? UNRESOLVED : this.lookUpInGroup(filter.property);
  }

  private lookUp(property: PersonProperty): Cell {
    const sent = this.sentValue(property.key, property.inherited);
    return sent === undefined ? this.lookUpUnsent(property) : new Cell(sent, 'request');
  }

  private lookUpUnsent({ key, inherited, fallbacks }: PersonProperty): Cell {
    const stored = this.storedValue(key, inherited);
    if (stored !== undefined) return new Cell(stored, 'stored');
    for (const name of fallbacks) {
      const other = this.sentValue(name, false);
      const value = other !== undefined ? other : this.storedValue(name, false);
      if (value !== undefined) return new Cell(value, 'filled');
    }
    return new Cell(undefined, this.personUnknown ? 'not_loaded' : 'missing');
  }

  private sentValue(key: string, inherited: boolean): JsonValue | undefined {
    const { personProperties = NOTHING, distinctId } = this.request;
    const value = own(personProperties, key, inherited);
    return value === undefined && key === 'distinct_id' ? distinctId : value; // E146
  }

  private storedValue(key: string, inherited: boolean): JsonValue | undefined {
    const { person } = this;
    if (person === null) return undefined;
    const value = own(person.properties, key, inherited);
    return value === undefined && key === CREATED_AT ? person.createdAt : value; // E87
  }

  /** E88: stored person properties should be known but could not be loaded. */
  private get personUnknown(): boolean {
    return this.facts !== null && this.request.onlyUseOverridePersonProperties !== true && isFailure(this.facts.person);
  }

  private lookUpInGroup({ index, key }: GroupProperty): Cell {
    const { groups } = this;
    const value = groups.property(index, key);
    if (value !== undefined) return new Cell(value, groups.hasOverride(index, key) ? 'request' : 'stored');
    return new Cell(undefined, groups.isUnknown(index) ? 'not_loaded' : 'missing');
  }
}

/** The person whose stored properties count; with the option of E145 nobody's do. */
function personOf(request: EvaluationRequest, { person }: Facts): PersonFacts | null {
  return request.onlyUseOverridePersonProperties === true || isFailure(person) ? null : person;
}

/** Own member of an object; plain access is enough for a name that no object inherits. */
function own(object: JsonObject, key: string, inherited: boolean): JsonValue | undefined {
  return !inherited || Object.hasOwn(object, key) ? object[key] : undefined;
}
