import { isObject, type JsonObject, type JsonValue } from '@halyard/json';
import type { EvaluationRequest } from 'halyard/host';
import type { Project } from '../posthog/ports.ts';
import { ownText, ownValue } from './own-value.ts';

/** A request as it is remembered: of what it said, only what some flag looks at (M195). */
export interface RecentRequest
  extends Pick<
    EvaluationRequest,
    | 'distinctId'
    | 'deviceId'
    | 'anonDistinctId'
    | 'groups'
    | 'personProperties'
    | 'groupProperties'
    | 'runtime'
    | 'evaluationContexts'
  > {
  /** When it was last seen, in milliseconds since the epoch. */
  readonly at: number;
  /** How often it was noted. */
  readonly times: number;
}

/** What is remembered of a project. */
export interface Remembered {
  /** One a subject, the newest last. */
  readonly requests: readonly RecentRequest[];
  /** Names of person properties that were sent, whether or not a flag looks at them. */
  readonly properties: readonly string[];
}

interface Ring {
  readonly bySubject: Map<string, RecentRequest>;
  readonly properties: Set<string>;
}

const SUBJECTS = 2_000;
/** Of all projects together. */
const SUBJECTS_IN_ALL = 20_000;
const PROPERTY_NAMES = 500;
const LONGEST_NAME = 200;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Noted at most within so many milliseconds: a sample is enough, and a flood costs no more than this. */
const MOST_WAITING = 25;
const WAIT_MS = 250;
/** A larger body is not remembered, so that memory has a bound. */
const LARGEST_BODY = 16 * 1024;

/**
 * The recent requests of each project (M195), in memory alone. While a request is answered a reference is kept and nothing else; what is not
 * looked at by any flag is left out a moment later.
 */
export class RecentRequests {
  readonly #clock: () => number;
  /** By team; the one that was noted last is the last. */
  readonly #rings = new Map<number, Ring>();
  #waiting: { readonly project: Project; readonly request: EvaluationRequest }[] = [];
  #subjects = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #sweep: NodeJS.Timeout;

  /** @param clock milliseconds since the epoch */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#sweep = setInterval(() => this.#forgetOld(), HOUR_MS).unref();
  }

  /** Notes a request, or not: of many, some. @param bytes of its body */
  note(project: Project, request: EvaluationRequest, bytes: number): void {
    const waiting = this.#waiting;
    if (waiting.length >= MOST_WAITING || bytes > LARGEST_BODY) return;
    if (waiting.length === 0) this.#timer = setTimeout(() => this.#takeIn(), WAIT_MS).unref();
    waiting.push({ project, request });
  }

  /** What is remembered of a project. */
  of(teamId: number): Remembered {
    clearTimeout(this.#timer);
    this.#takeIn();
    this.#forgetOld();
    const ring = this.#rings.get(teamId);
    return ring === undefined
      ? { requests: [], properties: [] }
      : { requests: [...ring.bySubject.values()], properties: [...ring.properties] };
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#sweep);
    this.#waiting = [];
    this.#rings.clear();
  }

  #takeIn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { project, request } of waiting) this.#remember(project, request);
  }

  #remember({ teamId, program }: Project, request: EvaluationRequest): void {
    const ring = this.#rings.get(teamId) ?? {
      bySubject: new Map<string, RecentRequest>(),
      properties: new Set<string>(),
    };
    this.#rings.delete(teamId);
    this.#rings.set(teamId, ring);
    const before = ring.bySubject.get(request.distinctId);
    const kept = lookedAt(request, program);
    const { distinctId } = kept;
    if (before === undefined) this.#subjects += 1;
    else ring.bySubject.delete(distinctId);
    ring.bySubject.set(distinctId, { ...kept, at: request.now, times: (before?.times ?? 0) + 1 });
    if (ring.bySubject.size > SUBJECTS) this.#forgetOldest(ring);
    noteNames(ring.properties, request.personProperties);
    while (this.#subjects > SUBJECTS_IN_ALL) this.#forgetProject();
  }

  #forgetOldest({ bySubject }: Ring): void {
    for (const subject of bySubject.keys()) {
      bySubject.delete(subject);
      this.#subjects -= 1;
      return;
    }
  }

  /** Of the projects, the one that nobody has asked for longest. */
  #forgetProject(): void {
    for (const [teamId, ring] of this.#rings) {
      if (this.#rings.size === 1) this.#forgetOldest(ring);
      else {
        this.#rings.delete(teamId);
        this.#subjects -= ring.bySubject.size;
      }
      return;
    }
  }

  #forgetOld(): void {
    const before = this.#clock() - DAY_MS;
    for (const [teamId, ring] of this.#rings) {
      for (const { at } of ring.bySubject.values()) {
        if (at >= before) break;
        this.#forgetOldest(ring);
      }
      if (ring.bySubject.size === 0) this.#rings.delete(teamId);
    }
  }
}

function noteNames(names: Set<string>, properties: JsonObject | undefined): void {
  for (const name in properties) {
    if (names.size >= PROPERTY_NAMES) return;
    if (name.length <= LONGEST_NAME && !names.has(name)) names.add(ownText(name));
  }
}

type Looks = Pick<Project['program'], 'reads' | 'figures'>;

function lookedAt(request: EvaluationRequest, { reads, figures }: Looks): Omit<RecentRequest, 'at' | 'times'> {
  const { distinctId, deviceId, anonDistinctId, runtime, evaluationContexts } = request;
  const types = reads?.groups ?? new Map<string, readonly string[]>();
  const groupProperties = Object.entries(request.groupProperties ?? {}).flatMap(([type, properties]) => {
    const keys = types.get(type);
    const kept = keys === undefined || !isObject(properties) ? undefined : picked(properties, keys);
    return kept === undefined ? [] : [[ownText(type), kept] as const];
  });
  return {
    distinctId: ownText(distinctId),
    deviceId: deviceId === undefined || !((figures?.onDevice.size ?? 0) > 0) ? undefined : ownText(deviceId),
    anonDistinctId:
      anonDistinctId === undefined || !((figures?.continuity.size ?? 0) > 0) ? undefined : ownText(anonDistinctId),
    runtime,
    evaluationContexts: evaluationContexts?.map(ownText),
    groups: picked(request.groups, [...types.keys()]),
    personProperties: picked(request.personProperties, reads?.person ?? []),
    groupProperties: groupProperties.length === 0 ? undefined : Object.fromEntries(groupProperties),
  };
}

/** The members of these names; undefined: none of them is there. */
function picked(members: JsonObject | undefined, names: readonly string[]): JsonObject | undefined {
  if (members === undefined || names.length === 0) return undefined;
  const found: [string, JsonValue][] = [];
  for (const name of names) {
    if (Object.hasOwn(members, name)) found.push([name, ownValue(members[name] ?? null)]);
  }
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
